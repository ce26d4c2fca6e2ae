"""/admin: salas with their services and ventanillas, cabins, and versions of the TUPA."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cac.admin import actions, queries
from cac.sync import actions as sync
from cac.sync.keys import centre_key
from cac.tupa.actions import import_tupa
from cac.tupa.uit import uit_centimos
from core.clock import lima_day, now_utc
from core.errors import Invalid, Rejected
from core.money import parse_soles
from core.wire import public_text
from intake.tupa import parse_tupa
from web.access import current_principal, requires
from web.api import store, write_once
from web.forms import told

bp = Blueprint("admin_setup", __name__, url_prefix="/admin")

Page = str | Response | tuple[str, int]
ICONS = (
    ("certificate", "Documento"),
    ("building-store", "Negocio"),
    ("home", "Casa"),
    ("motorbike", "Moto"),
    ("coins", "Dinero"),
    ("message-question", "Pregunta"),
    ("users", "Personas"),
    ("heart-handshake", "Ayuda social"),
    ("trees", "Ambiente"),
    ("gavel", "Legal"),
)


@bp.get("/salas")
@requires("setup.write")
def rooms() -> str:
    return _rooms({})


@bp.post("/sedes/<int:site_id>")
@requires("setup.write")
def save_site(site_id: int) -> Page:
    return _save(
        lambda: {"verb": actions.save_site, "args": [site_id], **_texts("name", "office")}, "Cabecera guardada."
    )


@bp.post("/salas/<int:sala_id>")
@requires("setup.write")
def save_sala(sala_id: int) -> Page:
    return _save(
        lambda: {
            "verb": actions.save_sala,
            "args": [sala_id],
            **_texts("name"),
            "alert_minutes": _count("alert_minutes", 1, 600),
            "recalls": _count("recalls", 1, 9),
            "hours": _hours(),
        },
        "Sala guardada.",
    )


@bp.post("/salas/<int:sala_id>/servicios")
@requires("setup.write")
def add_service(sala_id: int) -> Page:
    return _save(lambda: _service(None, sala_id) | {"active": True}, "Servicio agregado.")


@bp.post("/salas/<int:sala_id>/servicios/<int:service_id>")
@requires("setup.write")
def save_service(sala_id: int, service_id: int) -> Page:
    return _save(
        lambda: _service(service_id, sala_id) | {"active": request.form.get("active") == "1"}, "Servicio guardado."
    )


@bp.post("/salas/<int:sala_id>/ventanillas")
@requires("setup.write")
def add_ventanilla(sala_id: int) -> Page:
    return _save(lambda: {"verb": actions.add_ventanilla, "args": [sala_id]}, "Ventanilla agregada.")


@bp.post("/ventanillas/<int:ventanilla_id>/servicios")
@requires("setup.write")
def set_services(ventanilla_id: int) -> Page:
    codes = request.form.getlist("service")
    return _save(
        lambda: {"verb": actions.set_services, "args": [ventanilla_id, codes]}, "Servicios de la ventanilla guardados."
    )


@bp.get("/cabinas")
@requires("setup.write")
def cabinas() -> str:
    return _cabinas({}, {})


@bp.post("/cabinas")
@requires("setup.write")
def add_cabina() -> Page:
    try:
        texts: dict[str, Any] = _texts("code", "name", "partner", "ruc", "place", "hours")
        terms = sync.Terms(
            **texts,
            service_centimos=_soles("service"),
            guarantee_centimos=_soles("guarantee"),
            service_bearer="municipality" if request.form.get("bearer") == "municipality" else "citizen",
        )
        if not terms.name or not terms.partner:
            raise actions.NameMissing(field="partner" if terms.name else "name")
        write_once(sync.add_cabina, terms, principal=current_principal(), now=now_utc())
    except Rejected as refusal:
        return _cabinas(request.form, told(refusal)), refusal.status
    flash(f"La cabina {terms.code} quedó registrada. Dele un código para emparejar su computadora.", "bien")
    return redirect(url_for("admin_setup.cabinas"))


@bp.post("/cabinas/<code>/codigos")
@requires("setup.write")
def give_code(code: str) -> Page:
    """A pairing code, shown once. Not under the idempotency key, whose row would keep it: another press is another code."""
    key = public_text(centre_key(current_app.extensions["settings"].keys_dir))
    try:
        secret = store().write(
            sync.give_pairing_code, code, centre_key=key, principal=current_principal(), now=now_utc()
        )
    except Rejected as refusal:
        return _cabinas({}, told(refusal)), refusal.status
    return _cabinas({}, {}, made={"name": code, "secret": secret})


@bp.post("/cabinas/<code>/revocaciones")
@requires("setup.write")
def revoke_pc(code: str) -> Page:
    try:
        reason = _texts("reason")["reason"]
        if not reason:
            raise Invalid("Escriba el motivo.", field=f"reason-{code}")
        write_once(sync.revoke, code, reason=reason, principal=current_principal(), now=now_utc())
    except Rejected as refusal:
        return _cabinas({}, told(refusal)), refusal.status
    flash(f"La computadora de {code} quedó revocada. Lo que aún envíe se recibirá y quedará señalado.", "bien")
    return redirect(url_for("admin_setup.cabinas"))


@bp.get("/tupa")
@requires("setup.write")
def tupa() -> str:
    return _tupa({}, {})


@bp.post("/tupa")
@requires("setup.write")
def publish_tupa() -> Page:
    today = lima_day(now_utc())
    try:
        parsed = parse_tupa(_sent_text("file"), uit_centimos=uit_centimos(today.year))
        made = write_once(
            import_tupa, parsed, principal=current_principal(), now=now_utc(), valid_from=_day("valid_from", today)
        )
    except Rejected as refusal:
        return _tupa(request.form, told(refusal)), refusal.status
    said = f"Versión {made['version']} publicada con {made['entries']} trámites."
    flash(said if made["new"] else f"La versión {made['version']} ya estaba publicada: nada cambió.", "bien")
    return redirect(url_for("admin_setup.tupa"))


def _rooms(errors: dict[str, str]) -> str:
    with store().read() as session:
        return render_template("cac/admin/rooms.html", rooms=queries.rooms(session), icons=ICONS, errors=errors)


def _cabinas(form: Any, errors: dict[str, str], made: dict[str, Any] | None = None) -> str:
    with store().read() as session:
        return render_template(
            "cac/admin/cabinas.html", cabinas=queries.cabinas(session), form=form, errors=errors, made=made
        )


def _tupa(form: Any, errors: dict[str, str]) -> str:
    today = lima_day(now_utc())
    with store().read() as session:
        versions = queries.tupa_versions(session)
    in_force = next((row["version"].id for row in versions if row["version"].valid_from <= today), None)
    return render_template(
        "cac/admin/tupa.html", versions=versions, in_force=in_force, today=today, form=form, errors=errors
    )


def _save(fields: Callable[[], dict[str, Any]], done: str) -> Page:
    """Press a verb of the salas' page; refused, the page again with the reason."""
    try:
        values = fields()
        verb, args = values.pop("verb"), values.pop("args")
        write_once(verb, *args, principal=current_principal(), now=now_utc(), **values)
    except Rejected as refusal:
        return _rooms({"form": refusal.detail}), refusal.status
    flash(done, "bien")
    return redirect(url_for("admin_setup.rooms"))


