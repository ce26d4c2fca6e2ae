"""Help at the till: whom to call and what to do, on a page for anybody at the PC, and as a PDF to print."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from cabinas.enrolment.queries import terms
from cabinas.guide.contents import COLUMNS, operators_guide
from cabinas.guide.whom import whom
from web.access import public, requires
from web.api import store

bp = Blueprint("guide", __name__)


@bp.get("/ayuda")
@public
def help_page() -> str:
    return render_template("cabinas/ayuda.html", columns=COLUMNS)


@bp.get("/guia.pdf")
@requires("caja")
def show() -> Response:
    with store().read() as session:
        page = operators_guide(terms(session).catalogue, whom(session))
    shown = Response(page, mimetype="application/pdf")
    shown.headers["Content-Disposition"] = 'inline; filename="guia-de-la-caja.pdf"'
    return shown
