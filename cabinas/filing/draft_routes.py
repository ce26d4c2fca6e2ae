"""The new trámite that is not finished: saved while it is typed, discarded, and brought back when its page was left behind."""

from __future__ import annotations

from datetime import datetime

from flask import g, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response

from cabinas.access import identify, may
from cabinas.enrolment.queries import terms
from cabinas.filing import drafts
from cabinas.filing.routes import bp, chosen_of, form_page
from core.clock import now_utc
from core.errors import Forbidden, Unauthenticated
from web.access import Principal, current_principal, requires
from web.api import store
from web.problems import problem
from web.security import FormExpired

Page = str | Response | tuple[str, int]


class AnotherSession(Forbidden):
    code, title = "acceso.formulario_vencido", "No se cobró nada"
    detail = (
        "En otra pestaña alguien salió de la caja o entró en ella. Aquí está todo lo que usted escribió: revíselo y vuelva a "
        "presionar el botón."
    )


@bp.post("/nuevo/borradores")
@requires("caja")
def save_draft() -> Page:
    """What the form says now; the page asks this by itself."""
    now, who = now_utc(), current_principal()
    key = request.form.get("_key", "")
    scope = f"{who.key} POST {url_for('filing.create')}"
    if not store().write(drafts.save, key, request.form, operator_id=who.id, scope=scope, now=now):
        return "", 204
    return render_template("cabinas/_guardado.html", saved_at=now)


@bp.post("/nuevo/borradores/<key>/bajas")
@requires("caja")
def discard_draft(key: str) -> Page:
    store().write(drafts.discard, key, operator_id=current_principal().id)
    return redirect(url_for("filing.new"), 303)


def left_behind(refusal: CSRFError | Unauthenticated) -> Page:
    """A page that somebody's sign-out, sign-in or hand-over in another tab left behind. Of a new trámite nothing typed is lost: the
    form comes back, after the sign-in where nobody is signed in."""
    told = refusal if isinstance(refusal, Unauthenticated) else FormExpired()
    g.principal = identify(store())  # the token of a form is looked at before who sends it
    if request.endpoint != "filing.create":
        return problem(told.status, told.title, told.code, told.detail)
    with store().read() as session:
        number = drafts.filed_under(session, request.form.get("_key", ""))
    if number is not None:
        return redirect(url_for("filing.filed", number=number), 303)
    if not may(g.principal.role, "caja"):
        page = render_template(
            "cabinas/entrar.html", usuario="", next="/", error=None, carried=request.form, prefix=drafts.CARRIED
        )
        return page, Unauthenticated.status
    return _again(g.principal, now=now_utc())


def _again(who: Principal, *, now: datetime) -> Page:
    with store().read() as session:
        held = terms(session)
        chosen = chosen_of(held, request.form.get("tramite", ""), now)
        refusal = AnotherSession(f"{AnotherSession.detail} Saldrá a nombre de {who.name}.")
        key = request.form.get("_key", "")
        return form_page(session, held, chosen, request.form, key=key, error=refusal, now=now), refusal.status
