"""/admin: cabins, and versions of the TUPA."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, current_app, render_template, request

from cac.admin import actions, queries
from cac.admin.forms import Page, Typed, press, saved
from cac.sync import actions as sync
from cac.sync.keys import centre_key
from cac.sync.support import LONGEST, PHONES, Support, change_support, support
from cac.tupa.actions import import_tupa
from cac.tupa.uit import uit_centimos
from core.clock import lima_day, now_utc
from core.errors import Invalid
from core.money import parse_soles
from core.wire import public_text
from intake.tupa import parse_tupa
from web.access import current_principal, requires
from web.api import store, write_once

bp = Blueprint("admin_setup", __name__, url_prefix="/admin")


@bp.get("/cabinas")
@requires("setup.write")
def cabinas() -> str:
    return _cabinas({}, {})


@bp.post("/cabinas")
@requires("setup.write")
def add_cabina() -> Page:
    def write() -> str:
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
        return terms.code

    said = "La cabina %s quedó registrada. Dele un código para emparejar su computadora."
    return press(
        write,
        done=lambda code: saved(said % code, "admin_setup.cabinas"),
        again=lambda errors: _cabinas(request.form, errors),
    )


@bp.post("/cabinas/<code>/codigos")
@requires("setup.write")
def give_code(code: str) -> Page:
    """A pairing code, shown once. Not under the idempotency key, whose row would keep it: another press is another code."""
    key = public_text(centre_key(current_app.extensions["settings"].keys_dir))
    given = {"centre_key": key, "principal": current_principal(), "now": now_utc()}
    return press(
        lambda: store().write(sync.give_pairing_code, code, **given),
        done=lambda secret: _cabinas({}, {}, made={"name": code, "secret": secret}),
        again=lambda errors: _cabinas({}, errors),
    )


@bp.post("/cabinas/<code>/revocaciones")
@requires("setup.write")
def revoke_pc(code: str) -> Page:
    def write() -> Any:
        reason = _texts("reason")["reason"]
        if not reason:
            raise Invalid("Escriba el motivo.", field=f"reason-{code}")
        return write_once(sync.revoke, code, reason=reason, principal=current_principal(), now=now_utc())

    said = f"La computadora de {code} quedó revocada. Lo que aún envíe se recibirá y quedará señalado."
    return press(write, done=lambda _: saved(said, "admin_setup.cabinas"), again=lambda errors: _cabinas({}, errors))


@bp.post("/cabinas/<code>/reconocimientos")
@requires("setup.write")
def recognise_pc(code: str) -> Page:
    def write() -> Any:
        return write_once(sync.recognise, code, principal=current_principal(), now=now_utc())

    said = f"La computadora de {code} quedó reconocida: recibe otra serie en cuanto se conecte."
    return press(write, done=lambda _: saved(said, "admin_setup.cabinas"), again=lambda errors: _cabinas({}, errors))


@bp.get("/cabinas/apoyo")
@requires("setup.write")
def cabin_support() -> str:
    return _support(None, {})


@bp.post("/cabinas/apoyo")
@requires("setup.write")
def change_cabin_support() -> Page:
    def write() -> Any:
        typed = Typed(request.form)
        told = {name: typed.text(name, longest=LONGEST) for name in (*PHONES, "release")}
        told["release_commit"] = typed.text("release_commit", longest=64).lower()
        typed.check()
        return write_once(change_support, Support(**told), principal=current_principal(), now=now_utc())

    said = "Guardado. Cada cabina lo recibe con su próxima conexión."
    return press(
        write,
        done=lambda _: saved(said, "admin_setup.cabin_support"),
        again=lambda errors: _support(request.form, errors),
    )


@bp.get("/tupa")
@requires("setup.write")
def tupa() -> str:
    return _tupa({}, {})


@bp.post("/tupa")
@requires("setup.write")
def publish_tupa() -> Page:
    today = lima_day(now_utc())

    def write() -> Any:
        parsed = parse_tupa(_sent_text("file"), uit_centimos=uit_centimos(today.year))
        valid_from = _day("valid_from", today)
        return write_once(import_tupa, parsed, principal=current_principal(), now=now_utc(), valid_from=valid_from)

    return press(
        write,
        done=lambda made: saved(_published(made), "admin_setup.tupa"),
        again=lambda errors: _tupa(request.form, errors),
    )


def _cabinas(form: Any, errors: dict[str, str], made: dict[str, Any] | None = None) -> str:
    with store().read() as session:
        return render_template(
            "cac/admin/cabinas.html", cabinas=queries.cabinas(session), form=form, errors=errors, made=made
        )


def _support(form: Any, errors: dict[str, str]) -> str:
    with store().read() as session:
        return render_template("cac/admin/apoyo.html", form=form or support(session), errors=errors)


def _tupa(form: Any, errors: dict[str, str]) -> str:
    today = lima_day(now_utc())
    with store().read() as session:
        versions = queries.tupa_versions(session)
    in_force = next((row["version"].id for row in versions if row["version"].valid_from <= today), None)
    return render_template(
        "cac/admin/tupa.html", versions=versions, in_force=in_force, today=today, form=form, errors=errors
    )


def _published(made: dict[str, Any]) -> str:
    if not made["new"]:
        return f"La versión {made['version']} ya estaba publicada: nada cambió."
    return f"Versión {made['version']} publicada con {made['entries']} trámites."


def _texts(*names: str) -> dict[str, str]:
    return {name: request.form.get(name, "").strip() for name in names}


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
