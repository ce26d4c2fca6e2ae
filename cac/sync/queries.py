"""What pages, the API and other features ask about cabins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from cac.desk.models import Site
from cac.sync.models import (
    Cabina,
    CabinDevice,
    CabinLease,
    CabinSeries,
    CabinSuspension,
    InboxEvent,
    InboxFork,
    QuarantinedEvent,
)
from cac.sync.told import Told, told
from core.clock import lima_day
from core.ids import same_secret
from core.wire import MAX_BATCH_EVENTS, Event, Lease, Sealed, SeriesHeld
from storage.prepared import prepared

MUNICIPALITY = "Municipalidad"  # where no site has a name yet

ACTS_PAGE = 50
MAX_QUARANTINED = 100  # told in one reply or shown on one page

_CABINA = prepared(select(Cabina.__table__).where(Cabina.code == bindparam("code")))
_CABINA_BY_ID = prepared(select(Cabina.__table__).where(Cabina.id == bindparam("cabina_id")))
_DEVICES = prepared(
    select(CabinDevice.__table__).where(CabinDevice.cabina_id == bindparam("cabina_id")).order_by(CabinDevice.id.desc())
)
_DEVICE = prepared(select(CabinDevice.__table__).where(CabinDevice.id == bindparam("device_id")))
_SERIES = prepared(
    select(CabinSeries.__table__, CabinDevice.public_key)
    .join(CabinDevice, CabinDevice.id == CabinSeries.device_id)
    .where(CabinSeries.cabina_id == bindparam("cabina_id"), CabinSeries.epoch == bindparam("epoch"))
)
_MUNICIPALITY = prepared(select(Site.name).order_by(Site.id).limit(1))
_LAST_SUSPENSION = prepared(
    select(CabinSuspension.suspended, CabinSuspension.reason, CabinSuspension.at)
    .where(CabinSuspension.cabina_id == bindparam("cabina_id"))
    .order_by(CabinSuspension.id.desc())
    .limit(1)
)
_IN_QUARANTINE = prepared(
    select(QuarantinedEvent.event_id)
    .where(QuarantinedEvent.cabina_id == bindparam("cabina_id"), QuarantinedEvent.settled_at.is_(None))
    .limit(1)
)
_SERIES_HELD = prepared(
    select(CabinSeries.epoch, CabinSeries.series, CabinSeries.held_seq, CabinDevice.public_key)
    .join(CabinDevice, CabinDevice.id == CabinSeries.device_id)
    .where(CabinSeries.cabina_id == bindparam("cabina_id"))
    .order_by(CabinSeries.epoch)
)


@dataclass(frozen=True, slots=True)
class InVerification:
    """A paper that a cabin received and the centre could not take in yet."""

    number: str
    cabina: str
    received_at: datetime  # when the centre heard of it


def in_verification(session: Session, number: str, *, key: str | None = None) -> InVerification | None:
    """The quarantined filing of that number: it tracks as "recibido en la cabina, en verificación". `key` None: staff ask."""
    rows = session.execute(
        select(QuarantinedEvent, Cabina.code)
        .join(Cabina, Cabina.id == QuarantinedEvent.cabina_id)
        .join(InboxEvent, InboxEvent.id == QuarantinedEvent.event_id)
        .where(
            QuarantinedEvent.number == number,
            QuarantinedEvent.settled_at.is_(None),
            InboxEvent.kind == "expediente",
        )
    )
    for held, code in rows:
        if key is None or (held.track_key and same_secret(held.track_key, key)):
            return InVerification(number, code, held.at)
    return None


def synced_until(session: Session) -> dict[str, date]:
    """By cabina, the Lima day on which it last had nothing left to send: an observed case of its own does not lapse before
    that day passes its due day."""
    rows = session.execute(select(Cabina.code, Cabina.caught_up_at).where(Cabina.caught_up_at.is_not(None)))
    return {code: lima_day(at) for code, at in rows if at}


def all_cabinas(session: Session) -> list[Cabina]:
    return list(session.scalars(select(Cabina).order_by(Cabina.code)))


@dataclass(frozen=True, slots=True)
class OpenCabina:
    """A cabin as the public sees it."""

    name: str
    place: str
    hours: str
    service_centimos: int  # 0 when the municipality bears it


def open_cabinas(session: Session) -> list[OpenCabina]:
    """Those with a convenio, a PC and no suspension, by name."""
    shown = []
    for cabina in all_cabinas(session):
        word = last_suspension(session, cabina.id)
        working = any(device.revoked_at is None for device in devices(session, cabina.id))
        if working and not (word and word.suspended):
            service = cabina.service_centimos if cabina.service_bearer == "citizen" else 0
            shown.append(OpenCabina(cabina.name, cabina.place, cabina.hours, service))
    return sorted(shown, key=lambda one: one.name)


def municipality(session: Session) -> str:
    """The name of who runs the centre: of its first site."""
    return _MUNICIPALITY(session).scalar() or MUNICIPALITY


@dataclass(frozen=True, slots=True)
class SuspensionWord:
    """Whether a cabin may file, why not, since when."""

    suspended: bool
    reason: str
    at: datetime


def last_suspension(session: Session, cabina_id: int) -> SuspensionWord | None:
    """The word in force; None when nobody ever said one."""
    found = _LAST_SUSPENSION(session, {"cabina_id": cabina_id}).first()
    return SuspensionWord(*found) if found else None


def quarantined(session: Session, cabina_id: int) -> list[tuple[QuarantinedEvent, InboxEvent]]:
    """What is still in quarantine, oldest first."""
    if _IN_QUARANTINE(session, {"cabina_id": cabina_id}).first() is None:
        return []
    rows = session.execute(
        select(QuarantinedEvent, InboxEvent)
        .join(InboxEvent, InboxEvent.id == QuarantinedEvent.event_id)
        .where(QuarantinedEvent.cabina_id == cabina_id, QuarantinedEvent.settled_at.is_(None))
        .order_by(QuarantinedEvent.event_id)
        .limit(MAX_QUARANTINED)
    )
    return [(row[0], row[1]) for row in rows]


@dataclass(frozen=True, slots=True)
class Standing:
    """The rows of a cabin, of the PC that speaks and of the series it speaks of (with its owner's `public_key`), as they are now."""

    cabina: Any
    device: Any
    series: Any


def standing(session: Session, cabina_id: int, *, device_id: int, epoch: int) -> Standing:
    cabina = _CABINA_BY_ID(session, {"cabina_id": cabina_id}).first()
    device = _DEVICE(session, {"device_id": device_id}).first()
    return Standing(cabina, device, series_row(session, cabina_id, epoch))


def cabina_row(session: Session, code: str) -> Any:
    """None when there is no such cabin."""
    return _CABINA(session, {"code": code}).first()


def device_rows(session: Session, cabina_id: int) -> list[Any]:
    """Newest first, as `devices`."""
    return _DEVICES(session, {"cabina_id": cabina_id}).all()


def series_row(session: Session, cabina_id: int, epoch: int) -> Any:
    """With the `public_key` of the PC it was granted to; None when that epoch is not known."""
    return _SERIES(session, {"cabina_id": cabina_id, "epoch": epoch}).first()


def devices(session: Session, cabina_id: int) -> list[CabinDevice]:
    """Newest first: the first is the one in use, unless it was revoked."""
    of_it = select(CabinDevice).where(CabinDevice.cabina_id == cabina_id)
    return list(session.scalars(of_it.order_by(CabinDevice.id.desc())))


def series(session: Session, cabina_id: int) -> list[CabinSeries]:
    """Newest first."""
    of_it = select(CabinSeries).where(CabinSeries.cabina_id == cabina_id)
    return list(session.scalars(of_it.order_by(CabinSeries.epoch.desc())))


def series_granted(session: Session, cabina_id: int) -> tuple[SeriesHeld, ...]:
    """The same with the last lease of each: a new PC keeps what its forerunners' events are known by."""
    granted: dict[int, str] = {}
    rows = session.execute(
        select(CabinSeries.epoch, CabinLease.sealed)
        .join(CabinLease, CabinLease.series_id == CabinSeries.id)
        .where(CabinSeries.cabina_id == cabina_id)
        .order_by(CabinLease.id)
    )
    granted.update({row.epoch: row.sealed for row in rows})
    return tuple(
        held.model_copy(update={"lease": Sealed[Lease].model_validate_json(granted[held.epoch])})
        if held.epoch in granted
        else held
        for held in series_held(session, cabina_id)
    )


def series_held(session: Session, cabina_id: int) -> list[SeriesHeld]:
    """How far each series is held, oldest first."""
    rows = _SERIES_HELD(session, {"cabina_id": cabina_id})
    return [
        SeriesHeld(epoch=row.epoch, series=row.series, device_key=row.public_key, held_seq=row.held_seq) for row in rows
    ]


def events_after(session: Session, cabina_id: int, epoch: int, seq: int) -> list[Event]:
    """What is held of an epoch after `seq`, without a gap, as much as a batch may have."""
    rows = session.execute(
        select(InboxEvent.seq, InboxEvent.event)
        .where(InboxEvent.cabina_id == cabina_id, InboxEvent.epoch == epoch, InboxEvent.seq > seq)
        .order_by(InboxEvent.seq)
        .limit(MAX_BATCH_EVENTS)
    )
    return [Event.model_validate_json(row.event) for number, row in enumerate(rows, seq + 1) if row.seq == number]


def forks(session: Session, cabina_id: int) -> list[InboxFork]:
    return list(session.scalars(select(InboxFork).where(InboxFork.cabina_id == cabina_id).order_by(InboxFork.id)))


@dataclass(frozen=True, slots=True)
class Acts:
    """A page of what a cabin's operators did, newest first: each event with what it says, and whether it waits for a person."""

    rows: list[tuple[InboxEvent, Told, bool]]
    page: int
    pages: int
    total: int


def acts(session: Session, cabina_id: int, text: str, *, page: int) -> Acts:
    """Those whose event holds `text`: an operator's name, a number, a reference."""
    where = [InboxEvent.cabina_id == cabina_id]
    if text:
        where.append(InboxEvent.event.icontains(text, autoescape=True))
    total = session.scalar(select(func.count()).select_from(InboxEvent).where(*where)) or 0
    pages = max(1, -(-total // ACTS_PAGE))
    page = min(max(page, 1), pages)
    waits = (QuarantinedEvent.event_id == InboxEvent.id) & QuarantinedEvent.settled_at.is_(None)
    found = session.execute(
        select(InboxEvent, QuarantinedEvent.event_id)
        .outerjoin(QuarantinedEvent, waits)
        .where(*where)
        .order_by(InboxEvent.id.desc())
        .offset((page - 1) * ACTS_PAGE)
        .limit(ACTS_PAGE)
    )
    return Acts([(row[0], told(row[0].event), row[1] is not None) for row in found], page, pages, total)


def held_events(session: Session, cabina_id: int) -> int:
    """How many events of it the centre holds."""
    return session.scalar(select(func.count()).select_from(InboxEvent).where(InboxEvent.cabina_id == cabina_id)) or 0
