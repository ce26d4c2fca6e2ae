"""Reprints, and the person's answer when nobody knows whether a paper came out."""

from __future__ import annotations

from flask import Blueprint, Response, abort, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from cabinas.paper import actions, queries
from cabinas.till import till
from core.clock import now_utc
from printing.decoder import decode
from web.access import current_principal, requires
from web.api import store, write_once

bp = Blueprint("paper", __name__)


@bp.post("/papeles/<subject>/reimpresiones")
@requires("caja")
def create_reprint(subject: str) -> AnyResponse:
    write_once(actions.reprint, subject, by=current_principal().name, device=till().device, now=now_utc())
    return redirect(_back(), 303)


@bp.post("/impresiones/<int:job>/respuestas")
@requires("caja")
def create_answer(job: int) -> AnyResponse:
    came_out = request.form.get("salio") == "si"
    write_once(actions.answer, job, came_out=came_out, by=current_principal().name, device=till().device, now=now_utc())
    return redirect(_back(), 303)


@bp.get("/papeles/<int:job>.png")
@requires("caja")
def picture(job: int) -> Response:
    """The paper drawn from the very bytes that were sent."""
    with store().read() as session:
        found = queries.job(session, job)
        if found is None:
            abort(404)
    response = Response(decode(found.data, columns=found.columns).png(), mimetype="image/png")
    response.set_etag(found.sha256)
    return response


def _back() -> str:
    """The page of the till the form was on."""
    wanted = request.form.get("next", "/")
    return wanted if wanted.startswith("/") and not wanted.startswith(("//", "/\\")) else "/"
