"""`/api/v1/expedientes/{number}/subsanaciones` of the till."""

from __future__ import annotations

from typing import Annotated, Any

from apiflask import APIBlueprint
from pydantic import Field, StrictInt

from cabinas.cures import actions
from cabinas.till import till
from core.clock import now_utc
from intake.request import ANNEXES_MAX, SHEETS_MAX
from web.access import current_principal, requires
from web.api import ApiModel, write_once

bp = APIBlueprint("cures_api", __name__, url_prefix="/api/v1", tag="Expedientes")


class CureIn(ApiModel):
    presented: Annotated[list[str], Field(max_length=ANNEXES_MAX)] | None = None
    sheets: Annotated[StrictInt, Field(ge=0, le=SHEETS_MAX)] = 1


@bp.post("/expedientes/<number>/subsanaciones")
@requires("caja")
@bp.input(CureIn, location="json", arg_name="brought")
def create_cure(number: str, brought: CureIn) -> tuple[dict[str, Any], int]:
    """Recibe lo que faltaba: todo, o los requisitos de `presented`."""
    till().refuse_without_space()
    answer = write_once(
        actions.cure,
        number,
        presented=brought.presented,
        sheets=brought.sheets,
        operator=current_principal().name,
        device=till().device,
        now=now_utc(),
    )
    return answer, 201
