"""A batch from end to end: who sent it, what in it is new, and the reply the centre signs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from cac.cabin_news import queries as cabin_news
from cac.sync import lost, queries
from cac.sync.actions import find
from cac.sync.applying import NotApplied, Rules
from cac.sync.arrivals import Refusal, unheld
from cac.sync.inbox import Sender, held_hashes, take_slice, waits
from cac.sync.leases import add_series, centre_epoch, lease_for
from cac.sync.models import Cabina, CabinDevice, CabinSeries
from cac.treasury import phone
from cac.treasury.closing import pending_settlements
from cac.treasury.queries import pending_words
from core import wire
from core.errors import Invalid, Unauthenticated
from storage import Store
from storage.prepared import prepared

M = TypeVar("M", bound=wire.Message)
MAX_ALARMS, MAX_ALARM_CHARS = 20, 120
SUSPENDED, REVOKED = "suspendida", "revocada"

_OWNER = prepared(
    select(CabinDevice.public_key)
    .join(CabinSeries, CabinSeries.device_id == CabinDevice.id)
    .where(CabinSeries.cabina_id == bindparam("cabina_id"), CabinSeries.epoch == bindparam("epoch"))
)


class BadBatchSignature(Unauthenticated):
    code, title = "sync.firma_invalida", "Firma desconocida"
    detail = "El lote no está firmado por una computadora de esta cabina. Vuelva a emparejarla."


class WrongCabina(Invalid):
    code, title = "sync.otra_cabina", "Lote de otra cabina"
    detail = "El lote dice ser de otra cabina que la de la dirección."


@dataclass(frozen=True, slots=True)
class Authentic:
    """A batch whose signature holds, and who signed it. `signer`: the key of a PC that this centre has forgotten, known by its
    lease; its `device_id` is 0 until it is noted again."""

    batch: wire.Batch
    cabina_id: int
    cabina: str
    device_id: int
    device_key: str  # of the batch's epoch
    flag: str
    new_series: bool  # its epoch is not known here
    signer: str = ""


def authenticate(session: Session, code: str, sealed: wire.Sealed[wire.Batch], *, centre_key: str) -> Authentic:
    """Which of the cabin's devices signed it; a revoked one is heard too, and one that was forgotten by a restore.

    Raises CabinaUnknown, BadBatchSignature, WrongCabina."""
    signer = ""
    try:
        cabina, device, batch = opened(session, code, sealed, wire.Batch)
    except BadBatchSignature:
        cabina, device, batch = find(session, code), None, wire.unsealed(sealed, wire.Batch)
        own = _granted(batch, code, centre_key)
        if own is None or not _signed_with(own.device_key, sealed, wire.Batch):
            raise
        signer = own.device_key
    word = queries.last_suspension(session, cabina.id)
    trusted = device is not None and device.revoked_at is None
    flag = REVOKED if not trusted else SUSPENDED if word and word.suspended else ""
    # the events of an old epoch are signed by the PC it was granted to, whoever sends them now
    owner = _OWNER(session, {"cabina_id": cabina.id, "epoch": batch.epoch}).scalar()
    new_series = owner is None
    if owner is None:
        granted = _granted(batch, code, centre_key)
        owner = granted.device_key if granted else signer or (device.public_key if device else "")
    return Authentic(batch, cabina.id, code, device.id if device else 0, owner, flag, new_series, signer)


def _granted(batch: wire.Batch, code: str, centre_key: str) -> wire.Lease | None:
    """The lease it shows, when this centre signed it for that cabin and epoch."""
    if batch.lease is None:
        return None
    try:
        lease = wire.open_sealed(centre_key, batch.lease, wire.Lease)
    except wire.WireError:
        return None
    return lease if (lease.cabina, lease.epoch) == (code, batch.epoch) else None


def opened(session: Session, code: str, sealed: wire.Sealed[M], kind: type[M]) -> tuple[Cabina, CabinDevice, M]:
    """A message of a cabin and which of its devices signed it. Raises CabinaUnknown, BadBatchSignature, WrongCabina, BadPayload."""
    cabina = find(session, code)
    devices = queries.devices(session, cabina.id)
    device = next((each for each in devices if _signed_with(each.public_key, sealed, kind)), None)
    if device is None:
        raise BadBatchSignature()
    message = wire.unsealed(sealed, kind)
    if getattr(message, "cabina", None) != code:
        raise WrongCabina(field="cabina")
    return cabina, device, message


def _signed_with(key: str, sealed: wire.Sealed[M], kind: type[M]) -> bool:
    try:
        wire.verify(key, kind.what, sealed.body, sealed.signature)
    except wire.BadSignature:
        return False
    return True


def receive(store: Store, sent: Authentic, *, rules: Rules, centre_key: str, now: datetime) -> Authentic:
    """Hold and apply what is new, slice by slice; other writes go in between. The sender as it is known now."""
    batch = sent.batch
    if sent.new_series or sent.signer:
        sent = replace(sent, device_id=store.write(know_again, sent, now=now))
    behind_s = round((now - batch.sent_at).total_seconds())
    sender = Sender(
        cabina_id=sent.cabina_id,
        cabina=sent.cabina,
        epoch=batch.epoch,
        device_key=sent.device_key,
        centre_key=centre_key,
        flag=sent.flag,
        behind_s=behind_s,
    )
    with store.read() as session:
        seqs = [event.header.seq for event in batch.events]
        fresh = unheld(batch.events, held_hashes(session, sent.cabina_id, batch.epoch, seqs))
        more = waits(session, sent.cabina_id, batch.epoch)
    waiting, refused = [sender.read(event) for event in fresh], dict[int, Refusal]()
    while waiting or more:
        try:
            done, more = store.write(take_slice, waiting, sender=sender, rules=rules, refused=refused, now=now)
            waiting = waiting[done:]
        except NotApplied as bad:
            refused[bad.seq] = bad.refusal
    return sent


def know_again(session: Session, sent: Authentic, *, now: datetime) -> int:
    """A series opened before the centre's backup and lost with it, and the PCs that wrote it: its letters follow from its epoch.
    The id of who sends."""
    device_id = sent.device_id
    if sent.signer:
        device_id = _remember(session, sent, sent.signer, now=now).id
    known = select(CabinSeries.id).where(CabinSeries.cabina_id == sent.cabina_id, CabinSeries.epoch == sent.batch.epoch)
    if session.scalar(known) is None:
        add_series(
            session,
            session.get_one(Cabina, sent.cabina_id),
            _remember(session, sent, sent.device_key, now=now),
            epoch=sent.batch.epoch,
            epoch_of_centre=sent.batch.centre_epoch,
            reason="abierta antes de restaurar el centro",
            now=now,
        )
    return device_id


def _remember(session: Session, sent: Authentic, key: str, *, now: datetime) -> CabinDevice:
    """The PC of that key. One that was forgotten is trusted no more: nobody here knows what became of it since."""
    device = session.scalar(select(CabinDevice).where(CabinDevice.public_key == key))
    if device is None:
        device = CabinDevice(
            cabina_id=sent.cabina_id,
            public_key=key,
            machine="",
            version="",
            paired_at=now,
            revoked_at=now,
            revoked_why="emparejada antes de restaurar el centro",
            alarms=[],
        )
        session.add(device)
        session.flush()
    return device


def reply(session: Session, sent: Authentic, *, key: Ed25519PrivateKey, now: datetime) -> dict[str, Any]:
    """Note what the cabin says of itself and answer it: the body of a BatchReply without its catalogue."""
    batch = sent.batch
    cabina, device = session.get_one(Cabina, sent.cabina_id), session.get_one(CabinDevice, sent.device_id)
    series = session.scalars(
        select(CabinSeries).where(CabinSeries.cabina_id == cabina.id, CabinSeries.epoch == batch.epoch)
    ).one()
    _note(cabina, device, batch, series, now=now)
    lost.hear(session, cabina, batch.lost, now=now)
    epoch_of_centre = centre_epoch(session)
    in_good_standing = not (sent.flag or device.other_machine)
    lease = None
    if in_good_standing:
        lease = lease_for(session, batch, cabina, device, epoch_of_centre=epoch_of_centre, key=key, now=now)
    phone.settle_told(session, cabina, key=key, now=now)
    frozen = None
    if series.frozen_at is not None:
        frozen = _frozen(session, series).plain()
    news, news_last = cabin_news.after(session, cabina.code, batch.news_after) if batch.news_after >= 0 else ([], 0)
    return {
        "nonce": batch.nonce,
        "now": now.isoformat(),
        "centre_epoch": epoch_of_centre,
        "epoch": batch.epoch,
        "last_seq": series.held_seq,
        "asked_held": _holds(session, cabina.id, batch),
        "quarantined": [
            wire.Quarantined(epoch=event.epoch, seq=event.seq, code=held.code, detail=held.detail).plain()
            for held, event in queries.quarantined(session, cabina.id)
        ],
        "frozen": frozen,
        "lease": lease,
        "suspension": _suspension(session, cabina, key=key),
        "confirmations": pending_words(session, cabina.id) if in_good_standing else [],
        "settlements": pending_settlements(session, cabina.id) if in_good_standing else [],
        "series": [told.plain() for told in queries.series_held(session, cabina.id)],
        "news": news,
        "news_last": news_last,
        "lost": [each.plain() for each in lost.told_back(session, cabina)] if batch.lost else [],
    }


def _frozen(session: Session, series: CabinSeries) -> wire.Frozen:
    seq = series.frozen_seq or 0
    held = held_hashes(session, series.cabina_id, series.epoch, (seq,)).get(seq, "")
    return wire.Frozen(epoch=series.epoch, seq=seq, reason=series.frozen_why or "", hash=held)


def _holds(session: Session, cabina_id: int, batch: wire.Batch) -> bool:
    """Whether the event it asks about is here as it wrote it."""
    asked = batch.asked_seq
    return asked > 0 and held_hashes(session, cabina_id, batch.epoch, (asked,)).get(asked) == batch.asked_hash


def _note(cabina: Cabina, device: CabinDevice, batch: wire.Batch, series: CabinSeries, *, now: datetime) -> None:
    device.seen_at, device.version = now, batch.version[:40]
    device.clock_offset_s = round((batch.sent_at - now).total_seconds())
    held = sum(1 for event in batch.events if event.header.seq <= series.held_seq)
    device.pending = max(0, batch.pending - held)
    device.municipal_held_centimos = batch.municipal_held_centimos
    device.alarms = [alarm[:MAX_ALARM_CHARS] for alarm in batch.alarms[:MAX_ALARMS]]
    _note_machine(device, batch.machine[:64])
    if device.pending == 0 and device.revoked_at is None:
        cabina.caught_up_at = now


def _note_machine(device: CabinDevice, machine: str) -> None:
    """The key may be in another PC: a cloned disk. A PC that had no fingerprint keeps the first it shows."""
    device.machine = device.machine or machine
    device.other_machine = machine if machine not in ("", device.machine) else ""


def hand_back(session: Session, code: str, sealed: wire.Sealed[wire.PullRequest]) -> wire.PullReply:
    """The next events of a series, as they came: for a cabin whose database was put back from a copy, or whose PC is new.

    Raises CabinaUnknown, BadBatchSignature (a revoked PC reads nothing), WrongCabina."""
    cabina, device, asked = opened(session, code, sealed, wire.PullRequest)
    if device.revoked_at is not None:
        raise BadBatchSignature()
    events = queries.events_after(session, cabina.id, asked.epoch, asked.after_seq)
    return wire.PullReply(nonce=asked.nonce, epoch=asked.epoch, events=wire.cut_batch(events))


def _suspension(session: Session, cabina: Cabina, *, key: Ed25519PrivateKey) -> dict[str, Any]:
    word = queries.last_suspension(session, cabina.id)
    told = wire.Suspension(
        suspended=word.suspended if word else False,
        reason=word.reason if word else "",
        at=word.at if word else cabina.created_at,
    )
    return wire.seal(key, told).plain()
