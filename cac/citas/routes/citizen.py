"""/turno and /cita: a place in the queue, or an hour of another day, from a phone. No name, no document: only a mobile number,
as a keyed hash, for its limit; and as it is only when its holder asks to be reminded."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from cac.calendar import calendar
from cac.citas import actions, queries
from cac.citas.rows import Offer
from cac.citas.rules import INTERLEAVED, CitaState, phone_number, shown_code
from cac.desk.queries import services_of
from core.clock import now_utc
from core.errors import NotFound, Rejected
from web.access import current_principal, public
from web.api import store, write_once
from web.forms import told
from web.limits import Tries
from web.qr import qr_svg

bp = Blueprint("citas", __name__)

Page = str | Answer | tuple[str, int]

PER_ADDRESS = 40  # what one connection may take in the window: a family, a cabin or a school shares it
WINDOW = timedelta(hours=1)


class CitaPageUnknown(NotFound):
    code = "citas.no_existe"
    detail = "Esta cita no existe. Si necesita una, resérvela de nuevo."


@bp.get("/turno")
@public
def turn_form() -> str:
    return _turn_form({}, {})


@bp.post("/turno")
@public
def create_turn() -> Page:
    """A ticket for now; its page is the answer."""
    form, now = request.form, now_utc()
    sala, service, preferente = form.get("sala", ""), form.get("servicio", ""), form.get("preferente") == "1"
    try:
        mark = _phone_mark(_phone())
        _spend(now)
        wait = current_app.extensions["forecasts"].of_newcomer(sala, service, preferente=preferente, now=now)
        issued = write_once(
            actions.take_turn,
            sala,
            service,
            phone_mark=mark,
            preferente=preferente,
            principal=current_principal(),
            public_url=_public_url(),
            now=now,
            wait=wait,
        )
    except Rejected as refusal:
        return _turn_form(form, told(refusal)), refusal.status
    return redirect("/t/" + issued["follow_url"].rsplit("/", 1)[1], 303)


@bp.get("/cita")
@public
def choose() -> Page:
    """First the service, then its days and hours."""
    service = request.args.get("servicio", "")
    if not service:
        with store().read() as session:
            return render_template("cac/citas/servicios.html", offers=queries.offers(session))
    return _hours_page(request.args.get("sala", ""), service, {}, {})


@bp.post("/cita")
@public
def create_cita() -> Page:
    form, now = request.form, now_utc()
    sala, service = form.get("sala", ""), form.get("servicio", "")
    try:
        phone = _phone()
        slot_at = _slot()
        _spend(now)
        made = write_once(
            actions.book,
            sala,
            service,
            slot_at,
            calendar=calendar(),
            channel="web",
            preferente=form.get("preferente") == "1",
            principal=current_principal(),
            now=now,
            phone_mark=_phone_mark(phone),
            remind_to=phone if form.get("recordar") == "1" else None,
        )
    except Rejected as refusal:
        return _hours_page(sala, service, form, told(refusal)), refusal.status
    return redirect(url_for("citas.show", token=made["token"]), 303)


@bp.get("/cita/<token>")
@public
def show(token: str) -> str:
    return _cita_page(token, {})


@bp.get("/cita/<token>/qr.svg")
@public
def qr(token: str) -> Response:
    """The address of the page with the code at its end: a scanner's last eight digits are the code, in any keyboard."""
    cita = _found(token)["cita"]
    return Response(qr_svg(f"{_public_url()}/cita/{token}#{cita.code}"), mimetype="image/svg+xml")


@bp.get("/cita/<token>/anular")
@public
def confirm_cancelling(token: str) -> str:
    return render_template("cac/citas/anular.html", **_shown(_found(token)))


@bp.post("/cita/<token>/anulaciones")
@public
def cancel(token: str) -> Page:
    try:
        write_once(
            actions.cancel,
            token,
            request.form.get("codigo", ""),
            principal=current_principal(),
            now=now_utc(),
            reason="la anuló su titular",
        )
    except Rejected as refusal:
        return _cita_page(token, told(refusal)), refusal.status
    return redirect(url_for("citas.show", token=token), 303)


@bp.get("/cita/<token>/cambiar")
@public
def choose_other(token: str) -> str:
    return _move_page(token, {})


