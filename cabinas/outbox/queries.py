from __future__ import annotations

from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from cabinas.outbox.models import EventRow
from cabinas.sync.models import SeriesEpoch
from core.wire import MAX_BATCH_EVENTS, MAX_WRITTEN, Event, SeriesWritten


def after(session: Session, epoch: int, seq: int) -> list[Event]:
    """The epoch's next events after `seq`, one batch of them at most."""
    rows = session.scalars(
        select(EventRow.signed)
        .where(EventRow.epoch == epoch, EventRow.seq > seq)
        .order_by(EventRow.seq)
        .limit(MAX_BATCH_EVENTS)
    )
    return [Event.model_validate_json(row) for row in rows]


def pending(session: Session) -> int:
    """Events that the centre is not known to hold."""
    written = select(func.max(EventRow.seq)).where(EventRow.epoch == SeriesEpoch.epoch).scalar_subquery()
    held = case((SeriesEpoch.known, SeriesEpoch.held_seq), else_=0)
    waiting = select(func.coalesce(func.sum(func.max(func.coalesce(written, 0) - held, 0)), 0))
    return int(session.scalar(waiting) or 0)


def last_seq(session: Session, epoch: int) -> int:
    return session.scalar(select(func.max(EventRow.seq)).where(EventRow.epoch == epoch)) or 0


def hash_of(session: Session, epoch: int, seq: int) -> str:
    """ "" for one that is not here."""
    return session.scalar(select(EventRow.hash).where(EventRow.epoch == epoch, EventRow.seq == seq)) or ""


def written(session: Session) -> tuple[SeriesWritten, ...]:
    """What a new pairing shows of each series in this folder: its last events, and the first that the centre was not known to hold,
    for there a copied disk parts from the other."""
    shown = []
    half = MAX_WRITTEN // 2
    for row in session.scalars(select(SeriesEpoch).order_by(SeriesEpoch.epoch.desc()).limit(MAX_WRITTEN)):
        of_it = select(EventRow.seq, EventRow.hash).where(EventRow.epoch == row.epoch)
        last = session.execute(of_it.order_by(EventRow.seq.desc()).limit(half))
        unsent = session.execute(of_it.where(EventRow.seq > row.held_seq).order_by(EventRow.seq).limit(half))
        events = {event.seq: event.hash for event in (*last, *unsent)}
        if events:
            shown.append(SeriesWritten(epoch=row.epoch, events=tuple(sorted(events.items()))))
    return tuple(shown)


def payload(session: Session, epoch: int, seq: int) -> dict[str, Any]:
    """What an event of this till told."""
    signed = session.scalars(select(EventRow.signed).where(EventRow.epoch == epoch, EventRow.seq == seq)).one()
    return Event.model_validate_json(signed).payload
