"""What a cabin adds to a case of its own after filing it: what was missing, and the scans of its papers."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from cac.cabin_news.actions import tell
from cac.expedientes.actions import Attachment, add_document, cure, undo_lapse
from cac.expedientes.actions.rows import find_case
from cac.expedientes.models import Documento, Expediente, Observacion
from cac.expedientes.rules import NOT_FILED, OBSERVED
from cac.sync.actions import of_cabina
from cac.treasury.actions import Source
from core import wire
from core.clock import lima_day
from core.workdays import Calendar
from intake.clock import LawClock
from intake.observation import may_cure

LATE = "Subsanación presentada fuera de plazo en la cabina"
ALREADY = "Subsanación en la cabina de lo que ya no faltaba"


def hear_cure(
    session: Session, fact: wire.ObservationCured, source: Source, *, behind_s: int, calendar: Calendar
) -> None:
    """What was missing, as of the day it was brought: a lapse that came before the news is undone. What is late by the centre's
    own hour, or was cured elsewhere meanwhile, joins the case as one more paper. Raises BadPayload, ExpedienteUnknown."""
    case, principal, now = _own_case(session, fact.number, source), of_cabina(source.cabina, fact.operator), source.now
    brought_at = min(now, fact.at + timedelta(seconds=behind_s)) if fact.clock_doubtful else fact.at
    asked = _last_observation(session, case)
    in_time = asked is not None and may_cure(asked.due_on, lima_day(brought_at))
    if in_time and case.state == NOT_FILED:
        undo_lapse(session, case, principal=principal, now=now)
    waiting = {item["code"] for item in asked.items} - set(asked.cured) if asked else set()
    if case.state != OBSERVED or not in_time or not waiting & set(fact.presented):
        name = ALREADY if in_time else LATE
        add_document(session, case.number, name=name, sheets=fact.sheets, principal=principal, now=now)
        lacks = tuple(item["code"] for item in asked.items if item["code"] in waiting) if asked else ()
        outcome: Literal["ya_subsanado", "tarde"] = "ya_subsanado" if in_time else "tarde"
        news = wire.CureNews(
            number=case.number, id=fact.id, at=fact.at, missing=lacks, outcome=outcome, due_on=case.due_on
        )
        tell(session, source.cabina.code, news, now=now)
        return
    cure(
        session,
        case.number,
        calendar=calendar,
        principal=principal,
        now=now,
        presented=list(fact.presented),
        sheets=fact.sheets,
        brought_at=brought_at,
        told=None if fact.clock_doubtful or fact.clock_start_on is None else _told(fact, case),
        event=fact.id,
    )


def hear_attachment(session: Session, fact: wire.AttachmentAnnounced, source: Source) -> None:
    """A scan is announced: a document of the case whose bytes are on their way. Raises BadPayload, ExpedienteUnknown."""
    case = _own_case(session, fact.number, source)
    add_document(
        session,
        case.number,
        kind="adjunto",
        name=fact.name,
        sheets=fact.sheets,
        principal=of_cabina(source.cabina, fact.operator),
        now=source.now,
        attachment=Attachment(fact.sha256, fact.media_type, fact.bytes),
    )


def announced_bytes(session: Session, cabina: str, sha256: str) -> int | None:
    """How long the file is that a cabin announced under that hash; None when it announced none."""
    return session.scalar(
        select(Documento.bytes)
        .join(Expediente, Expediente.id == Documento.expediente_id)
        .where(Documento.sha256 == sha256, Expediente.cabina == cabina)
        .limit(1)
    )


def _own_case(session: Session, number: str, source: Source) -> Expediente:
    case = find_case(session, number)
    if case.cabina != source.cabina.code:
        raise wire.BadPayload(f"{number} no es de la cabina {source.cabina.code}")
    return case


def _last_observation(session: Session, case: Expediente) -> Observacion | None:
    """Of the desk: an area's own request is not cured at a cabin."""
    return session.scalar(
        select(Observacion)
        .where(Observacion.expediente_id == case.id, Observacion.kind == "ingreso")
        .order_by(Observacion.id.desc())
        .limit(1)
    )


def _told(fact: wire.ObservationCured, case: Expediente) -> LawClock:
    return LawClock(case.received_on, fact.clock_start_on, fact.due_on, fact.sap_on)
