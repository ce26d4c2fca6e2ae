"""Print jobs for programs."""

from __future__ import annotations

from typing import Any, Literal

from apiflask import APIBlueprint
from pydantic import Field, StrictBool

from cac.paper import actions
from core.clock import now_utc
from web.access import current_principal, requires
from web.api import ApiModel, store, write_once

api = APIBlueprint("paper_api", __name__, url_prefix="/api/v1", tag="Papel")

JobState = Literal["en_cola", "enviando", "confirmada", "no_enviada", "desconocida", "retenida", "vencida"]


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
