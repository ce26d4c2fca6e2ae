"""/admin/salas/<sala>/citas: slots, capacities, limits by phone and days that are different."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cac.citas import queries, setup
from cac.citas.models import Agenda
from cac.citas.rules import INTERLEAVED, MOST_AHEAD
from cac.citas.setup import AgendaValues
from cac.desk.queries import find_sala
from core.clock import lima_day, now_utc
from core.errors import Invalid, Rejected
from web.access import current_principal, requires
from web.api import store, write_once
from web.forms import told

bp = Blueprint("citas_setup", __name__, url_prefix="/admin/salas/<sala>/citas")

Page = str | Response | tuple[str, int]
MOST_SEATS = 50  # in one slot of a service
LIMITS = {
    "slot_minutes": (5, 240),
    "days_ahead": (0, MOST_AHEAD),
    "early_minutes": (0, 240),
    "citas_per_phone": (1, 20),
}


@bp.get("")
@requires("setup.write")
def show(sala: str) -> str:
    return _page(sala, {}, {})


@bp.post("")
@requires("setup.write")
def save(sala: str) -> Page:
    form = request.form
    try:
        values: dict[str, Any] = {name: _count(name, low, high) for name, (low, high) in LIMITS.items()}
        values |= {name: form.get(name, "").strip()[:5] for name in ("from_hour", "until_hour")}
        values["phone_turns"] = form.get("phone_turns") == "1"
        capacities = {
            name.removeprefix("capacity-"): _count(name, 0, MOST_SEATS) for name in form if name.startswith("capacity-")
        }
        write_once(
            setup.save_agenda,
            sala,
            AgendaValues(**values),
            capacities,
            principal=current_principal(),
            now=now_utc(),
        )
    except Rejected as refusal:
        return _page(sala, form, told(refusal)), refusal.status
    flash("Agenda guardada. Las citas ya reservadas se respetan.", "bien")
    return redirect(url_for("citas_setup.show", sala=sala), 303)


@bp.post("/excepciones")
@requires("setup.write")
def add_exception(sala: str) -> Page:
    form = request.form
    try:
        write_once(
            setup.add_exception,
            sala,
            day=_day("day"),
            service=form.get("service") or None,
            capacity=_count("capacity", 0, MOST_SEATS),
            reason=form.get("reason", "").strip()[:120],
            principal=current_principal(),
            now=now_utc(),
        )
    except Rejected as refusal:
        return _page(sala, form, told(refusal)), refusal.status
    flash("Día guardado.", "bien")
    return redirect(url_for("citas_setup.show", sala=sala), 303)


@bp.post("/excepciones/<int:exception_id>/bajas")
@requires("setup.write")
def drop_exception(sala: str, exception_id: int) -> Page:
    write_once(setup.drop_exception, sala, exception_id, principal=current_principal(), now=now_utc())
    flash("Ese día vuelve a ser como los demás.", "bien")
    return redirect(url_for("citas_setup.show", sala=sala), 303)


def _page(sala: str, form: Any, errors: dict[str, str]) -> str:
    today = lima_day(now_utc())
    with store().read() as session:
        row = find_sala(session, sala)
        shown = queries.setup_page(session, row)
        counts = queries.day_counts(session, row.code, today)
    agenda = shown.pop("agenda")
    begin = {column.name: column.default.arg for column in Agenda.__table__.columns if column.default is not None}
    values = {name: getattr(agenda, name) for name in begin} if agenda else begin
    return render_template(
        "cac/admin/citas.html",
        sala=row,
        saved=agenda is not None,
        values=values | {name: form[name] for name in values if name in form} | _ticked(form),
        counts=counts,
        today=today,
        form=form,
        errors=errors,
        rule=INTERLEAVED,
        **shown,
    )


def _ticked(form: Any) -> dict[str, bool]:
    """An empty box is not sent: in a form that came back it was left empty."""
    return {"phone_turns": form.get("phone_turns") == "1"} if form and "slot_minutes" in form else {}


def _count(name: str, low: int, high: int) -> int:
    text = request.form.get(name, "").strip()
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise Invalid(f"Escriba un número entre {low} y {high}.", field=name)
    return int(text)


def _day(name: str) -> date:
    try:
        day = date.fromisoformat(request.form.get(name, "").strip())
    except ValueError:
        raise Invalid("Elija el día.", field=name) from None
    if day < lima_day(now_utc()):
        raise Invalid("Ese día ya pasó. Elija hoy o uno que venga.", field=name)
    return day
