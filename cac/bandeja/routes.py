"""/bandeja: an area's tray."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from cac.access.roles import UNIDAD
from cac.audit.reads import looked_at
from cac.bandeja import actions
from cac.calendar import calendar
from cac.cases import views
from cac.expedientes.queries import tray
from cac.expedientes.rules import OPEN_STATES
from cac.tupa.queries import CAC_AREA, CAC_AREA_NAME, TupaMissing, find_area, list_areas
from core.clock import lima_day, now_utc
from core.errors import Rejected
from web.access import current_principal, requires
from web.api import store, write_once
from web.forms import told

bp = Blueprint("bandeja", __name__, url_prefix="/bandeja")

Page = str | Response | tuple[str, int]
EVERY = ("", "Todas las unidades")
WARN_PERCENT = 80  # of the term used


@bp.get("")
@requires("cases.write")
def show() -> str:
    return _tray(request.args.get("area", ""), {})


@bp.post("/recepciones")
@requires("cases.write")
def receive() -> Page:
    """Receive the cases that were ticked."""
    area = request.form.get("area", "")
    try:
        made = write_once(
            actions.receive_chosen,
            request.form.getlist("number"),
            waiting=request.form.getlist("waiting"),
            reason=request.form.get("reason", ""),
            principal=current_principal(),
            now=now_utc(),
        )
    except Rejected as refusal:
        return _tray(area, told(refusal)), refusal.status
    count = made["received"]
    flash("Recibió 1 expediente." if count == 1 else f"Recibió {count} expedientes.", "bien")
    return redirect(url_for("bandeja.show", area=area or None))


def _tray(asked: str, errors: dict[str, str]) -> str:
    today = lima_day(now_utc())
    with store().read() as session:
        area, areas = _area(session, asked, today)
        found = tray(session, area[0] or None, today=today, calendar=calendar())
    looked_at(f"bandeja:{area[0] or 'todas'}", now=now_utc())
    listed = {name: [_row(case, today) for case in rows] for name, rows in found.items()}
    return render_template(
        "cac/bandeja/bandeja.html",
        area=area,
        areas=areas,
        to_forward_shown=area[0] == CAC_AREA,
        late=[case for case in listed["here"] + listed["to_receive"] if case["late"]],
        errors=errors,
        ticked=request.form.getlist("number"),
        reason=request.form.get("reason", ""),
        **listed,
    )


def _area(session: Session, asked: str, today: date) -> tuple[tuple[str, str], list[tuple[str, str]]]:
    """(the area shown, those this person may choose from). A person of an area sees that one."""
    principal = current_principal()
    own = principal.area if principal.role == UNIDAD else None
    at_first = EVERY if principal.role == UNIDAD else (CAC_AREA, CAC_AREA_NAME)
    try:
        areas = [EVERY, *list_areas(session, day=today)]
        wanted = own or asked
        found = find_area(session, wanted, day=today) if wanted else EVERY if request.args.get("area") == "" else None
    except TupaMissing:
        areas, found = [EVERY, (CAC_AREA, CAC_AREA_NAME)], None
    if own:
        return found or (own, own), []
    return found or at_first, areas


def _row(case: dict[str, Any], today: date) -> dict[str, Any]:
    running = case["state"] in OPEN_STATES
    days, used = (case["term_days"], case["used_days"]) if running else (None, None)
    percent = 100 if case["late"] else min(100, used * 100 // days) if days and used is not None else None
    kind = "error" if case["late"] else "aviso" if percent is not None and percent >= WARN_PERCENT else ""
    return case | {
        "term": views.short_term(case, today=today, calendar=calendar()),
        "percent": percent,
        "kind": kind,
        "used": f"{used} de {days} días hábiles" if percent is not None else "",
    }
