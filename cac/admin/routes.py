"""/admin: people, equipment, tokens and the log."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cac.access.actions import sha256
from cac.access.roles import ROLES, STAFF_ROLES, UNIDAD
from cac.admin import actions, queries
from cac.admin.forms import Page, press, saved
from cac.audit.actions import verify
from cac.audit.words import action_words, subject_words
from core.clock import lima_day, now_utc
from core.errors import Invalid
from web.access import current_principal, requires
from web.api import store, write_once

bp = Blueprint("admin", __name__, url_prefix="/admin")

ROLE_NAMES = {
    "kiosko": "Kiosco",
    "pantalla": "Pantalla",
    "tableta": "Tableta",
    "ventanilla": "Ventanilla",
    "orientador": "Orientación",
    "unidad": "Unidad orgánica",
    "cajero": "Caja",
    "tesoreria": "Tesorería",
    "supervisor": "Supervisión",
    "admin": "Administración",
    "auditor": "Auditoría",
    "agente": "Agente de impresión",
    "cabina": "Cabina",
}
DEVICE_KINDS = {"kiosko": "Kiosco de turnos", "pantalla": "Pantalla de sala", "tableta": "Tableta de opinión"}


bp.add_app_template_filter(action_words)
bp.add_app_template_filter(subject_words)


@bp.app_template_filter()
def role_name(role: str) -> str:
    """The role in words, for people."""
    return ROLE_NAMES.get(role, role)


@bp.get("")
@requires("setup.write")
def home() -> Response:
    return redirect(url_for("admin.people"))


@bp.get("/personal")
@requires("setup.write")
def people() -> str:
    return _people({}, {})


@bp.post("/personal")
@requires("setup.write")
def add_person() -> Page:
    form = {name: value.strip() for name, value in request.form.items() if name in ("username", "name", "role")}
    person = {
        **form,
        "password": request.form.get("password", ""),
        "sala": request.form.get("sala") or None,
        "area": (request.form.get("area") or None) if form.get("role") == UNIDAD else None,
    }
    # not under the idempotency key: its row would keep a fast hash over the password. The user name is unique anyway
    return press(
        lambda: store().write(actions.add_staff, principal=current_principal(), now=now_utc(), **person),
        done=lambda made: saved(f"{made['name']} ya puede entrar.", "admin.people"),
        again=lambda errors: _people(request.form, errors),
    )


@bp.post("/personal/<int:staff_id>/bajas")
@requires("setup.write")
def disable_person(staff_id: int) -> Page:
    return press(
        lambda: write_once(actions.disable_staff, staff_id, principal=current_principal(), now=now_utc()),
        done=lambda made: saved(
            f"La cuenta de {made['name']} quedó desactivada. Lo que registró se conserva.", "admin.people"
        ),
        again=lambda errors: _people({}, errors),
    )


@bp.post("/personal/<int:staff_id>/reactivaciones")
@requires("setup.write")
def enable_person(staff_id: int) -> Page:
    return press(
        lambda: write_once(actions.enable_staff, staff_id, principal=current_principal(), now=now_utc()),
        done=lambda made: saved(f"{made['name']} puede entrar de nuevo.", "admin.people"),
        again=lambda errors: _people({}, errors),
    )


@bp.get("/equipos")
@requires("setup.write")
def devices() -> str:
    return _devices({}, {})


@bp.post("/equipos")
@requires("setup.write")
def add_device() -> Page:
    secret, kind = secrets.token_urlsafe(24), request.form.get("kind", "")
    address = current_app.extensions["settings"].public_url.rstrip("/") + f"/emparejar/{secret}"

    def write() -> Any:
        if kind not in DEVICE_KINDS:
            raise Invalid("Elija qué equipo es.", field="kind")
        return write_once(
            actions.create_device,
            secret=secret,
            kind=kind,
            name=request.form.get("name", "").strip(),
            sala=request.form.get("sala") or None,
            ventanilla=request.form.get("ventanilla", type=int),
            principal=current_principal(),
            now=now_utc(),
        )

    return press(
        write,
        done=lambda made: _devices({}, {}, {"name": made["name"], "secret": _if_kept(made, secret) and address}),
        again=lambda errors: _devices(request.form, errors),
    )


@bp.post("/equipos/<int:device_id>/revocaciones")
@requires("setup.write")
def revoke_device(device_id: int) -> Page:
    return press(
        lambda: write_once(actions.revoke_device, device_id, principal=current_principal(), now=now_utc()),
        done=lambda _: saved("El equipo quedó fuera: en unos segundos deja de mostrar y de emitir.", "admin.devices"),
        again=lambda errors: _devices({}, errors),
    )


@bp.get("/tokens")
@requires("setup.write")
def tokens() -> str:
    return _tokens({}, {})


@bp.post("/tokens")
@requires("setup.write")
def add_token() -> Page:
    token = secrets.token_urlsafe(32)
    return press(
        lambda: write_once(
            actions.create_token,
            token=token,
            role=request.form.get("role", ""),
            name=request.form.get("name", "").strip(),
            sala=request.form.get("sala") or None,
            area=request.form.get("area") or None,
            printer=request.form.get("printer") or None,
            principal=current_principal(),
            now=now_utc(),
        ),
        done=lambda made: _tokens({}, {}, {"name": made["name"], "secret": _if_kept(made, token)}),
        again=lambda errors: _tokens(request.form, errors),
    )


@bp.post("/tokens/<int:token_id>/revocaciones")
@requires("setup.write")
def revoke_token(token_id: int) -> Page:
    return press(
        lambda: write_once(actions.revoke_token, token_id, principal=current_principal(), now=now_utc()),
        done=lambda made: saved(f"El token «{made['name']}» ya no abre nada.", "admin.tokens"),
        again=lambda errors: _tokens({}, errors),
    )


@bp.get("/registro")
@requires("log.read")
def log() -> str:
    q, page = request.args.get("q", "").strip(), request.args.get("pagina", 1, type=int)
    with store().read() as session:
        return render_template("cac/admin/log.html", q=q, log=queries.log_page(session, q=q, page=page), chain=None)


@bp.post("/registro/comprobaciones")
@requires("log.read")
def verify_log() -> str:
    """Walk the whole chain of seals now; it changes nothing, and may take a while."""
    with store().read() as session:
        return render_template(
            "cac/admin/log.html", q="", log=queries.log_page(session, q="", page=1), chain=verify(session), at=now_utc()
        )


def _people(form: Any, errors: dict[str, str]) -> str:
    q = request.args.get("q", "").strip()
    with store().read() as session:
        return render_template(
            "cac/admin/people.html",
            people=queries.people(session, q),
            roles=[(role, ROLE_NAMES[role]) for role in STAFF_ROLES],
            form=form,
            errors=errors,
            q=q,
            **queries.places(session, day=lima_day(now_utc())),
        )


def _devices(form: Any, errors: dict[str, str], made: dict[str, Any] | None = None) -> str:
    with store().read() as session:
        return render_template(
            "cac/admin/devices.html",
            devices=queries.devices(session),
            kinds=list(DEVICE_KINDS.items()),
            form=form,
            errors=errors,
            made=made,
            **queries.places(session, day=lima_day(now_utc())),
        )


def _tokens(form: Any, errors: dict[str, str], made: dict[str, Any] | None = None) -> str:
    with store().read() as session:
        return render_template(
            "cac/admin/tokens.html",
            tokens=queries.tokens(session),
            roles=[(role, ROLE_NAMES[role]) for role in ROLES],
            form=form,
            errors=errors,
            made=made,
            **queries.places(session, day=lima_day(now_utc())),
        )


def _if_kept(made: dict[str, Any], secret: str) -> str | None:
    """The secret, unless this was the repeat of a press: then the one that was kept is no longer known."""
    return secret if made["sha256"] == sha256(secret) else None
