"""`/api/v1/expedientes/{number}/documentos` of the till."""

from __future__ import annotations

from typing import Annotated, Any

from apiflask import APIBlueprint
from pydantic import Field, StrictInt

from cabinas.attachments import actions
from cabinas.filing.page import find
from cabinas.till import till
from core.clock import now_utc
from intake.request import SHEETS_MAX
from storage.contents import decode, keep
from web.access import current_principal, requires
from web.api import ApiModel, store, write_once

bp = APIBlueprint("attachments_api", __name__, url_prefix="/api/v1", tag="Expedientes")


class DocumentIn(ApiModel):
    name: Annotated[str, Field(min_length=1, max_length=300)]
    sheets: Annotated[StrictInt, Field(ge=0, le=SHEETS_MAX)] = 0
    content: str  # base64


@bp.post("/expedientes/<number>/documentos")
@requires("caja")
@bp.input(DocumentIn, location="json", arg_name="sent")
def create_document(number: str, sent: DocumentIn) -> tuple[dict[str, Any], int]:
    """Adjunta un PDF o una imagen; sus bytes se envían después de los datos."""
    till().refuse_without_space()
    data = decode(sent.content)
    with store().read() as session:
        find(session, number)
    answer = write_once(
        actions.add,
        number,
        keep(till().files_dir, data),
        name=sent.name,
        sheets=sent.sheets,
        operator=current_principal().name,
        device=till().device,
        now=now_utc(),
    )
    return answer, 201
