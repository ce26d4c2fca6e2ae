"""/impresiones: what a person must settle, how printers are, the last papers."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from cac.audit.reads import looked_at
from cac.paper import actions, queries
from core.clock import now_utc
from core.errors import Rejected
from web.access import current_principal, requires
from web.api import store, write_once

bp = Blueprint("paper", __name__)


@bp.get("/impresiones")
@requires("paper.use")
def jobs_page() -> str:
    """What a person must settle first, then printers, then the last papers."""
    q, sala = request.args.get("q", "").strip(), current_principal().sala
    with store().read() as session:
        return render_template(
            "cac/paper/index.html",
            questions=queries.questions(session, sala=sala),
            printers=queries.printers(session),
            jobs=queries.recent(session, sala=sala, q=q),
            q=q,
        )


@bp.get("/impresiones/<int:job_id>")
@requires("paper.use")
def job_page(job_id: int) -> str:
    """One paper as its bytes print it, and what came of each try."""
    with store().read() as session:
        job = actions.find_job(session, job_id, principal=current_principal())
        looked_at(job.subject, now=now_utc())
        return render_template(
            "cac/paper/job.html",
            job=actions.view(session, job),
            created_at=job.created_at,
            attempts=queries.attempts(session, job_id),
            text=queries.preview(job).text,
        )


@bp.get("/impresiones/<int:job_id>.png")
@requires("paper.use")
def job_picture(job_id: int) -> Response:
    """The paper, drawn from the stored bytes."""
    with store().read() as session:
        job = actions.find_job(session, job_id, principal=current_principal())
        looked_at(job.subject, now=now_utc())
        decoded, digest = queries.preview(job), job.sha256
    return _unchanging(decoded.png(), "image/png", digest)


@bp.get("/impresiones/<int:job_id>.bin")
@requires("paper.use")
def job_bytes(job_id: int) -> Response:
    """The stored bytes themselves."""
    with store().read() as session:
        job = actions.find_job(session, job_id, principal=current_principal())
        looked_at(job.subject, now=now_utc())
        data, digest = job.data, job.sha256
    return _unchanging(data, "application/octet-stream", digest)


@bp.get("/impresiones/impresoras/<int:printer_id>")
@requires("paper.use")
def printer_page(printer_id: int) -> str:
    """One printer: how it is, what it printed, its history."""
    with store().read() as session:
        return render_template(
            "cac/paper/printer.html", printer=queries.printer_card(session, printer_id, now=now_utc())
        )


@bp.post("/impresiones/<int:job_id>/respuestas")
@requires("paper.use")
def answer_page(job_id: int) -> BaseResponse:
    came_out = request.form.get("salio") == "si"
    said = "Gracias: quedó anotado que salió." if came_out else "Sale una copia marcada como reimpresión."
    return _settle(actions.answer, job_id, said, came_out=came_out)


@bp.post("/impresiones/<int:job_id>/reimpresiones")
@requires("paper.use")
def reprint_page(job_id: int) -> BaseResponse:
    return _settle(actions.reprint, job_id, "La copia va a la impresora, marcada como reimpresión.")


@bp.post("/impresiones/<int:job_id>/liberaciones")
@requires("paper.use")
def release_page(job_id: int) -> BaseResponse:
    wanted = request.form.get("imprimir") == "si"
    said = "El papel va a la impresora." if wanted else "Quedó anotado: no se imprimirá."
    return _settle(actions.release, job_id, said, wanted=wanted)


def _settle(verb: Any, job_id: int, said: str, **kw: Any) -> BaseResponse:
    try:
        write_once(verb, job_id, principal=current_principal(), now=now_utc(), **kw)
        flash(said, "bien")
    except Rejected as refusal:
        flash(refusal.detail, "error")
    back = request.form.get("volver", "")
    return redirect(back if back.startswith("/impresiones") else url_for("paper.jobs_page"))


def _unchanging(data: bytes, mimetype: str, digest: str) -> Response:
    """The bytes of a job never change: its hash is their version."""
    response = Response(data, mimetype=mimetype, headers={"Cache-Control": "private, no-cache"})
    response.set_etag(digest)
    response.make_conditional(request)
    return response
