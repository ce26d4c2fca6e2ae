"""Series of a cabin and the leases that let a device number in them. A series letter is opened once and never again."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.orm import Session

from cac.sync.models import Cabina, CabinDevice, CabinLease, CabinSeries, CentreEpoch
from core.clock import lima_day
from core.ids import series_letters
from core.wire import LEASE_DAYS, LEASE_NUMBERS, Batch, Lease, canonical, seal
from storage.prepared import prepared

RENEW_AFTER = timedelta(days=1)
LEFT_FREE_BY_RESTORE = 10  # epochs, or settlements, that a restored centre may have given and forgotten


_NEWEST_EPOCH = prepared(select(func.max(CentreEpoch.id)))
_CURRENT = prepared(
    select(CabinSeries.__table__)
    .where(CabinSeries.device_id == bindparam("device_id"))
    .order_by(CabinSeries.epoch.desc())
    .limit(1)
)


def centre_epoch(session: Session) -> int:
    """The life of the centre's database that runs now; 1 until a restore opens another."""
    return _NEWEST_EPOCH(session).scalar() or 1


def last_restored_at(session: Session) -> datetime | None:
    """When the database was last put back from a copy; None when it never was."""
    return session.scalar(select(func.max(CentreEpoch.opened_at)))


def open_centre_epoch(session: Session, *, now: datetime, reason: str = "restaurado de una copia") -> int:
    """After a restore: cabins offer all they have again, and number in new series. The instant is its number, so that two
    restores of one backup are not taken for each other."""
    epoch = max(int(now.timestamp()), centre_epoch(session) + 1)
    session.add(CentreEpoch(id=epoch, opened_at=now, reason=reason))
    return epoch


def series_of(code: str, epoch: int) -> str:
    """The letters of a cabin's n-th series: A for its first epoch. What was opened and then lost by a restore is still known."""
    return next(islice(series_letters(code), epoch - 1, None))


def open_series(
    session: Session, cabina: Cabina, device: CabinDevice, *, epoch_of_centre: int, reason: str, now: datetime
) -> CabinSeries:
    """The next series of the cabina, for `device` alone."""
    newest = session.scalar(
        select(CabinSeries).where(CabinSeries.cabina_id == cabina.id).order_by(CabinSeries.epoch.desc()).limit(1)
    )
    epoch = newest.epoch + 1 if newest else 1
    if newest and newest.centre_epoch != epoch_of_centre:
        epoch += LEFT_FREE_BY_RESTORE
    return add_series(session, cabina, device, epoch=epoch, epoch_of_centre=epoch_of_centre, reason=reason, now=now)


def add_series(
    session: Session,
    cabina: Cabina,
    device: CabinDevice,
    *,
    epoch: int,
    epoch_of_centre: int,
    reason: str,
    now: datetime,
) -> CabinSeries:
    series = CabinSeries(
        cabina_id=cabina.id,
        device_id=device.id,
        epoch=epoch,
        series=series_of(cabina.code, epoch),
        centre_epoch=epoch_of_centre,
        opened_at=now,
        reason=reason[:200],
        year=lima_day(now).year,
        first=1,
        last=LEASE_NUMBERS,
        valid_from=now,
        valid_until=now + timedelta(days=LEASE_DAYS),
        held_seq=0,
        high_year=0,
        high_sequence=0,
    )
    session.add(series)
    session.flush()
    return series


def is_lease_due(session: Session, batch: Batch, device_id: int, *, epoch_of_centre: int, now: datetime) -> bool:
    """Whether a batch's reply carries a lease: not while the cabin keeps what it has. A frozen series gets none: only pairing
    again, with another key, tells the two PCs apart."""
    current = _CURRENT(session, {"device_id": device_id}).first()
    if current.frozen_at is not None:
        return False
    opens_another = batch.need == "nueva_serie" or current.centre_epoch != epoch_of_centre
    other_known = batch.epoch != current.epoch or batch.lease_last < current.last
    return opens_another or other_known or _is_to_renew(current, batch, now)


def _is_to_renew(current: Any, batch: Batch, now: datetime) -> bool:
    used = batch.high_sequence if batch.high_year >= current.year else 0
    half_spent = current.last - used < LEASE_NUMBERS // 2
    return batch.need == "renovar" or half_spent or now >= current.valid_from + RENEW_AFTER


def lease_for(
    session: Session,
    batch: Batch,
    cabina: Cabina,
    device: CabinDevice,
    *,
    epoch_of_centre: int,
    key: Ed25519PrivateKey,
    now: datetime,
) -> dict[str, Any]:
    """The sealed lease that the reply to a batch carries when one is due."""
    current = current_series(session, device)
    if batch.need == "nueva_serie" or current.centre_epoch != epoch_of_centre:
        reason = batch.need_reason or "centro restaurado"
        opened = open_series(session, cabina, device, epoch_of_centre=epoch_of_centre, reason=reason, now=now)
        return grant(session, cabina, opened, device, key=key, now=now)
    if batch.epoch == current.epoch and _is_to_renew(current, batch, now):
        _renew(current, batch, now)
    return grant(session, cabina, current, device, key=key, now=now)


def _renew(series: CabinSeries, batch: Batch, now: datetime) -> None:
    """More numbers and days of the same series. `first` passes what is held here, so that a cabin whose database was put
    back from a copy sees that it forgot some."""
    year = max(series.year, lima_day(now).year, batch.high_year)
    used = batch.high_sequence if batch.high_year == year else 0
    last = series.last if series.year == year else 0
    series.year, series.last = year, max(last, used + LEASE_NUMBERS)
    series.first = series.high_sequence + 1 if series.high_year == year else 1
    series.valid_from, series.valid_until = now, now + timedelta(days=LEASE_DAYS)


def current_series(session: Session, device: CabinDevice) -> CabinSeries:
    """The newest series of `device`; each has one from its pairing on."""
    newest = select(CabinSeries).where(CabinSeries.device_id == device.id).order_by(CabinSeries.epoch.desc()).limit(1)
    return session.scalars(newest).one()


def grant(
    session: Session,
    cabina: Cabina,
    series: CabinSeries,
    device: CabinDevice,
    *,
    key: Ed25519PrivateKey,
    now: datetime,
) -> dict[str, Any]:
    """Sign the lease in force of `series` and keep it as it was signed."""
    lease = Lease(
        cabina=cabina.code,
        epoch=series.epoch,
        series=series.series,
        year=series.year,
        first=series.first,
        last=series.last,
        valid_from=series.valid_from,
        valid_until=series.valid_until,
        device_key=device.public_key,
    )
    sealed = seal(key, lease).plain()
    text = canonical(sealed).decode()
    last = select(CabinLease.sealed).where(CabinLease.series_id == series.id).order_by(CabinLease.id.desc()).limit(1)
    if session.scalar(last) != text:
        session.execute(insert(CabinLease), {"series_id": series.id, "granted_at": now, "sealed": text})
    return sealed
