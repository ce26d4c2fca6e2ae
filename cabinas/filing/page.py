"""The page of a case of this till: after it is filed, and whenever something is added to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import render_template
from sqlalchemy.orm import Session

from cabinas.attachments import queries as attachments
from cabinas.attachments.models import Adjunto
from cabinas.cures import queries as cures
from cabinas.cures.actions import subject
from cabinas.filing import queries
from cabinas.filing.models import Expediente
from cabinas.money.actions import CaseUnknown
from cabinas.money.queries import standing_extorno
from cabinas.paper import queries as paper
from cabinas.till import till
from cabinas.valijas import queries as valijas
from core.clock import lima_day
from core.errors import Rejected
from web.api import store


@dataclass(frozen=True, slots=True)
class FileSeen:
    """An attachment of a case. `percent` of its bytes that the centre is known to have; None when that was not asked yet."""

    row: Adjunto
    percent: int | None


def case_page(number: str, *, now: datetime, refused: Rejected | None = None) -> str:
    """Raises CaseUnknown."""
    with store().read() as session:
        case = find(session, number)
        lacking = cures.lacking(session, case)
        return render_template(
            "cabinas/registrado.html",
            case=case,
            answer=case.answer,
            job=paper.job(session, case.print_job),
            lacking=lacking,
            late=lacking is not None and lacking.late(lima_day(now)),
            cures=cures.cures_seen(session, case.number, subject),
            texts=cures.texts(session, case),
            files=files_of(session, case.number),
            bag=valijas.bag_of(session, case.number),
            sent=queries.is_held(session, case),
            aside=queries.set_aside(session, case),
            extorno=standing_extorno(session, case.number),
            refused=refused,
        )


def find(session: Session, number: str) -> Expediente:
    """Raises CaseUnknown."""
    case = queries.case(session, number)
    if case is None:
        raise CaseUnknown()
    return case


def files_of(session: Session, number: str) -> list[FileSeen]:
    sending = till().attachments
    return [
        FileSeen(row, sending.sent[row.sha256] * 100 // row.bytes if sending and row.sha256 in sending.sent else None)
        for row in attachments.of_case(session, number)
    ]
