"""/admin/salas/<code>/orden: the order in which a sala calls, as rules people read; tried on the present queue before it is saved."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cac.desk import actions, queries
from core.clock import now_utc
from core.errors import Rejected
from ticketing.explain import MEANINGS, NAMES, RETURNS, UNITS, departures, explain
from ticketing.rules import LIMITS, Kind, Policy, parse_policy, policy_as_form, policy_from_form
from web.access import current_principal, requires
from web.api import store, write_once
from web.forms import told

bp = Blueprint("salas_order", __name__, url_prefix="/admin")

Page = str | Response | tuple[str, int]
CODES_SHOWN = 8


@bp.get("/salas/<code>/orden")
@requires("setup.write")
def show(code: str) -> Page:
    return _page(code)


@bp.post("/salas/<code>/orden")
@requires("setup.write")
def save(code: str) -> Page:
    """Keep the order; with the button that tries it, only show how it would call who waits now."""
    try:
        policy = policy_from_form(request.form)
        if request.form.get("probar"):
            return _page(code, form=request.form, tried=policy)
        write_once(actions.set_order, code, policy, principal=current_principal(), now=now_utc())
    except Rejected as refusal:
        return _page(code, form=request.form, errors=told(refusal)), refusal.status
    flash("Orden de llamado guardado. Vale desde el próximo llamado.", "bien")
    return redirect(url_for("salas_order.show", code=code), 303)


def _page(
    code: str,
    *,
    form: Mapping[str, str] | None = None,
    tried: Policy | None = None,
    errors: dict[str, str] | None = None,
) -> str:
    now = now_utc()
    with store().read() as session:
        sala = queries.find_sala(session, code)
        policy = parse_policy(sala.policy)
        lines = {
            name: queries.next_by_ventanilla(session, sala.id, policy=order, now=now, most=CODES_SHOWN)
            for name, order in (("now", policy), ("tried", tried))
            if order
        }
    return render_template(
        "cac/salas/order.html",
        sala=sala,
        form=form or policy_as_form(policy),
        errors=errors or {},
        rules=[(kind, NAMES[kind], MEANINGS[kind], UNITS.get(kind), LIMITS.get(kind)) for kind in Kind],
        required=Kind.PREFERENTE,
        returns=list(RETURNS.items()),
        saved=explain(policy),
        departs=departures(tried or policy),
        tried=explain(tried) if tried else None,
        lines=lines,
    )
