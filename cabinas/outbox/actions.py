"""Appending an event: the same transaction as what it tells."""

from __future__ import annotations

from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from cabinas.errors import Frozen, HistoryOnItsWay
from cabinas.outbox.models import EventRow
from cabinas.sync.models import Condition
from core.errors import Invalid
from core.wire import GENESIS, Event, Fact, Lease, TooLarge, make_event
from storage.prepared import prepared
from storage.remembered import remembered

_event = EventRow.__table__
_KEEP = prepared(insert(EventRow))
_STATE = prepared(select(Condition.frozen_epoch, Condition.behind))
_HEAD = prepared(
    select(_event.c.seq, _event.c.hash)
    .where(_event.c.epoch == bindparam("epoch"))
    .order_by(_event.c.seq.desc())
    .limit(1)
)


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
    keep(session, event, at=at)
    return event


def keep(session: Session, event: Event, *, at: datetime) -> None:
    """The row of an event that follows the last one of its epoch."""
    row = {
        "epoch": event.header.epoch,
        "seq": event.header.seq,
        "kind": str(event.payload.get("kind", "")),
        "hash": event.hash,
        "signed": event.model_dump_json(),
        "at": at,
    }
    _KEEP(session, row)


def refuse_if_frozen(session: Session, lease: Lease) -> None:
    """A frozen series takes no event: it would branch further from what the centre holds. Raises Frozen."""
    frozen, _ = _state(session)
    if frozen is not None and frozen >= lease.epoch:
        raise Frozen()


def refuse_if_behind(session: Session) -> None:
    """Until this database has what the cabin did before, nobody knows here what it owes or has closed. Raises HistoryOnItsWay."""
    if _state(session)[1]:
        raise HistoryOnItsWay()


@remembered(Condition.__table__)
def _state(session: Session) -> tuple[int | None, bool]:
    row = _STATE(session).first()
    assert row is not None, "a paired till has its condition"
    return row.frozen_epoch, bool(row.behind)


def head(session: Session, epoch: int) -> tuple[int, str]:
    """Sequence and hash of the epoch's last event; (0, GENESIS) before the first."""
    last = _HEAD(session, {"epoch": epoch}).first()
    return (last.seq, last.hash) if last else (0, GENESIS)