def _service(service_id: int | None, sala_id: int) -> dict[str, Any]:
    icon = request.form.get("icon", "")
    known = icon if icon in dict(ICONS) else ICONS[0][0]
    return {
        "verb": actions.save_service,
        "args": [service_id],
        "sala_id": sala_id,
        **_texts("code", "name", "example"),
        "icon": known,
    }


def _hours() -> dict[str, Any] | None:
    """The timetable of the form: Monday to Friday alike, Saturday apart, Sunday shut; None for day and night."""
    texts = _texts("from", "until", "saturday_from", "saturday_until")
    if not texts["from"] and not texts["until"]:
        return None
    weekday = [[texts["from"], texts["until"]]]
    saturday = [[texts["saturday_from"], texts["saturday_until"]]] if texts["saturday_from"] else []
    return {"week": [weekday] * 5 + [saturday, []]}


def _texts(*names: str) -> dict[str, str]:
    return {name: request.form.get(name, "").strip() for name in names}


def _count(name: str, low: int, high: int) -> int:
    text = request.form.get(name, "").strip()
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise Invalid(f"Escriba un número entre {low} y {high}.", field=name)
    return int(text)


def _soles(name: str) -> int:
    try:
        return parse_soles(request.form.get(name, ""))
    except ValueError:
        raise Invalid("Escriba un importe en soles, como 4.00.", field=name) from None


def _day(name: str, today: date) -> date | None:
    text = request.form.get(name, "").strip()
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Invalid("Escriba el día como 2027-01-01.", field=name) from None
    if day < today:
        raise Invalid("La vigencia empieza hoy o después: lo ya presentado conserva su versión.", field=name)
    return day


def _sent_text(name: str) -> str:
    sent = request.files.get(name)
    if sent is None or not sent.filename:
        raise Invalid("Elija el archivo del TUPA.", field=name)
    try:
        return sent.stream.read().decode("utf-8")
    except UnicodeDecodeError:
        raise Invalid("El archivo no es texto UTF-8.", field=name) from None