@bp.post("/cita/<token>/cambios")
@public
def move(token: str) -> Page:
    try:
        write_once(
            actions.move,
            token,
            request.form.get("codigo", ""),
            _slot(),
            calendar=calendar(),
            principal=current_principal(),
            now=now_utc(),
        )
    except Rejected as refusal:
        return _move_page(token, told(refusal)), refusal.status
    return redirect(url_for("citas.show", token=token), 303)


def _turn_form(form: Any, errors: dict[str, str]) -> str:
    now = now_utc()
    with store().read() as session:
        salas = queries.phone_salas(session, now=now)
        wanted = form.get("sala") or request.args.get("sala")
        sala = next((one for one in salas if one["code"] == wanted), salas[0] if salas else None)
        services = services_of(session, sala["code"], now=now) if sala else []
        citas = queries.takes_citas(session, sala["code"] if sala else None)
    return render_template(
        "cac/citas/turno.html", salas=salas, sala=sala, services=services, citas=citas, form=form, errors=errors
    )


def _hours_page(sala: str, service: str, form: Any, errors: dict[str, str]) -> str:
    with store().read() as session:
        offer = queries.find_offer(session, sala, service)
        days = queries.days_offered(session, offer, calendar=calendar(), now=now_utc())
    return render_template(
        "cac/citas/horas.html",
        offer=offer,
        form=form,
        errors=errors,
        rule=INTERLEAVED,
        **_chosen_day(offer, days),
    )


def _chosen_day(offer: Offer, days: list[queries.DayOffer]) -> dict[str, Any]:
    """The days as links, and the one whose hours are shown: the one asked for, else the first with a seat."""
    asked = request.values.get("dia", "")
    chosen = next((day for day in days if day.day.isoformat() == asked), None)
    chosen = chosen or next((day for day in days if day.free), days[0] if days else None)
    return {"days": days, "chosen": chosen, "minutes": offer.plan.slot_minutes}


def _cita_page(token: str, errors: dict[str, str]) -> str:
    return render_template("cac/citas/cita.html", errors=errors, rule=INTERLEAVED, **_shown(_found(token)))


def _move_page(token: str, errors: dict[str, str]) -> str:
    found = _found(token)
    row = found["row"]
    with store().read() as session:
        offer = queries.find_offer(session, row.sala, row.service)
        days = queries.days_offered(session, offer, calendar=calendar(), now=now_utc())
    return render_template("cac/citas/cambiar.html", errors=errors, **_shown(found), **_chosen_day(offer, days))


def _found(token: str) -> dict[str, Any]:
    with store().read() as session:
        found = queries.cita_page(session, token)
    if found is None:
        raise CitaPageUnknown()
    return found


def _shown(found: dict[str, Any]) -> dict[str, Any]:
    cita = found["cita"]
    return {
        **found,
        "token": cita.token,
        "code": shown_code(cita.code),
        "to_come": cita.state == CitaState.BOOKED,
        "address": f"{_public_url()}/cita/{cita.token}",
    }


def _phone() -> str:
    """Raises PhoneInvalid."""
    phone = phone_number(request.form.get("celular", ""))
    if phone is None:
        raise actions.PhoneInvalid(field="celular")
    return phone


def _phone_mark(phone: str) -> str:
    """Keyed: who reads the database cannot try all numbers."""
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, f"celular:{phone}".encode(), hashlib.sha256).hexdigest()


def _slot() -> datetime:
    """The hour chosen. Raises SlotNotOffered."""
    try:
        slot_at = datetime.fromisoformat(request.form.get("hora", ""))
    except ValueError:
        raise actions.SlotNotOffered("Elija una hora de la lista.", field="hora") from None
    if slot_at.tzinfo is None:
        raise actions.SlotNotOffered(field="hora")
    return slot_at


def _spend(now: datetime) -> None:
    """One more of this connection's. Raises PhoneLimit, in the words of a phone's own limit."""
    tries: Tries = current_app.extensions.setdefault("citas_tries", Tries(limit=PER_ADDRESS, window=WINDOW))
    address = request.remote_addr or ""
    if tries.too_many(address, now=now):
        raise actions.PhoneLimit(retry_after_s=int(WINDOW.total_seconds()))
    tries.note(address, now=now)


def _public_url() -> str:
    return str(current_app.extensions["settings"].public_url).rstrip("/")
