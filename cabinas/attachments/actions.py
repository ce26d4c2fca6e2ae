"""Adding a scan to a case of this till: the file is on disk already, its announcement is an event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from cabinas.attachments import queries
from cabinas.attachments.models import Adjunto
from cabinas.device import Device
from cabinas.enrolment.queries import terms
from cabinas.filing import queries as filing
from cabinas.money.actions import CaseUnknown
from cabinas.outbox import actions as outbox
from cabinas.sync.clock import read_clock
from core import wire
from core.errors import Conflict
from core.identity import clean_text
from core.ids import uuid7
from storage.contents import Attachment

FILES_MAX = 30  # of one case
NAME_CHARS_MAX = 120


class TooManyFiles(Conflict):
    code, title = "archivo.demasiados", "Demasiados archivos"
    detail = f"Un expediente admite hasta {FILES_MAX} archivos en la cabina. Una varias páginas en un solo PDF."


def add(
    session: Session,
    number: str,
    attachment: Attachment,
    *,
    name: str,
    sheets: int,
    operator: str,
    device: Device,
    now: datetime,
) -> dict[str, Any]:
    """The file becomes a document of the case; the same file again is the same document. Raises CaseUnknown, TooManyFiles, Frozen."""
    reading, held = read_clock(session, now), terms(session)
    case = filing.case(session, number)
    if case is None:
        raise CaseUnknown()
    known = queries.of_case(session, case.number)
    for row in known:
        if row.sha256 == attachment.sha256:
            _is_here_again(session, row.sha256)
            return _told(row)
    if len(known) >= FILES_MAX:
        raise TooManyFiles()
    fact = wire.AttachmentAnnounced(
        at=reading.at,
        clock_doubtful=reading.doubtful,
        operator=operator,
        id=str(uuid7()),
        number=case.number,
        name=(clean_text(name) or "Adjunto")[:NAME_CHARS_MAX],
        sheets=sheets,
        **attachment.columns(),
    )
    event = outbox.append(session, fact, lease=held.lease, key=device.key, at=reading.at)
    row = Adjunto(
        id=fact.id,
        number=case.number,
        epoch=event.header.epoch,
        seq=event.header.seq,
        name=fact.name,
        sheets=sheets,
        at=reading.at,
        operator=operator,
        **attachment.columns(),
    )
    session.add(row)
    device.events_appended(session, event.header.epoch, event.header.seq)
    return _told(row)


def _told(row: Adjunto) -> dict[str, Any]:
    return {"id": row.id, "number": row.number, "name": row.name, "sha256": row.sha256, "bytes": row.bytes}


def mark_whole(session: Session, sha256: str, *, now: datetime) -> None:
    """The centre has every byte of it, for all the cases it is in."""
    session.execute(update(Adjunto).where(Adjunto.sha256 == sha256, Adjunto.whole_at.is_(None)).values(whole_at=now))


def mark_gone(session: Session, hashes: Sequence[str], *, now: datetime) -> None:
    """Their bytes were removed from this disk; the centre has them."""
    session.execute(update(Adjunto).where(Adjunto.sha256.in_(hashes), Adjunto.gone_at.is_(None)).values(gone_at=now))


def mark_lost(session: Session, sha256: str, *, now: datetime) -> None:
    """Neither this disk nor the centre has its bytes: somebody must scan it again."""
    lost = {"gone_at": func.coalesce(Adjunto.gone_at, now), "lost_at": now}
    session.execute(update(Adjunto).where(Adjunto.sha256 == sha256).values(lost))


def _is_here_again(session: Session, sha256: str) -> None:
    session.execute(update(Adjunto).where(Adjunto.sha256 == sha256).values(gone_at=None, lost_at=None))


def ask_all_again(session: Session) -> None:
    """The centre was restored: whether it still has each file is asked again."""
    if session.scalar(select(Adjunto.id).limit(1)) is not None:
        session.execute(update(Adjunto).values(whole_at=None, lost_at=None))
