"""Taking the centre's answer in. Its signatures were verified by who talked to it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cabinas.attachments.actions import ask_all_again
from cabinas.cures.actions import hear_cure
from cabinas.device import Device, Mark
from cabinas.enrolment import actions as enrolment
from cabinas.enrolment.queries import device_keys, terms
from cabinas.money.actions import accept_confirmation
from cabinas.money.phone import take_codes
from cabinas.money.settlements import accept_settlement
from cabinas.outbox import queries as outbox
from cabinas.paper.wording import take_stationery
from cabinas.sync.clock import correct_clock
from cabinas.sync.models import Condition, Quarantine, SeriesEpoch
from cabinas.sync.queries import missing
from cabinas.valijas.actions import hear_valija
from cabinas.verification.actions import take_verification
from core import wire

RESTORED = "la base de datos es anterior a lo que esta cabina ya envió (copia restaurada)"
OTHER_PC = "esta no es la PC que se emparejó; si solo se cambió una pieza, el CAC la reconoce"


def take_reply(
    session: Session, reply: wire.BatchReply, *, offset_s: int, device: Device, now: datetime, proven: bool = True
) -> bool:
    """Apply a verified reply; True when there is more to send at once. Not `proven`: what the centre holds of the batch's series
    may be another PC's, so ours is sent again whole and a fork is seen."""
    condition = session.get_one(Condition, 1)
    was_frozen = condition.frozen_epoch is not None
    correct_clock(session, reply.now)
    condition.last_ok_at, condition.clock_offset_s = now, offset_s
    _hear_news(session, condition, reply)
    if reply.centre_epoch != condition.centre_epoch:
        # the centre was restored: what it holds of each series is asked again, and sent again from there
        condition.centre_epoch, condition.news_after = reply.centre_epoch, 0
        session.execute(update(SeriesEpoch).values(known=False))
        ask_all_again(session)
    _take_held(session, reply, device=device, unproven=None if proven else reply.epoch)
    _take_quarantine(session, reply.quarantined, now=now)
    _take_lost(session, reply.lost)
    if reply.frozen is not None and reply.frozen.epoch >= (condition.frozen_epoch or 0):
        condition.frozen_epoch, condition.frozen_reason = reply.frozen.epoch, reply.frozen.reason
        _note_split(session, reply.frozen)
    if reply.lease is not None:
        enrolment.take_lease(session, reply.lease, now=now, machine=device.machine)
    if reply.catalogue is not None:
        enrolment.take_catalogue(session, reply.catalogue, now=now)
    if reply.suspension is not None:
        enrolment.take_suspension(session, reply.suspension, now=now)
    if reply.codes is not None:
        take_codes(session, wire.unsealed(reply.codes, wire.PhoneCodes))
    if reply.verification is not None:
        take_verification(session, reply.verification)
    if reply.stationery is not None:
        take_stationery(session, reply.stationery, reply.logo)
    session.flush()
    # stopped for an older database: the new series waits for what the old one did
    condition.behind = (condition.behind or was_frozen) and missing(session) is not None
    if not _is_frozen(session, condition):
        for sealed in reply.confirmations:
            accept_confirmation(session, sealed, device=device, now=now)
        if _has_all(session):  # its own figures are told with it
            for closed in reply.settlements:
                accept_settlement(session, closed, device=device, now=now)
    return _more_to_send(session) or len(reply.news) == wire.MAX_NEWS


def _hear_news(session: Session, condition: Condition, reply: wire.BatchReply) -> None:
    for body in reply.news:
        match wire.parse_news(body):
            case wire.CureNews() as cured:
                hear_cure(session, cured)
            case wire.ValijaNews() as bag:
                hear_valija(session, bag)
    condition.news_after = max(condition.news_after, reply.news_last)


