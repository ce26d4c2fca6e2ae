"""`/api/v1/caja`, `/remesas`, `/extornos`, `/cierres` of the till."""

from __future__ import annotations

from typing import Annotated, Any

from apiflask import APIBlueprint
from pydantic import Field, StrictInt

from cabinas.money import actions, queries
from cabinas.money.routes import enter_code
from cabinas.money.state import drawer
from cabinas.till import till
from core.clock import now_utc
from web.access import current_principal, requires
from web.api import ApiModel, store, write_once

bp = APIBlueprint("money_api", __name__, url_prefix="/api/v1", tag="Caja")


class RemittanceIn(ApiModel):
    centimos: StrictInt
    reference: Annotated[str, Field(max_length=120)] = ""


class CodeIn(ApiModel):
    code: Annotated[str, Field(min_length=1, max_length=20)]


class ExtornoIn(ApiModel):
    number: Annotated[str, Field(max_length=60)]
    motivo: Annotated[str, Field(min_length=1, max_length=300)]


class CierreIn(ApiModel):
    counts: dict[str, StrictInt]


@bp.get("/caja")
@requires("caja")
def get_caja() -> dict[str, Any]:
    """Lo que hay de la Municipalidad, la comisión de hoy y lo que falta enviar."""
    with store().read() as session:
        seen = drawer(session, now=now_utc())
    answer = {
        "municipal_held_centimos": seen.municipal_held_centimos,
        "guarantee_centimos": seen.guarantee_centimos,
        "commission_today_centimos": seen.commission_today_centimos,
        "pending_sync": seen.pending,
    }
    return answer | ({"blocked": seen.blocked} if seen.blocked else {})


@bp.post("/remesas")
@requires("caja")
@bp.input(RemittanceIn, location="json", arg_name="sent")
def create_remittance(sent: RemittanceIn) -> tuple[dict[str, Any], int]:
    """Declara dinero llevado a Tesorería; la garantía se libera cuando Tesorería lo confirma."""
    till().refuse_without_space()
    answer = write_once(
        actions.declare_remittance,
        centimos=sent.centimos,
        reference=sent.reference,
        principal=current_principal(),
        device=till().device,
        now=now_utc(),
    )
    return answer, 201


@bp.post("/remesas/<remittance_id>/codigos")
@requires("caja")
@bp.input(CodeIn, location="json", arg_name="asked")
def create_code(remittance_id: str, asked: CodeIn) -> tuple[dict[str, Any], int]:
    """Confirma una remesa con el código que Tesorería dicta por teléfono; sirve una vez y por su importe."""
    return enter_code(remittance_id, asked.code, now=now_utc()), 201


@bp.get("/remesas")
@requires("caja")
def list_remittances() -> list[dict[str, Any]]:
    """Las remesas de esta cabina y lo que dijo Tesorería de cada una."""
    with store().read() as session:
        return [
            {
                "id": row.id,
                "centimos": row.centimos,
                "reference": row.reference,
                "state": row.state,
                "said": row.said,
                "at": row.at.isoformat(),
            }
            for row in queries.remittances(session)
        ]


@bp.post("/extornos")
@requires("caja")
@bp.input(ExtornoIn, location="json", arg_name="asked")
def create_extorno(asked: ExtornoIn) -> tuple[dict[str, Any], int]:
    """Declara la devolución de un cobro; la deuda sigue hasta que Tesorería la confirme."""
    till().refuse_without_space()
    answer = write_once(
        actions.declare_extorno,
        number=asked.number,
        motivo=asked.motivo,
        principal=current_principal(),
        device=till().device,
        now=now_utc(),
    )
    return answer, 201


@bp.post("/cierres")
@requires("caja")
@bp.input(CierreIn, location="json", arg_name="count")
def create_cierre(count: CierreIn) -> tuple[dict[str, Any], int]:
    """Cierra el día con el conteo a ciegas: cuántos hay de cada billete y moneda."""
    till().refuse_without_space()
    answer = write_once(
        actions.close_day,
        counts=count.counts,
        operator=current_principal().name,
        device=till().device,
        now=now_utc(),
    )
    return answer, 201
