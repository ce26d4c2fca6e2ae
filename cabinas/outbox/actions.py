"""Appending an event: the same transaction as what it tells."""

from __future__ import annotations

from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from cabinas.errors import Frozen
from cabinas.outbox.models import EventRow
from cabinas.sync.models import Condition
from core.errors import Invalid
from core.wire import GENESIS, Event, Fact, Lease, TooLarge, make_event

_event = EventRow.__table__
_KEEP = insert(EventRow)


class EventTooLarge(Invalid):
    code = "solicitud.demasiado_larga"
    detail = "Los datos son demasiado largos. Acorte el detalle o los anexos."


def append(session: Session, payload: Fact, *, lease: Lease, key: Ed25519PrivateKey, at: datetime) -> Event:
    """The next event of the lease's epoch, signed and kept. Raises Frozen, EventTooLarge."""
    refuse_if_frozen(session, lease)
    seq, prev_hash = head(session, lease.epoch)
    try:
        event = make_event(key, lease, seq=seq + 1, prev_hash=prev_hash, payload=payload)
    except TooLarge:
        raise EventTooLarge() from None
    session.execute(
        _KEEP,
        {
            "epoch": lease.epoch,
            "seq": seq + 1,
            "kind": event.payload["kind"],
            "hash": event.hash,
            "signed": event.model_dump_json(),
            "at": at,
        },
    )
    return event


def refuse_if_frozen(session: Session, lease: Lease) -> None:
    """A frozen series takes no event: it would branch further from what the centre holds. Raises Frozen."""
    frozen = session.get_one(Condition, 1).frozen_epoch
    if frozen is not None and frozen >= lease.epoch:
        raise Frozen()


def head(session: Session, epoch: int) -> tuple[int, str]:
    """Sequence and hash of the epoch's last event; (0, GENESIS) before the first."""
    last = session.execute(
        select(_event.c.seq, _event.c.hash).where(_event.c.epoch == epoch).order_by(_event.c.seq.desc()).limit(1)
    ).first()
    return (last.seq, last.hash) if last else (0, GENESIS)
