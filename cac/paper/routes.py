"""Paper over HTTP: jobs and their questions for programs and for staff, and the door of the print agents."""

from __future__ import annotations

from base64 import b64encode
from typing import Any, Literal

from apiflask import APIBlueprint, APIFlask
from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from pydantic import Field, StrictBool, StrictInt
from werkzeug.wrappers import Response as BaseResponse

from cac.paper import actions, queries
from cac.paper.loop import Spool
from core.clock import now_utc
from core.errors import Rejected
from printing import Profile
from printing.outcome import Health, Outcome, State
from storage import Store
from web.access import current_principal, requires
from web.api import ApiModel, store, write_once

api = APIBlueprint("paper_api", __name__, url_prefix="/api/v1", tag="Papel")
bp = Blueprint("paper", __name__)

JobState = Literal["en_cola", "enviando", "confirmada", "no_enviada", "desconocida", "retenida", "vencida"]


def start_spool(app: APIFlask, store: Store) -> None:
    """Give the server process its spool: begun with the loops, ended with them, asked by /health."""
    spool = Spool(store)
    app.extensions["health.spool"] = spool.state
    app.extensions.setdefault("tasks", []).append(spool.task())
    app.extensions.setdefault("at_stop", []).append(spool.stop)


class JobView(ApiModel):
    id: int
    state: JobState
    printer: str
    copies: int = Field(description="copias marcadas que se pidieron de este papel")
    copy_number: int = Field(alias="copy", description="0 el original, n de REIMPRESIÓN n")
    original: int
    subject: str
    title: str
    detail: str
    sha256: str
    created_at: str
    print_job: int | None = Field(default=None, description="la copia que sale en lugar del que no salió")


class Answer(ApiModel):
    salio: StrictBool = Field(description="si el papel salió de la impresora")


class MarkRequest(ApiModel):
    attempt: StrictInt


class ResultRequest(ApiModel):
    attempt: StrictInt
    state: Literal["confirmada", "no_enviada", "desconocida"]
    detail: str = Field(max_length=1_000)
    sent_bytes: StrictInt = 0


class HealthRequest(ApiModel):
    problem: str | None = Field(default=None, max_length=1_000)
    warning: str | None = Field(default=None, max_length=1_000)


class AgentView(ApiModel):
    printer: str
    columns: int


class AgentJob(ApiModel):
    id: str
    attempt: int
    data: str = Field(description="los bytes del papel, en base64")


class Done(ApiModel):
    done: bool


# Jobs, for programs


@api.get("/impresiones/<int:job_id>")
@api.output(JobView)
@requires("paper.jobs")
def show_job(job_id: int) -> Any:
    """How a paper stands."""
    with store().read() as session:
        return actions.view(session, actions.find_job(session, job_id, principal=current_principal()))


@api.post("/impresiones/<int:job_id>/respuestas")
@api.input(Answer, arg_name="body")
@api.output(JobView)
@requires("paper.jobs")
def answer_job(job_id: int, body: Answer) -> Any:
    """A person's word on a paper of unknown outcome; "no salió" prints it again, marked."""
    return write_once(actions.answer, job_id, came_out=body.salio, principal=current_principal(), now=now_utc())


@api.post("/impresiones/<int:job_id>/reimpresiones")
@api.output(JobView, status_code=201)
@requires("paper.jobs")
def reprint_job(job_id: int) -> Any:
    """A copy marked REIMPRESIÓN n, once for each key."""
    return write_once(actions.reprint, job_id, principal=current_principal(), now=now_utc())


# Agents


@api.get("/agente")
@api.output(AgentView)
@requires("paper.agent")
def show_agent() -> Any:
    """The printer this agent prints for."""
    with store().read() as session:
        printer = actions.agent_printer(session, current_principal())
        return {"printer": printer.name, "columns": Profile.from_url(printer.url).columns}


