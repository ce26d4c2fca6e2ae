"""A paper that belongs to a case already open: it becomes its next document, with its own entry time and no new number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from cac.expedientes.actions.answer import filed_answer, filed_columns
from cac.expedientes.actions.rows import ExpedienteUnknown, append_document, append_enclosed, append_move, find_case
from cac.expedientes.enclosed import Enclosed, loose_sheets
from cac.expedientes.papers import Letterhead, make_cargo, print_cargo
from cac.expedientes.rules import after
from intake.filing import Filing
from web.access import Principal


class RelatedUnknown(ExpedienteUnknown):
    code = "expediente.relacionado_no_existe"
    detail = "El expediente al que se refiere no existe. Revise su número o preséntelo sin él."


def join_case(
    session: Session,
    filing: Filing,
    *,
    principal: Principal,
    letterhead: Letterhead,
    now: datetime,
    enclosed: Sequence[Enclosed] = (),
) -> dict[str, Any]:
    """File a paper into the case it speaks of, and print its cargo: that case's number and key, this paper's folios and
    dates. What it lacks is said on the cargo and in the movement; the case itself goes on. Raises RelatedUnknown."""
    try:
        case = find_case(session, filing.related or "")
    except ExpedienteUnknown:
        raise RelatedUnknown(field="related") from None
    state = after("documento", case.state)
    document = append_document(
        session,
        case,
        kind="escrito",
        name=f"{filing.tramite.name}: {filing.subject}"[:300],
        sheets=loose_sheets(filing, enclosed),
        principal=principal,
        at=now,
        tramite_code=filing.tramite.code,
        due_on=filing.clock.due_on,
    )
    append_enclosed(session, case, enclosed, principal=principal, at=now)
    missing = list(filing.observed.missing) if filing.observed else []
    append_move(
        session,
        case,
        kind="documento",
        to_state=state,
        principal=principal,
        now=now,
        note=document["name"],
        detail={"ordinal": document["ordinal"], "tramite": filing.tramite.code, "missing": missing},
        due_on=filing.observed.due_on if filing.observed else None,
    )
    columns = filed_columns(filing) | {
        "number": case.number,
        "track_key": case.track_key,
        "applicant_name": filing.applicant.name,
        "cabina": None,
        "place": letterhead.place,
        "receiver_name": principal.name,
    }
    lines = [(line.concept, line.centimos) for line in filing.charges.lines]
    paper = make_cargo(columns, lines, tramite=filing.tramite, letterhead=letterhead)
    job = print_cargo(session, paper, principal=principal, now=now)
    answer = filed_answer(
        filing, number=case.number, key=case.track_key, public_url=letterhead.public_url, print_job=job
    )
    return {**answer, "state": case.state, "document": document["ordinal"]}
