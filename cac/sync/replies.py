"""What the centre answers to a batch. One that brings nothing new, as a batch sent again, is answered by reading alone: it waits
for no writer and no disk."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from cac.cabin_news import queries as cabin_news
from cac.sync import lost, queries
from cac.sync.batches import Authentic
from cac.sync.inbox import held_hashes
from cac.sync.leases import centre_epoch, is_lease_due, lease_for
from cac.sync.models import Cabina, CabinDevice
from cac.sync.queries import Standing
from cac.treasury import phone
from cac.treasury.closing import pending_settlements
from cac.treasury.queries import pending_words
from core import wire
from storage.prepared import prepared

MAX_ALARMS, MAX_ALARM_CHARS = 20, 120
SEEN_EVERY = timedelta(seconds=10)  # a cabin that calls more often with nothing new is noted as alive once
CLOCK_CHANGED_S = 5

_SAID = ("version", "pending", "municipal_held_centimos", "alarms", "machine", "other_machine")
_NOTE = prepared(
    update(CabinDevice)
    .where(CabinDevice.id == bindparam("device_id"))
    .values({name: bindparam(name) for name in ("seen_at", "clock_offset_s", *_SAID)})
)
_CATCH_UP = prepared(update(Cabina).where(Cabina.id == bindparam("cabina_id")).values(caught_up_at=bindparam("at")))


def as_it_stands(session: Session, sent: Authentic, *, key: Ed25519PrivateKey, now: datetime) -> dict[str, Any] | None:
    """The body of the reply to a batch of which all is held; None when a row is to be written first."""
    standing = sent.standing
    if standing is None or sent.batch.lost:
        return None
    asked_held, epoch_of_centre = _holds(session, sent), centre_epoch(session)
    heard = _heard(sent.batch, standing, asked_held=asked_held, now=now)
    if (
        _is_news(standing.device, heard, now=now)
        or _catches_up_since_a_restore(sent.batch, standing, heard, epoch_of_centre=epoch_of_centre)
        or _is_lease_due(session, sent, standing, epoch_of_centre=epoch_of_centre, now=now)
        or phone.is_told(session, sent.cabina_id)
    ):
        return None
    return _body(session, sent, standing, asked_held=asked_held, lease=None, key=key, now=now)


def reply(session: Session, sent: Authentic, *, key: Ed25519PrivateKey, now: datetime) -> dict[str, Any]:
    """Note what the cabin says of itself and answer it: the body of a BatchReply without what every cabin is told."""
    batch, asked_held, epoch_of_centre = sent.batch, _holds(session, sent), centre_epoch(session)
    standing = queries.standing(session, sent.cabina_id, device_id=sent.device_id, epoch=batch.epoch)
    heard = _heard(batch, standing, asked_held=asked_held, now=now)
    _NOTE(session, heard | {"device_id": sent.device_id})
    if _is_caught_up(batch, standing, heard, epoch_of_centre=epoch_of_centre):
        _CATCH_UP(session, {"cabina_id": sent.cabina_id, "at": now})
    standing = Standing(standing.cabina, standing.device._replace(**heard), standing.series)
    lost.hear(session, standing.cabina, batch.lost, now=now)
    lease = None
    if _is_lease_due(session, sent, standing, epoch_of_centre=epoch_of_centre, now=now):
        lease = lease_for(
            session,
            batch,
            session.get_one(Cabina, sent.cabina_id),
            session.get_one(CabinDevice, sent.device_id),
            epoch_of_centre=epoch_of_centre,
            key=key,
            now=now,
        )
    phone.settle_told(session, sent.cabina_id, key=key, now=now)
    return _body(session, sent, standing, asked_held=asked_held, lease=lease, key=key, now=now)


def _body(
    session: Session,
    sent: Authentic,
    standing: Standing,
    *,
    asked_held: bool,
    lease: dict[str, Any] | None,
    key: Ed25519PrivateKey,
    now: datetime,
) -> dict[str, Any]:
    batch, cabina, series = sent.batch, standing.cabina, standing.series
    in_good_standing = _is_in_good_standing(sent, standing)
    news, news_last = cabin_news.after(session, cabina.code, batch.news_after) if batch.news_after >= 0 else ([], 0)
    return {
        "nonce": batch.nonce,
        "now": now.isoformat(),
        "centre_epoch": centre_epoch(session),
        "epoch": batch.epoch,
        "last_seq": series.held_seq,
        "asked_held": asked_held,
        "quarantined": [
            wire.Quarantined(epoch=event.epoch, seq=event.seq, code=held.code, detail=held.detail).plain()
            for held, event in queries.quarantined(session, cabina.id)
        ],
        "frozen": _frozen(session, series).plain() if series.frozen_at is not None else None,
        "lease": lease,
        "suspension": _suspension(session, cabina, key=key),
        "confirmations": pending_words(session, cabina.id) if in_good_standing else [],
        "settlements": pending_settlements(session, cabina.id) if in_good_standing else [],
        "series": [told.plain() for told in queries.series_held(session, cabina.id)],
        "news": news,
        "news_last": news_last,
        "lost": [each.plain() for each in lost.told_back(session, cabina)] if batch.lost else [],
    }


def _frozen(session: Session, series: Any) -> wire.Frozen:
    seq = series.frozen_seq or 0
    held = held_hashes(session, series.cabina_id, series.epoch, (seq,)).get(seq, "")
    return wire.Frozen(epoch=series.epoch, seq=seq, reason=series.frozen_why or "", hash=held)


def _holds(session: Session, sent: Authentic) -> bool:
    """Whether the event it asks about is here as it wrote it."""
    batch, asked = sent.batch, sent.batch.asked_seq
    return asked > 0 and held_hashes(session, sent.cabina_id, batch.epoch, (asked,)).get(asked) == batch.asked_hash


def _heard(batch: wire.Batch, standing: Standing, *, asked_held: bool, now: datetime) -> dict[str, Any]:
    """What the PC says of itself, as the centre keeps it. The key may be in another PC, by a cloned disk; a PC that had no
    fingerprint keeps the first it shows."""
    held = sum(1 for event in batch.events if event.header.seq <= standing.series.held_seq)
    device, machine = standing.device, batch.machine[:64]
    paired = device.machine or machine
    return {
        "seen_at": now,
        "clock_offset_s": round((batch.sent_at - now).total_seconds()),
        "version": batch.version[:40],
        # what it asks about it still counts itself; the batch that brought it told better
        "pending": device.pending if asked_held else max(0, batch.pending - held),
        "municipal_held_centimos": batch.municipal_held_centimos,
        "alarms": [alarm[:MAX_ALARM_CHARS] for alarm in batch.alarms[:MAX_ALARMS]],
        "machine": paired,
        "other_machine": machine if machine not in ("", paired) else "",
    }


def _is_caught_up(batch: wire.Batch, standing: Standing, heard: dict[str, Any], *, epoch_of_centre: int) -> bool:
    """Whether nothing of the cabin is left to come. One that has not heard of a restore counts as sent what the centre lost."""
    knows = batch.centre_epoch == epoch_of_centre
    return knows and heard["pending"] == 0 and not batch.asked_seq and standing.device.revoked_at is None


def _catches_up_since_a_restore(
    batch: wire.Batch, standing: Standing, heard: dict[str, Any], *, epoch_of_centre: int
) -> bool:
    """A restored centre waits for it; its epoch is the second it began."""
    caught_up_at = standing.cabina.caught_up_at
    behind = caught_up_at is not None and caught_up_at.timestamp() < epoch_of_centre + 1
    return behind and _is_caught_up(batch, standing, heard, epoch_of_centre=epoch_of_centre)


def _is_news(device: Any, heard: dict[str, Any], *, now: datetime) -> bool:
    """Whether it is worth a write: anything but the hour, and that too now and then."""
    if any(getattr(device, name) != heard[name] for name in _SAID):
        return True
    if device.seen_at is None or not timedelta() <= now - device.seen_at < SEEN_EVERY:
        return True
    return abs(heard["clock_offset_s"] - (device.clock_offset_s or 0)) > CLOCK_CHANGED_S


def _is_in_good_standing(sent: Authentic, standing: Standing) -> bool:
    return not (sent.flag or standing.device.other_machine)


def _is_lease_due(
    session: Session, sent: Authentic, standing: Standing, *, epoch_of_centre: int, now: datetime
) -> bool:
    if not _is_in_good_standing(sent, standing):
        return False
    return is_lease_due(session, sent.batch, sent.device_id, epoch_of_centre=epoch_of_centre, now=now)


def _suspension(session: Session, cabina: Any, *, key: Ed25519PrivateKey) -> dict[str, Any]:
    word = queries.last_suspension(session, cabina.id)
    told = wire.Suspension(
        suspended=word.suspended if word else False,
        reason=word.reason if word else "",
        at=word.at if word else cabina.created_at,
    )
    return _signed(told, key)


@lru_cache(maxsize=64)
def _signed(told: wire.Suspension, key: Ed25519PrivateKey) -> dict[str, Any]:
    return wire.seal(key, told).plain()
