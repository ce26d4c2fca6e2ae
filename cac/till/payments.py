"""A fee that was to be paid at the bank, seen paid: the case says so from then on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from cac.expedientes.actions.rows import append_move, find_case
from cac.expedientes.papers import METHOD_NAMES
from cac.expedientes.rules import after
from core.errors import Conflict, Invalid
from core.identity import clean_text
from web.access import Principal

REFERENCE_MAX = 60


class NotPending(Conflict):
    code, title = "pago.no_pendiente", "Nada pendiente"
    detail = "Ese expediente no tiene un pago pendiente: ya se registró, o no lo tuvo."


class ProofMissing(Invalid):
    code, title = "pago.sin_constancia", "Falta la constancia"
    detail = "Escriba el número de operación de la constancia."


def register_payment(
    session: Session, typed_number: str, *, reference: str, principal: Principal, now: datetime
) -> dict[str, Any]:
    """Somebody brought the proof of a pending payment. Raises ExpedienteUnknown, NotPending, ProofMissing, MoveNotAllowed."""
    case, reference = find_case(session, typed_number), clean_text(reference)[:REFERENCE_MAX]
    if not case.payment or case.payment["state"] != "pendiente":
        raise NotPending()
    if not reference:
        raise ProofMissing(field="reference")
    method = case.payment["method"]
    append_move(
        session,
        case,
        kind="pago",
        to_state=after("pago", case.state),
        principal=principal,
        now=now,
        note=f"{METHOD_NAMES[method]}, operación {reference}",
        detail={"reference": reference},
    )
    case.payment, case.unpaid = case.payment | {"state": "pagado", "reference": reference}, False
    return {"number": case.number, "state": "pagado", "method": method, "reference": reference}
