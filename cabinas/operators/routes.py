"""Sign-in of whoever works at the till."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from cabinas.access import SESSION_KEY
from cabinas.operators import queries
from cabinas.operators.tries import Tries
from core.clock import now_utc
from web.access import current_principal, public
from web.api import store

bp = Blueprint("operators", __name__)
tries = Tries()


@bp.get("/entrar")
@public
def sign_in() -> str | Response:
    if current_principal().kind == "staff":
        return redirect("/")
    return _page("", request.args.get("next", "/"), None)


@bp.post("/entrar")
@public
def create_session() -> str | Response | tuple[str, int]:
    login, wanted = request.form.get("usuario", "").strip().lower(), request.form.get("next", "/")
    if tries.exhausted(login, now_utc()):
        return _page(login, wanted, "Demasiados intentos. Espere un minuto y vuelva a probar."), 429
    with store().read() as reading:
        operator = queries.by_pin(reading, login, request.form.get("pin", ""))
    if operator is None:
        tries.note(login, now_utc())
        return _page(login, wanted, "El usuario o el PIN no coinciden. Vuelva a escribirlos."), 401
    session.clear()
    session[SESSION_KEY] = operator.id
    return redirect(wanted if _ours(wanted) else "/")


@bp.post("/salir")
@public
def end_session() -> Response:
    session.clear()
    return redirect(url_for("operators.sign_in"))


def _page(login: str, wanted: str, error: str | None) -> str:
    return render_template("cabinas/entrar.html", usuario=login, next=wanted, error=error)


def _ours(target: str) -> bool:
    parts = urlsplit(target)
    return target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.netloc