@api.get("/agente/trabajos")
@api.output(AgentJob)
@requires("paper.agent")
def next_agent_job() -> Any:
    """The next paper to print; 204 when none waits. Nothing is promised until it is marked."""
    with store().read() as session:
        printer = actions.agent_printer(session, current_principal())
        job = queries.next_job(session, printer.id, now=now_utc())
    if job is None:
        return Response(status=204)
    return {"id": job.id, "attempt": job.attempt, "data": b64encode(job.data).decode()}


@api.post("/agente/trabajos/<int:job_id>/marcas")
@api.input(MarkRequest, arg_name="body")
@api.output(Done)
@requires("paper.agent")
def mark_agent_job(job_id: int, body: MarkRequest) -> Any:
    """Before the first byte. `done` false: it is no longer this agent's to print."""
    return write_once(actions.agent_mark, job_id, attempt=body.attempt, principal=current_principal(), now=now_utc())


@api.post("/agente/trabajos/<int:job_id>/resultados")
@api.input(ResultRequest, arg_name="body")
@api.output(Done)
@requires("paper.agent")
def keep_agent_result(job_id: int, body: ResultRequest) -> Any:
    """What came of a try; repeated until it arrives."""
    outcome = Outcome(State(body.state), body.detail, body.sent_bytes)
    return write_once(
        actions.agent_result, job_id, outcome, attempt=body.attempt, principal=current_principal(), now=now_utc()
    )


@api.post("/agente/recuperaciones")
@api.output(Done)
@requires("paper.agent")
def recover_agent() -> Any:
    """The agent starts: what it was sending when it died is now for a person to settle."""
    return write_once(actions.agent_recover, principal=current_principal(), now=now_utc())


@api.post("/agente/estados")
@api.input(HealthRequest, arg_name="body")
@api.output(Done)
@requires("paper.agent")
def note_agent_health(body: HealthRequest) -> Any:
    """What the agent's printer says of itself."""
    health = Health(body.problem, body.warning)
    return write_once(actions.agent_health, health, principal=current_principal(), now=now_utc())


# Pages


@bp.get("/impresiones")
@requires("paper.use")
def jobs_page() -> str:
    """What a person must settle first, then printers, then the last papers."""
    q = request.args.get("q", "").strip()
    with store().read() as session:
        return render_template(
            "cac/paper/index.html",
            questions=queries.questions(session),
            printers=queries.printers(session),
            jobs=queries.recent(session, q=q),
            q=q,
        )


@bp.get("/impresiones/<int:job_id>")
@requires("paper.use")
def job_page(job_id: int) -> str:
    """One paper as its bytes print it, and what came of each try."""
    with store().read() as session:
        job = actions.find_job(session, job_id, principal=current_principal())
        _note_look(job.subject)
        return render_template(
            "cac/paper/job.html",
            job=actions.view(session, job),
            created_at=job.created_at,
            attempts=queries.attempts(session, job_id),
            text=queries.preview(session, job).text,
        )


@bp.get("/impresiones/<int:job_id>.png")
@requires("paper.use")
def job_picture(job_id: int) -> Response:
    """The paper, drawn from the stored bytes."""
    with store().read() as session:
        job = actions.find_job(session, job_id, principal=current_principal())
        _note_look(job.subject)
        decoded, digest = queries.preview(session, job), job.sha256
    return _unchanging(decoded.png(), "image/png", digest)


@bp.get("/impresiones/<int:job_id>.bin")
@requires("paper.use")
def job_bytes(job_id: int) -> Response:
    """The stored bytes themselves."""
    with store().read() as session:
        job = actions.find_job(session, job_id, principal=current_principal())
        _note_look(job.subject)
        data, digest = job.data, job.sha256
    return _unchanging(data, "application/octet-stream", digest)


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


def _note_look(subject: str) -> None:
    current_app.extensions["reads"].note(current_principal(), subject, now=now_utc())


def _unchanging(data: bytes, mimetype: str, digest: str) -> Response:
    """The bytes of a job never change: its hash is their version."""
    response = Response(data, mimetype=mimetype, headers={"Cache-Control": "private, no-cache"})
    response.set_etag(digest)
    response.make_conditional(request)
    return response
