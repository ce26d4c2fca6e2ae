"""Sign-in and sign-out of staff."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask_login import UserMixin, login_user, logout_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from cac.access import actions
from cac.access.models import Staff
from cac.access.roles import ADMIN, AUDITOR, CAJERO, ORIENTADOR, SUPERVISOR, TESORERIA, UNIDAD, VENTANILLA
from core.clock import now_utc
from core.errors import Rejected
from web.access import Principal, current_principal, public
from web.api import store

bp = Blueprint("access", __name__)

HOME = {
    VENTANILLA: "/ventanilla",
    ORIENTADOR: "/orientador",
    UNIDAD: "/bandeja",
    CAJERO: "/caja",
    TESORERIA: "/tesoreria",
    SUPERVISOR: "/supervisor",
    ADMIN: "/admin",
    AUDITOR: "/expedientes",
}


class SignedIn(UserMixin):
    """What Flask-Login keeps of a person during a request."""

    def __init__(self, principal: Principal):
        self.id = str(principal.id)
        self.principal = principal


@bp.get("/entrar")
@public
def sign_in() -> str | Response:
    if current_principal().kind == "staff":
        return redirect(HOME[current_principal().role])
    return render_template("cac/access/login.html", next=request.args.get("next", ""), username="", error=None)


@bp.post("/entrar")
@public
def create_session() -> str | Response | tuple[str, int]:
    username, wanted = request.form.get("username", "").strip(), request.form.get("next", "")
    try:
        person = _check(username, request.form.get("password", ""))
    except Rejected as refusal:
        page = render_template("cac/access/login.html", next=wanted, username=username, error=refusal.detail)
        return page, refusal.status
    store().write(actions.note_sign_in, person.id, now=now_utc())
    login_user(SignedIn(person))
    return redirect(wanted if _ours(wanted) else HOME[person.role])


@bp.post("/salir")
@public
def end_session() -> Response:
    logout_user()
    return redirect(url_for("access.sign_in"))


def _check(username: str, password: str) -> Principal:
    """The person, if name and password match and tries are left. Raises WrongSignIn, TooManySignIns, DemoOnNetwork."""
    now, address = now_utc(), request.remote_addr or ""
    with store().read() as session:
        if actions.too_many_failures(session, username, address, now=now):
            raise actions.TooManySignIns()
        person = session.scalar(select(Staff).where(Staff.username == username, Staff.disabled_at.is_(None)))
    if not actions.check_password(person, password) or person is None:
        store().write(actions.note_failure, username, address, now=now)
        raise actions.WrongSignIn()
    if person.demo and not current_app.extensions["settings"].loopback:
        raise actions.DemoOnNetwork()
    return actions.of_staff(person)


def _ours(target: str) -> bool:
    """Whether a `next` address stays on this site."""
    parts = urlsplit(target)
    return target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
