"""Alerts that reach a person: what rings on the supervisor's page, who saw it, what clerks are told, what there was."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request
from werkzeug.wrappers import Response as Answer

from cac.desk import actions as desk
from cac.desk.queries import find_sala
from cac.desk.routes.api import press
from cac.reports import watch
from cac.reports.actions import acknowledge_alert
from cac.reports.alerts import KINDS
from cac.reports.routes import class_told, told
from core.clock import now_utc
from core.errors import Invalid
from ticketing.policy import Attends
from web.access import current_principal, requires
from web.api import store, write_once

bp = Blueprint("alerts", __name__)


@bp.get("/supervisor/alertas")
@requires("live.read")
def history() -> str:
    """The last alerts: when each began, who saw it, when it was over."""
    with store().read() as session:
        sala = _sala(session)
        rows = watch.history(session, sala.code)
    return render_template(
        "cac/reports/alertas.html",
        sala=sala,
        alerts=[(row, KINDS[row.kind]) for row in rows],
        principal=current_principal(),
        now=now_utc(),
    )


@bp.get("/supervisor/alertas/vivas")
@requires("live.read")
def ringing() -> Response:
    """Those nobody has acknowledged, for the page to ring."""
    with store().read() as session:
        rows = watch.ringing(session, _sala(session).code)
    return jsonify(alerts=[{"id": row.id, "grave": KINDS[row.kind].grave, "title": row.title} for row in rows])


@bp.post("/supervisor/alertas/<int:alert_id>/reconocimientos")
@requires("live.read")
def create_acknowledgement(alert_id: int) -> Answer:
    """I have seen it: it rings no more, for anybody."""
    given: dict[str, Any] = {"principal": current_principal(), "now": now_utc()}
    return told(lambda: _seen_words(write_once(acknowledge_alert, alert_id, **given)))


@bp.post("/supervisor/asignaciones")
@requires("live.read")
def create_assignment() -> Answer:
    """From the alert: one ventanilla is told whom to call from now on. The order of each class does not change."""
    number, wanted = request.form.get("ventanilla", type=int), request.form.get("atiende", "")
    if number is None or wanted not in set(Attends):
        raise Invalid(field="ventanilla" if number is None else "atiende")
    return told(lambda: class_told(write_once(desk.set_attends, Attends(wanted), press(number=number))))


@bp.get("/ventanilla/avisos")
@requires("tickets.move")
def for_clerks() -> str:
    """What whoever sits at a ventanilla should know now, for its page to show."""
    with store().read() as session:
        rows = watch.for_clerks(session, _sala(session).code)
    return render_template("cac/reports/_avisos.html", alerts=[(row, KINDS[row.kind]) for row in rows])


def _sala(session: Any) -> Any:
    return find_sala(session, current_principal().sala or request.args.get("sala"))


def _seen_words(seen: dict[str, Any]) -> str:
    return f"{seen['title']}: visto por {seen['seen_by']}." if seen["seen_by"] else f"{seen['title']}: ya terminó."
