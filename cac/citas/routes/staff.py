"""/citas: a sala's appointments of a day for whoever attends it, and booking for somebody at the desk or on the phone."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cac.calendar import calendar
from cac.citas import actions, queries
from cac.citas.rules import INTERLEAVED, CitaState, shown_code
from cac.desk.queries import find_sala
from core.clock import lima_day, now_utc
from core.errors import Rejected
from web.access import Principal, current_principal, requires
from web.api import store, write_once

bp = Blueprint("citas_staff", __name__, url_prefix="/citas")

Page = str | Response | tuple[str, int]
STATES = {
    CitaState.BOOKED: ("azul", "calendar-event", "Por llegar"),
    CitaState.PRESENT: ("bien", "circle-check", "Llegó"),
    CitaState.CANCELLED: ("quieto", "x", "Anulada"),
    CitaState.NO_SHOW: ("aviso", "user-off", "No asistió"),
}


@bp.get("")
@requires("citas.write")
def day() -> str:
    return _page("")


@bp.get("/nueva")
@requires("citas.write")
def new() -> str:
    return _new_page("")


@bp.post("/nueva")
@requires("citas.write")
def create() -> Page:
    """For somebody who is here or on the phone; the page with its code opens, to print or to read out."""
    sala = _sala(current_principal())
    form = request.form
    try:
        made = write_once(
            actions.book,
            sala,
            form.get("servicio", ""),
            _slot(form.get("hora", "")),
            calendar=calendar(),
            channel="telefono" if form.get("canal") == "telefono" else "ventanilla",
            preferente=form.get("preferente") == "1",
            principal=current_principal(),
            now=now_utc(),
        )
    except Rejected as refusal:
        return _new_page(refusal.detail), refusal.status
    flash(f"Cita reservada. Código {shown_code(made['code'])}: díctelo o imprima la página.", "bien")
    return redirect(url_for("citas.show", token=made["token"]), 303)


@bp.post("/llegadas")
@requires("citas.write")
def check_in() -> Page:
    """The person is at the desk: the same ticket as at the kiosk, printed where the sala prints its tickets."""
    try:
        ticket = write_once(
            actions.check_in,
            request.form.get("codigo", ""),
            preferente=request.form.get("preferente") == "1",
            principal=current_principal(),
            public_url=str(current_app.extensions["settings"].public_url).rstrip("/"),
            now=now_utc(),
            demo=current_app.extensions["settings"].demo,
        )
    except Rejected as refusal:
        return _page(refusal.detail), refusal.status
    flash(f"Llegada registrada: su turno es {ticket['code']}.", "bien")
    return redirect(url_for("citas_staff.day"), 303)


@bp.post("/anulaciones")
@requires("citas.write")
def cancel() -> Page:
    """For who asks by voice: the row of the list is chosen, so its code is not typed again."""
    try:
        write_once(
            actions.cancel_row,
            request.form.get("cita", 0, type=int),
            sala=_sala(current_principal()),
            principal=current_principal(),
            now=now_utc(),
            reason="a pedido de su titular",
        )
    except Rejected as refusal:
        return _page(refusal.detail), refusal.status
    flash("Cita anulada: su cupo queda libre.", "bien")
    return redirect(url_for("citas_staff.day", dia=request.form.get("dia") or None), 303)


def _page(error: str) -> str:
    now, sala = now_utc(), _sala(current_principal())
    on = _day(request.values.get("dia", "")) or lima_day(now)
    with store().read() as session:
        citas = queries.day_list(session, sala, on)
        counts = queries.day_counts(session, sala, on)
        takes = queries.takes_citas(session, sala)
    return render_template(
        "cac/citas/dia.html",
        citas=citas,
        counts=counts,
        takes=takes,
        day=on,
        today=lima_day(now),
        states=STATES,
        rule=INTERLEAVED,
        error=error,
        shown_code=shown_code,
    )


def _new_page(error: str) -> str:
    now, sala = now_utc(), _sala(current_principal())
    with store().read() as session:
        offers = queries.offers(session, sala)
        wanted = request.values.get("servicio", "")
        offer = next((one for one in offers if one.service == wanted), offers[0] if offers else None)
        days = queries.days_offered(session, offer, calendar=calendar(), now=now) if offer else []
    asked = request.values.get("dia", "")
    chosen = next((one for one in days if one.day.isoformat() == asked), None)
    chosen = chosen or next((one for one in days if one.free), None)
    return render_template(
        "cac/citas/nueva.html", offers=offers, offer=offer, days=days, chosen=chosen, form=request.form, error=error
    )


def _sala(principal: Principal) -> str:
    with store().read() as session:
        code: Any = find_sala(session, principal.sala).code
    return str(code)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _slot(text: str) -> datetime:
    """Raises SlotNotOffered."""
    try:
        slot_at = datetime.fromisoformat(text)
    except ValueError:
        raise actions.SlotNotOffered("Elija una hora de la lista.") from None
    if slot_at.tzinfo is None:
        raise actions.SlotNotOffered()
    return slot_at
