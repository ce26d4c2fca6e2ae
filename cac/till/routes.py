"""`/caja` and `/devoluciones`: the cashier's page, and the same for programs."""

from __future__ import annotations

from typing import Annotated, Any

from apiflask import APIBlueprint
from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from pydantic import Field, StrictInt
from werkzeug.wrappers import Response

from cac.access.roles import may
from cac.expedientes.papers import METHOD_NAMES, Letterhead, letterhead
from cac.till import actions, queries, views
from cac.till.payments import register_payment
from core.cash import COINS, DENOMINATIONS, NOTES, typed_counts
from core.clock import now_utc
from core.errors import Rejected
from core.money import soles
from web.access import current_principal, requires
from web.api import ApiModel, store, write_once
from web.forms import told

bp = Blueprint("till", __name__)
api = APIBlueprint("till_api", __name__, url_prefix="/api/v1", tag="Caja")


class PaymentRequest(ApiModel):
    reference: Annotated[str, Field(max_length=60)] = ""


class CountRequest(ApiModel):
    counts: Annotated[dict[str, StrictInt], Field(max_length=len(DENOMINATIONS))]


# --- programs


@api.get("/caja")
@requires("cash.read")
def get_caja() -> dict[str, Any]:
    """What the caller's till took since its last count, and every till for treasury and auditor."""
    with store().read() as session:
        return views.as_json(views.till_view(session, current_principal()), principal=current_principal())


@api.post("/caja/cierres")
@requires("cash.write")
@api.input(CountRequest, arg_name="count")
def create_cierre(count: CountRequest) -> tuple[dict[str, Any], int]:
    """A blind count of the caller's till; the difference is in the answer."""
    return _close(count.counts), 201


@api.get("/devoluciones")
@requires("cash.read")
def list_devoluciones() -> dict[str, Any]:
    """Refund orders not yet paid, oldest first."""
    with store().read() as session:
        return {"devoluciones": [views.pending_json(order) for order in queries.pending_refunds(session)]}


@api.post("/devoluciones/<int:order_id>/pagos")
@requires("cash.write")
def create_pago(order_id: int) -> tuple[dict[str, Any], int]:
    """Pay a refund out of the caller's till, once."""
    return _pay(order_id), 201


@api.post("/expedientes/<number>/pagos")
@requires("cash.write")
@api.input(PaymentRequest, arg_name="seen")
def create_case_payment(number: str, seen: PaymentRequest) -> tuple[dict[str, Any], int]:
    """A pending payment is seen paid, by its proof."""
    return _register(number, seen.reference), 201


# --- people


@bp.get("/caja")
@requires("cash.read")
def caja() -> str:
    return _caja()


@bp.post("/caja/cierres")
@requires("cash.write")
def press_cierre() -> str | Response | tuple[str, int]:
    try:
        kind, said = views.close_words(_close(typed_counts(request.form)))
    except Rejected as refused:
        return _caja(told(refused)), refused.status
    flash(said, kind)
    return redirect(url_for("till.caja"), 303)


@bp.post("/devoluciones/<int:order_id>/pagos")
@requires("cash.write")
def press_pago(order_id: int) -> Response:
    try:
        paid = _pay(order_id)
        flash(f"Devolución de S/ {soles(paid['centimos'])} registrada ({METHOD_NAMES[paid['method']]}).", "bien")
    except Rejected as refused:
        flash(refused.detail, "error")
    return redirect(url_for("till.caja"), 303)


@bp.post("/caja/pagos")
@requires("cash.write")
def press_payment() -> str | Response | tuple[str, int]:
    try:
        paid = _register(request.form.get("numero", ""), request.form.get("reference", ""))
    except Rejected as refused:
        return _caja({"pago": refused.detail}), refused.status
    flash(f"Pago de {paid['number']} registrado con la operación {paid['reference']}.", "bien")
    return redirect(url_for("till.caja"), 303)


def _caja(errors: dict[str, str] | None = None) -> str:
    principal = current_principal()
    with store().read() as session:
        return render_template(
            "cac/till/caja.html",
            view=views.till_view(session, principal, chosen=request.args.get("de", "")),
            denominations=((NOTES, "Billetes"), (COINS, "Monedas")),
            may_write=may(principal.role, "cash.write"),
            methods=METHOD_NAMES,
            line_words=views.line_words,
            errors=errors or {},
            form=request.form,
        )


def _close(counts: dict[str, int]) -> dict[str, Any]:
    answer: dict[str, Any] = write_once(actions.close_till, counts=counts, principal=current_principal(), now=now_utc())
    return answer


def _register(number: str, reference: str) -> dict[str, Any]:
    answer: dict[str, Any] = write_once(
        register_payment, number, reference=reference, principal=current_principal(), now=now_utc()
    )
    return answer


def _pay(order_id: int) -> dict[str, Any]:
    answer: dict[str, Any] = write_once(
        actions.pay_refund, order_id, principal=current_principal(), letterhead=_letterhead(), now=now_utc()
    )
    return answer


def _letterhead() -> Letterhead:
    with store().read() as session:
        return letterhead(session, current_principal(), current_app.extensions["settings"])
