from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cabinas.outbox.models import EventRow
from cabinas.sync.models import SeriesEpoch
from core.wire import MAX_BATCH_EVENTS, Event


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
    waiting = select(func.coalesce(func.sum(func.max(func.coalesce(written, 0) - SeriesEpoch.held_seq, 0)), 0))
    return int(session.scalar(waiting) or 0)


def last_seq(session: Session, epoch: int) -> int:
    return session.scalar(select(func.max(EventRow.seq)).where(EventRow.epoch == epoch)) or 0


def payload(session: Session, epoch: int, seq: int) -> dict[str, Any]:
    """What an event of this till told."""
    signed = session.scalars(select(EventRow.signed).where(EventRow.epoch == epoch, EventRow.seq == seq)).one()
    return Event.model_validate_json(signed).payload
