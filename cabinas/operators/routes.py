"""Sign-in of whoever works at the till, their own PIN, and the page where the responsible says who they are."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from cabinas.access import begin_session
from cabinas.filing import drafts
from cabinas.operators import actions, queries
from cabinas.operators.models import Operator
from cabinas.operators.rules import check_login, shut_out
from cabinas.operators.tries import Tries
from core.clock import now_utc
from core.errors import Forbidden, Invalid, NotFound, Rejected
from web.access import current_principal, public, requires
from web.api import store
from web.forms import told

bp = Blueprint("operators", __name__)
tries = Tries()

WAIT = "Demasiados intentos. Espere un minuto y vuelva a probar."
WRONG = "El usuario o el PIN no coinciden. Vuelva a escribirlos."
SHUT = "Este usuario se cerró por muchos PIN equivocados seguidos. Quien responde por la cabina puede darle otro PIN."


class OwnPinWrong(Forbidden):
    code, title = "operador.pin_actual", "PIN equivocado"
    detail = "El PIN que tiene ahora no es ese. Vuelva a escribirlo."


class PinsDiffer(Invalid):
    code = "operador.pin_distinto"
    detail = "Los dos PIN nuevos no son iguales. Escríbalos otra vez."


@bp.get("/entrar")
@public
def sign_in() -> str | Response:
    if current_principal().kind == "staff":
        return redirect("/")
    return _sign_in_page("", request.args.get("next", "/"), None)


@bp.post("/entrar")
@public
def create_session() -> str | Response | tuple[str, int]:
    login, wanted = request.form.get("usuario", "").strip().lower(), request.form.get("next", "/")
    now = now_utc()
    if tries.exhausted(login, now):
        return _sign_in_page(login, wanted, WAIT), 429
    with store().read() as reading:
        operator = queries.by_pin(reading, login, request.form.get("pin", ""))
        known = queries.by_login(reading, login)
        shut = known is not None and shut_out(known.wrong_pins)
    if operator is None:
        tries.note(login, now)
        store().write(actions.note_wrong_pin, login)
        return _sign_in_page(login, wanted, SHUT if shut else WRONG), 401
    if operator.wrong_pins:
        store().write(actions.forget_wrong_pins, operator.id)
    begin_session(operator)
    return redirect(_kept_draft(operator, now) or (wanted if _ours(wanted) else "/"))


def _kept_draft(operator: Operator, now: datetime) -> str | None:
    """Where the new trámite goes on that was sent while nobody was signed in."""
    form = drafts.carried(request.form)
    key = form.get("_key", "")
    if not store().write(drafts.save, key, form, operator_id=operator.id, scope="", now=now):
        return None
    return url_for("filing.new", borrador=key)


@bp.post("/salir")
@public
def end_session() -> Response:
    session.clear()
    return redirect(url_for("operators.sign_in"))


@bp.get("/mi-pin")
@requires("caja")
def own_pin() -> str:
    return render_template("cabinas/mi-pin.html", errors={})


@bp.post("/mi-pin")
@requires("caja")
def change_own_pin() -> Response | tuple[str, int]:
    who, now = current_principal(), now_utc()
    try:
        with store().read() as reading:
            me = queries.by_id(reading, who.id)
            right = me is not None and queries.by_pin(reading, me.login, request.form.get("actual", ""))
        if me is None or tries.exhausted(me.login, now) or not right:
            if me is not None:
                tries.note(me.login, now)
            raise OwnPinWrong(field="actual")
        pin_hash = actions.hash_pin(_typed_twice(), login=me.login)
        store().write(actions.set_pin, who.id, pin_hash, by=who.name, own=True, now=now)
    except Rejected as refused:
        return render_template("cabinas/mi-pin.html", errors=told(refused)), refused.status
    _stay_signed_in()
    flash("Su PIN cambió. Úselo la próxima vez que entre.", "bien")
    return redirect("/", 303)


@bp.get("/operadores")
@requires("operadores")
def index() -> str:
    return _page(None)


@bp.post("/operadores")
@requires("operadores")
def create_operator() -> Response | tuple[str, int]:
    who = current_principal()
    try:
        login = check_login(request.form.get("usuario", ""))
        pin_hash = actions.hash_pin(_typed_twice(), login=login)
        name = request.form.get("name", "")
        store().write(actions.add_operator, login=login, name=name, pin_hash=pin_hash, by=who.name, now=now_utc())
    except Rejected as refused:
        return _page(refused), refused.status
    return _done(f"{login} ya puede entrar con su PIN. Dígale que lo cambie en «Mi PIN».")


@bp.post("/operadores/<int:operator_id>/pin")
@requires("operadores")
def create_pin(operator_id: int) -> Response | tuple[str, int]:
    try:
        pin_hash = actions.hash_pin(_typed_twice())
        store().write(actions.set_pin, operator_id, pin_hash, by=current_principal().name, now=now_utc())
    except NotFound:
        raise
    except Rejected as refused:
        return _page(refused, of=operator_id), refused.status
    if operator_id == current_principal().id:
        _stay_signed_in()
    return _done("PIN cambiado. Dígaselo en persona.")


@bp.post("/operadores/<int:operator_id>/bajas")
@requires("operadores")
def create_leave(operator_id: int) -> Response | tuple[str, int]:
    try:
        name = store().write(actions.dismiss, operator_id, by=current_principal().name, now=now_utc())
    except NotFound:
        raise
    except Rejected as refused:
        return _page(refused), refused.status
    return _done(f"{name} ya no puede entrar. Lo que registró conserva su nombre.")


@bp.post("/operadores/<int:operator_id>/cargos")
@requires("operadores")
def create_charge(operator_id: int) -> Response | tuple[str, int]:
    responsible = request.form.get("responsable") == "si"
    try:
        name = store().write(actions.entrust, operator_id, responsible, by=current_principal().name, now=now_utc())
    except NotFound:
        raise
    except Rejected as refused:
        return _page(refused), refused.status
    return _done(f"{name} responde por la cabina." if responsible else f"{name} ya no responde por la cabina.")


@bp.post("/operadores/programas/<int:token_id>/bajas")
@requires("operadores")
def revoke_token(token_id: int) -> Response:
    store().write(actions.revoke_token, token_id, now=now_utc())
    return _done("Ese programa ya no puede usar la caja.")


def _done(sentence: str) -> Response:
    flash(sentence, "bien")
    return redirect(url_for("operators.index") if _still_responsible() else "/", 303)


def _stay_signed_in() -> None:
    """Whoever changed their own PIN goes on in this browser; any other browser of theirs asks for it."""
    with store().read() as reading:
        me = queries.by_id(reading, current_principal().id)
    if me is not None:
        begin_session(me)


def _still_responsible() -> bool:
    with store().read() as reading:
        me = queries.by_id(reading, current_principal().id)
        return me is not None and me.responsible


def _typed_twice() -> str:
    """Raises PinsDiffer."""
    pin = request.form.get("pin", "")
    if pin != request.form.get("otra_vez", ""):
        raise PinsDiffer(field="otra_vez")
    return pin


def _page(refused: Rejected | None, *, of: int | None = None) -> str:
    """`of`: whose PIN was refused; else it is the form of who comes."""
    with store().read() as reading:
        return render_template(
            "cabinas/operadores.html",
            operators=queries.operators(reading),
            changes=queries.changes(reading),
            words=actions.CHANGES,
            tokens=queries.tokens(reading),
            shut_out=shut_out,
            me=current_principal().id,
            form=request.form if of is None else {},
            errors=told(refused) if refused else {},
            of=of,
        )


def _sign_in_page(login: str, wanted: str, error: str | None) -> str:
    with_it = drafts.carried(request.form)
    return render_template(
        "cabinas/entrar.html", usuario=login, next=wanted, error=error, carried=with_it, prefix=drafts.CARRIED
    )


def _ours(target: str) -> bool:
    parts = urlsplit(target)
    return target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.netloc