def _take_held(session: Session, reply: wire.BatchReply, *, device: Device, unproven: int | None) -> None:
    """How far the centre holds each series. One of this PC's own that it holds further than we do was forgotten here: nothing
    more is numbered in it."""
    epoch = session.get(SeriesEpoch, reply.epoch)
    if epoch is not None and unproven is None:
        epoch.held_seq, epoch.known = reply.last_seq, True
        if reply.last_seq > outbox.last_seq(session, reply.epoch) and epoch.device_key == device.public_key:
            freeze(session, epoch=reply.epoch, reason=RESTORED)
    for told in reply.series:
        if told.epoch == unproven:
            continue
        epoch = session.get(SeriesEpoch, told.epoch)
        if epoch is None:
            epoch = SeriesEpoch(epoch=told.epoch, series=told.series)
            session.add(epoch)
        epoch.device_key, epoch.held_seq, epoch.known = told.device_key, told.held_seq, True
        if told.device_key == device.public_key and told.held_seq > outbox.last_seq(session, told.epoch):
            freeze(session, epoch=told.epoch, reason=RESTORED)


def _take_quarantine(session: Session, bad: tuple[wire.Quarantined, ...], *, now: datetime) -> None:
    """What people at the centre settled leaves the list; what is new joins it."""
    held = {(row.epoch, row.seq): row for row in session.scalars(select(Quarantine))}
    for place in held.keys() - {(each.epoch, each.seq) for each in bad}:
        session.delete(held[place])
    for each in bad:
        if (each.epoch, each.seq) not in held:
            session.add(Quarantine(epoch=each.epoch, seq=each.seq, code=each.code, detail=each.detail, told_at=now))


def _note_split(session: Session, frozen: wire.Frozen) -> None:
    """Two PCs wrote the series. When the centre holds the other one's event, what is here is not the cabin's book any more."""
    row, here = session.get(SeriesEpoch, frozen.epoch), outbox.hash_of(session, frozen.epoch, frozen.seq)
    if row is not None and here and frozen.hash and here != frozen.hash:
        row.split = True


def _take_lost(session: Session, told: tuple[wire.Lost, ...]) -> None:
    """How much of what was lost nobody has accounted for yet."""
    for epoch in {loss.epoch for loss in told}:
        if (row := session.get(SeriesEpoch, epoch)) is not None:
            row.lost_open = sum(loss.open for loss in told if loss.epoch == epoch)


def _is_frozen(session: Session, condition: Condition) -> bool:
    return condition.frozen_epoch is not None and condition.frozen_epoch >= terms(session).lease.epoch


def _more_to_send(session: Session) -> bool:
    unknown = session.scalar(select(SeriesEpoch.epoch).where(SeriesEpoch.known.is_(False)).limit(1))
    return unknown is not None or outbox.pending(session) > 0


def _has_all(session: Session) -> bool:
    """Whether this database holds all that the centre holds of the cabin: nothing is left to pull back."""
    rows = session.scalars(select(SeriesEpoch).where(~SeriesEpoch.split))
    return all(outbox.last_seq(session, row.epoch) >= row.held_seq for row in rows if row.device_key)


def freeze(session: Session, *, epoch: int, reason: str) -> None:
    """No event is appended to this series epoch any more; only a newer one opens the till again."""
    condition = session.get_one(Condition, 1)
    if condition.frozen_epoch is None or condition.frozen_epoch < epoch:
        condition.frozen_epoch, condition.frozen_reason = epoch, reason


def check_mark(session: Session, mark: Mark | None, *, device_key: str) -> bool:
    """At start: a database behind the mark kept outside it was restored from a copy. True when it is sound."""
    held = terms(session)
    if mark is None or (mark.device_key != device_key and mark.device_key in device_keys(session)):
        return True  # of an earlier pairing of this PC
    here = (held.lease.epoch, outbox.last_seq(session, held.lease.epoch))
    if mark.device_key == device_key and (mark.epoch, mark.seq) <= here:
        return True
    marked = session.get(SeriesEpoch, mark.epoch)
    if marked is not None:
        marked.marked_seq = max(marked.marked_seq, mark.seq)
    freeze(session, epoch=max(held.lease.epoch, mark.epoch), reason=RESTORED)
    return False


def check_machine(session: Session, machine: str) -> bool:
    """At start: a disk copied to another PC numbers nothing. True when this is the PC that was paired."""
    condition = session.get_one(Condition, 1)
    if not machine or condition.machine == machine:
        return True
    if not condition.machine:
        condition.machine = machine
        return True
    freeze(session, epoch=terms(session).lease.epoch, reason=OTHER_PC)
    return False
