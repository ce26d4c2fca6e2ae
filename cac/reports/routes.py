"""The supervisor's live page, and what a supervisor does from it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cac.desk import actions
from cac.desk.routes.api import MoveBody, make_move, press, ventanilla_step
from cac.reports.queries import live_figures
from core.clock import now_utc
from core.errors import Invalid, Rejected
from ticketing.policy import Attends
from web.access import current_principal, requires
from web.api import store, write_once

bp = Blueprint("reports", __name__, url_prefix="/supervisor")

CLASSES = ((Attends.ALL, "Todos"), (Attends.GENERAL, "Solo general"), (Attends.PREFERENTE, "Solo preferente"))


@bp.get("")
@requires("live.read")
def live() -> str:
    return render_template("cac/reports/supervisor.html", **_shown())


@bp.get("/vivo")
@requires("live.read")
def part() -> str:
    """What changes by itself, for the page to swap in."""
    return render_template("cac/reports/_vivo.html", **_shown())


@bp.post("/tomas")
@requires("live.read")
def create_toma() -> Response:
    """Another ventanilla takes a turn whose clerk cannot go on; the reason is kept."""
    ticket, to = request.form.get("ticket", type=int), request.form.get("ventanilla", type=int)
    reason = request.form.get("motivo", "").strip()
    if ticket is None or to is None or not reason:
        return told(lambda: _refuse("Escriba el motivo y elija la ventanilla que toma el turno."))
    body = MoveBody(ventanilla=to, motivo=reason[:200])
    return told(lambda: f"{make_move('tomas', ticket, body)['code']} pasó a la ventanilla {to}.")


@bp.post("/ventanillas/<int:number>/clases")
@requires("live.read")
def create_clase(number: int) -> Response:
    """Which class a ventanilla calls from now on."""
    wanted = request.form.get("atiende", "")
    if wanted not in set(Attends):
        raise Invalid(field="atiende")
    return told(lambda: class_told(write_once(actions.set_attends, Attends(wanted), press(number=number))))


@bp.post("/ventanillas/<int:number>/cierres")
@requires("live.read")
def create_cierre(number: int) -> Response:
    """Close a ventanilla whose clerk left it open; who waited for it goes back to the queue."""
    ventanilla_step("cierres", number, reason="cerrada por supervisión")
    return told(lambda: f"Ventanilla {number} cerrada.")


def class_told(state: dict[str, Any]) -> str:
    return f"Ventanilla {state['ventanilla']}: {dict(CLASSES)[Attends(state['attends'])].lower()}."


def _refuse(detail: str) -> str:
    raise Invalid(detail)


def told(act: Any) -> Response:
    """Do it, say how it went, show the page as it is then."""
    try:
        flash(act(), "bien")
    except Rejected as refusal:
        if refusal.status >= 500:
            raise
        flash(refusal.detail, "error")
    return redirect(url_for("reports.live"), 303)


def _shown() -> dict[str, Any]:
    principal, now = current_principal(), now_utc()
    typical = current_app.extensions["typical"]
    with store().read() as reading:
        figures = live_figures(reading, principal.sala or request.args.get("sala"), typical=typical, now=now)
    return {"live": figures, "principal": principal, "now": now, "classes": CLASSES}
