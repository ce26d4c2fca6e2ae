"""Treasury's buttons on a guarantee: received, asked for, decided by somebody else."""

from __future__ import annotations

from flask import Blueprint, request
from werkzeug.wrappers import Response

from cac.treasury import guarantee
from cac.treasury.pressing import pressed, settle_by
from cac.treasury.rules import GuaranteeAmount
from core.clock import now_utc
from core.money import parse_soles
from web.access import current_principal, requires
from web.api import write_once

bp = Blueprint("guarantee", __name__, url_prefix="/tesoreria/cabinas/<code>/garantias")


@bp.post("")
@requires("treasury.write")
def receive(code: str) -> Response:
    def settle() -> str:
        settle_by(
            guarantee.receive, code, centimos=_soles(), reference=request.form.get("referencia", ""), now=now_utc()
        )
        return "Garantía recibida. La cabina lo sabrá en cuanto se conecte."

    return pressed(settle, code)


@bp.post("/pedidos")
@requires("treasury.write")
def ask(code: str) -> Response:
    def settle() -> str:
        write_once(
            guarantee.ask,
            code,
            kind=request.form.get("kind", ""),
            centimos=_soles(),
            motivo=request.form.get("motivo", ""),
            principal=current_principal(),
            now=now_utc(),
        )
        return "Pedido anotado. Debe aprobarlo otra persona de Tesorería con su propia cuenta."

    return pressed(settle, code)


@bp.post("/pedidos/<int:order_id>/aprobaciones")
@requires("treasury.write")
def approve(code: str, order_id: int) -> Response:
    def settle() -> str:
        settle_by(guarantee.decide, code, order_id, approved=True, now=now_utc())
        return "Aprobado: la garantía se movió y quedó en la cuenta de la cabina."

    return pressed(settle, code)


@bp.post("/pedidos/<int:order_id>/rechazos")
@requires("treasury.write")
def refuse(code: str, order_id: int) -> Response:
    def settle() -> str:
        settle_by(guarantee.decide, code, order_id, approved=False, now=now_utc())
        return "Pedido rechazado: la garantía queda como estaba."

    return pressed(settle, code)


def _soles() -> int:
    try:
        return parse_soles(request.form.get("importe", ""))
    except ValueError:
        raise GuaranteeAmount("Escriba el importe en soles, como 300.00.", field="importe") from None
