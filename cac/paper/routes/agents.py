"""The door of the print agents: each sees the jobs of its own printer, marks them and says what came of them."""

from __future__ import annotations

from base64 import b64encode
from typing import Any, Literal

from apiflask import APIBlueprint
from flask import Response, current_app
from pydantic import Field, StrictInt

from cac.paper import actions, queries
from core.clock import now_utc
from core.errors import NotFound
from printing import Profile
from printing.outcome import Health, Outcome, State
from web.access import current_principal, public, requires
from web.api import ApiModel, store, write_once
from web.tls import authority_pem

api = APIBlueprint("paper_agents", __name__, url_prefix="/api/v1", tag="Papel")


class NoAuthority(NotFound):
    code = "agente.sin_autoridad"
    detail = "Este centro no hizo una autoridad propia: no se inició con «serve --tls»."


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


@api.get("/agente")
@api.output(AgentView)
@requires("paper.agent")
def show_agent() -> Any:
    """The printer this agent prints for."""
    with store().read() as session:
        printer = actions.agent_printer(session, current_principal())
        return {"printer": printer.name, "columns": Profile.from_url(printer.url).columns}


@api.get("/agente/autoridad")
@public
def show_authority() -> Response:
    """The certificate of the authority that this centre made, in PEM; 404 where it made none. An agent that holds its
    fingerprint asks for it before it trusts anything."""
    pem = authority_pem(current_app.extensions["settings"].keys_dir)
    if pem is None:
        raise NoAuthority()
    return Response(pem, mimetype="application/x-pem-file")


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


@api.post("/agente/senales")
@api.output(Done)
@requires("paper.agent")
def note_agent_signal() -> Any:
    """The agent is there. Told every few seconds and kept as one instant, so it needs no Idempotency-Key."""
    return store().write(actions.agent_signal, principal=current_principal(), now=now_utc())


@api.post("/agente/estados")
@api.input(HealthRequest, arg_name="body")
@api.output(Done)
@requires("paper.agent")
def note_agent_health(body: HealthRequest) -> Any:
    """What the agent's printer says of itself."""
    health = Health(body.problem, body.warning)
    return write_once(actions.agent_health, health, principal=current_principal(), now=now_utc())
