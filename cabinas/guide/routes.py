"""The guide as a PDF, to print at the till."""

from __future__ import annotations

from flask import Blueprint, Response

from cabinas.enrolment.queries import terms
from cabinas.guide.contents import operators_guide
from web.access import requires
from web.api import store

bp = Blueprint("guide", __name__)


@bp.get("/guia.pdf")
@requires("caja")
def show() -> Response:
    with store().read() as session:
        page = operators_guide(terms(session).catalogue)
    shown = Response(page, mimetype="application/pdf")
    shown.headers["Content-Disposition"] = 'inline; filename="guia-de-la-caja.pdf"'
    return shown
