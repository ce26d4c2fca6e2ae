"""`/api/v1/expedientes` of the till."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from flask import Response

from cabinas.filing import actions, queries
from cabinas.filing.document import cargo_document
from cabinas.money.actions import CaseUnknown
from cabinas.till import till
from core.clock import now_utc
from intake.request import FilingRequest
from web.access import current_principal, requires
from web.api import store, write_once

bp = APIBlueprint("filing_api", __name__, url_prefix="/api/v1", tag="Expedientes")


@bp.post("/expedientes")
@requires("caja")
@bp.input(FilingRequest, location="json", arg_name="filing")
def create_expediente(filing: FilingRequest) -> tuple[dict[str, Any], int]:
    """Recibe un trámite con número definitivo, sin red."""
    till().refuse_without_space()
    answer = write_once(actions.file, filing, principal=current_principal(), device=till().device, now=now_utc())
    return answer, 201


@bp.get("/expedientes/<number>/cargo.pdf")
@requires("caja")
@bp.doc(responses={200: "El cargo en PDF."})
def get_cargo(number: str) -> Response:
    """El cargo como página A4."""
    return cargo_document(number)


@bp.get("/expedientes/<number>")
@requires("caja")
def get_expediente(number: str) -> dict[str, Any]:
    """Un trámite registrado en esta cabina."""
    with store().read() as session:
        case = queries.case(session, number)
        if case is None:
            raise CaseUnknown()
        return {
            **case.answer,
            "tramite": case.tramite,
            "tramite_name": case.tramite_name,
            "applicant_name": case.applicant,
            "operator": case.operator,
            "sent": queries.is_held(session, case),
        }
