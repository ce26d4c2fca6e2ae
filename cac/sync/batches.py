"""A batch from end to end: who sent it, and what in it is new. The reply is `replies`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from cac.sync import queries
from cac.sync.actions import CabinaUnknown
from cac.sync.applying import NotApplied, Rules
from cac.sync.arrivals import Refusal, unheld
from cac.sync.inbox import Sender, held_hashes, take_slice, waits
from cac.sync.leases import add_series
from cac.sync.models import Cabina, CabinDevice, CabinSeries
from cac.sync.queries import Standing
from core import wire
from core.errors import Invalid, Unauthenticated
from storage import Store

M = TypeVar("M", bound=wire.Message)
SUSPENDED, REVOKED = "suspendida", "revocada"


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
    standing: Standing | None  # None: its PC or its epoch is not known here
    signer: str = ""


def authenticate(session: Session, code: str, sealed: wire.Sealed[wire.Batch], *, centre_key: str) -> Authentic:
    """Which of the cabin's devices signed it; a revoked one is heard too, and one that was forgotten by a restore.

    Raises CabinaUnknown, BadBatchSignature, WrongCabina."""
    signer = ""
    try:
        cabina, device, batch = opened(session, code, sealed, wire.Batch)
    except BadBatchSignature:
        cabina, device, batch = _cabina(session, code), None, wire.unsealed(sealed, wire.Batch)
        own = _granted(batch, code, centre_key)
        if own is None or not _signed_with(own.device_key, sealed, wire.Batch):
            raise
        signer = own.device_key
    word = queries.last_suspension(session, cabina.id)
    trusted = device is not None and device.revoked_at is None
    flag = REVOKED if not trusted else SUSPENDED if word and word.suspended else ""
    series = queries.series_row(session, cabina.id, batch.epoch)
    # the events of an old epoch are signed by the PC it was granted to, whoever sends them now
    if series is not None:
        owner = series.public_key
    else:
        granted = _granted(batch, code, centre_key)
        owner = granted.device_key if granted else signer or (device.public_key if device else "")
    standing = Standing(cabina, device, series) if device is not None and series is not None else None
    return Authentic(batch, cabina.id, code, device.id if device else 0, owner, flag, standing, signer)


def _granted(batch: wire.Batch, code: str, centre_key: str) -> wire.Lease | None:
    """The lease it shows, when this centre signed it for that cabin and epoch."""
    if batch.lease is None:
        return None
    try:
        lease = wire.open_sealed(centre_key, batch.lease, wire.Lease)
    except wire.WireError:
        return None
    return lease if (lease.cabina, lease.epoch) == (code, batch.epoch) else None


def opened(session: Session, code: str, sealed: wire.Sealed[M], kind: type[M]) -> tuple[Any, Any, M]:
    """A message of a cabin, the rows of the cabin and of which of its devices signed it.

    Raises CabinaUnknown, BadBatchSignature, WrongCabina, BadPayload."""
    cabina = _cabina(session, code)
    devices = queries.device_rows(session, cabina.id)
    device = next((each for each in devices if _signed_with(each.public_key, sealed, kind)), None)
    if device is None:
        raise BadBatchSignature()
    message = wire.unsealed(sealed, kind)
    if getattr(message, "cabina", None) != code:
        raise WrongCabina(field="cabina")
    return cabina, device, message


def _cabina(session: Session, code: str) -> Any:
    row = queries.cabina_row(session, code)
    if row is None:
        raise CabinaUnknown()
    return row


def _signed_with(key: str, sealed: wire.Sealed[M], kind: type[M]) -> bool:
    try:
        wire.verify(key, kind.what, sealed.body, sealed.signature)
    except wire.BadSignature:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Offered:
    """What of a batch is still to be done: events not held, and whether one that is held waits to be applied."""

    events: list[wire.Event]
    waits: bool

    def __bool__(self) -> bool:
        return bool(self.events) or self.waits


def offered(session: Session, sent: Authentic) -> Offered:
    """A batch sent again costs no more than this look-up."""
    batch = sent.batch
    held: dict[int, str] = {}
    if batch.events:
        held = held_hashes(session, sent.cabina_id, batch.epoch, [event.header.seq for event in batch.events])
    return Offered(unheld(batch.events, held), waits(session, sent.cabina_id, batch.epoch))


def receive(
    store: Store, sent: Authentic, offer: Offered, *, rules: Rules, centre_key: str, now: datetime
) -> Authentic:
    """Hold and apply what is new, slice by slice; other writes go in between. The sender as it is known now."""
    batch = sent.batch
    if sent.standing is None:
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
    waiting, refused, more = [sender.read(event) for event in offer.events], dict[int, Refusal](), offer.waits
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


def hand_back(session: Session, code: str, sealed: wire.Sealed[wire.PullRequest]) -> wire.PullReply:
    """The next events of a series, as they came: for a cabin whose database was put back from a copy, or whose PC is new.

    Raises CabinaUnknown, BadBatchSignature (a revoked PC reads nothing), WrongCabina."""
    cabina, device, asked = opened(session, code, sealed, wire.PullRequest)
    if device.revoked_at is not None:
        raise BadBatchSignature()
    events = queries.events_after(session, cabina.id, asked.epoch, asked.after_seq)
    return wire.PullReply(nonce=asked.nonce, epoch=asked.epoch, events=wire.cut_batch(events))
