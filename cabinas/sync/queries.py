"""What goes to the centre next, and how the talk stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cabinas.attachments import queries as attachments
from cabinas.enrolment.queries import Terms, terms
from cabinas.filing.models import Counter
from cabinas.filing.queries import series_state
from cabinas.money import queries as money
from cabinas.outbox import queries as outbox
from cabinas.paper import wording
from cabinas.sync.models import Condition, Quarantine, SeriesEpoch
from cabinas.verification import queries as verification
from core import ledger, wire
from core.ids import random_token

VERSION = "0.1"
Need = Literal["", "renovar", "nueva_serie"]
RENEW_AFTER = timedelta(days=1)
HALF = 2  # a lease is renewed when no more than one in HALF of its numbers is left


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A batch, where it goes and whose answer is believed."""

    batch: wire.Batch
    centre_url: str
    centre_key: str


@dataclass(frozen=True, slots=True)
class Missing:
    """A series of which the centre holds more than this database: what to ask, whose signature its events have."""

    request: wire.PullRequest
    device_key: str
    centre_url: str
    centre_key: str


def missing(session: Session) -> Missing | None:
    """The oldest series to be pulled back; None when this database has all. Raises NotPaired."""
    held = terms(session)
    for row in session.scalars(select(SeriesEpoch).where(~SeriesEpoch.split).order_by(SeriesEpoch.epoch)):
        last = outbox.last_seq(session, row.epoch)
        if row.device_key and last < row.held_seq:
            cabina = held.lease.cabina
            asked = wire.PullRequest(cabina=cabina, nonce=random_token(), epoch=row.epoch, after_seq=last)
            return Missing(asked, row.device_key, held.identity.centre_url, held.identity.centre_key)
    return None


@dataclass(frozen=True, slots=True)
class Loss:
    """Events `first` to `last` of a series that the mark outside the database tells of and neither this PC nor the centre has:
    their papers are in people's hands. `open`: how many nobody has accounted for, as far as the centre told."""

    epoch: int
    series: str
    first: int
    last: int
    open: int


def losses(session: Session) -> list[Loss]:
    """Each there ever was, oldest first; those accounted for too."""
    found = []
    for row in session.scalars(select(SeriesEpoch).where(SeriesEpoch.known).order_by(SeriesEpoch.epoch)):
        have = max(outbox.last_seq(session, row.epoch), row.held_seq)
        if (gone := row.marked_seq - have) > 0:
            left = gone if row.lost_open is None else min(gone, row.lost_open)
            found.append(Loss(row.epoch, row.series, have + 1, row.marked_seq, left))
    return found


def outgoing(session: Session, *, machine: str = "", asking: wire.Event | None = None, now: datetime) -> Outgoing:
    """The next batch: of the oldest epoch with something to tell or to ask. `asking`: only whether that event of it is held.
    Raises NotPaired."""
    held = terms(session)
    condition = session.get_one(Condition, 1)
    epoch = _epoch_to_send(session, held.lease.epoch)
    asked = asking.header if asking and asking.header.epoch == epoch.epoch else None
    events = outbox.after(session, epoch.epoch, epoch.held_seq) if epoch.known and asked is None else []
    need, reason = _need(session, held, condition, now)
    counter = session.scalar(
        select(Counter).where(Counter.epoch == held.lease.epoch).order_by(Counter.year.desc()).limit(1)
    )
    batch = wire.Batch(
        cabina=held.lease.cabina,
        nonce=random_token(),
        sent_at=now,
        centre_epoch=condition.centre_epoch,
        epoch=epoch.epoch,
        events=wire.cut_batch(events),
        catalogue_version=held.catalogue.version,
        lease_last=held.lease.last,
        codes_epoch=held.lease.epoch,
        codes_first=money.codes_lacking(session, held.lease.epoch),
        high_sequence=counter.last if counter else 0,
        high_year=counter.year if counter else 0,
        need=need,
        need_reason=reason,
        version=VERSION,
        pending=outbox.pending(session),
        municipal_held_centimos=ledger.municipal_held(money.balances(session)),
        verification_version=verification.version(session),
        stationery_version=wording.version(session),
        alarms=tuple(_alarms(session, condition)),
        news_after=condition.news_after,
        machine=machine,
        lease=wire.Sealed[wire.Lease].model_validate_json(epoch.lease) if epoch.lease else None,
        asked_seq=asked.seq if asked else 0,
        asked_hash=asking.hash if asking and asked else "",
        lost=tuple(
            wire.Lost(epoch=gone.epoch, first=gone.first, last=gone.last) for gone in losses(session)[-wire.MAX_LOST :]
        ),
    )
    return Outgoing(batch, held.identity.centre_url, held.identity.centre_key)


def _alarms(session: Session, condition: Condition) -> list[str]:
    """What people at the centre should know, in words."""
    frozen = [f"congelada: {condition.frozen_reason}"] if condition.frozen_epoch is not None else []
    copying = [f"copias: {condition.copy_problem}"] if condition.copy_problem else []
    gone = attachments.lost(session)
    scans = [f"adjuntos: {gone} se perdieron y hay que escanearlos otra vez"] if gone else []
    unfit = wording.problem(session)
    papers = [f"papeles: los textos o el logo nuevos no se pueden usar. {unfit}"] if unfit else []
    return [*frozen, *copying, *scans, *papers]


def _epoch_to_send(session: Session, current: int) -> SeriesEpoch:
    """The oldest epoch that the centre has not told of, or does not hold whole; the current one when all is told."""
    for epoch in session.scalars(select(SeriesEpoch).order_by(SeriesEpoch.epoch)):
        if not epoch.known or outbox.last_seq(session, epoch.epoch) > epoch.held_seq:
            return epoch
    return session.get_one(SeriesEpoch, current)


def _need(session: Session, held: Terms, condition: Condition, now: datetime) -> tuple[Need, str]:
    if condition.frozen_epoch is not None and condition.frozen_epoch >= held.lease.epoch:
        return "nueva_serie", condition.frozen_reason or ""
    left = series_state(session, held, now).left
    spent = left * HALF <= held.lease.last - held.lease.first + 1
    old = max(condition.clock_seen_at, now) >= held.lease.valid_from + RENEW_AFTER
    return ("renovar", "") if spent or old else ("", "")


@dataclass(frozen=True, slots=True)
class SyncState:
    pending: int
    last_seq: int
    last_ok_at: datetime | None
    clock_offset_s: int | None
    frozen: str | None
    suspended: str | None
    quarantined: int
    copy_problem: str
    behind: bool  # the cabin's own history is still on its way here


def sync_state(session: Session) -> SyncState:
    """How the talk with the centre stands, by what is kept."""
    held = terms(session)
    condition = session.get_one(Condition, 1)
    current = session.get_one(SeriesEpoch, held.lease.epoch)
    frozen = condition.frozen_epoch is not None and condition.frozen_epoch >= held.lease.epoch
    return SyncState(
        pending=outbox.pending(session),
        last_seq=current.held_seq,
        last_ok_at=condition.last_ok_at,
        clock_offset_s=condition.clock_offset_s,
        frozen=(condition.frozen_reason or "serie detenida") if frozen else None,
        suspended=(held.suspension_reason or "suspendida") if held.suspended else None,
        quarantined=session.scalar(select(func.count()).select_from(Quarantine)) or 0,
        copy_problem=condition.copy_problem,
        behind=condition.behind,
    )
