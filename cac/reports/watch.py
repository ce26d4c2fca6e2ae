"""Reads of what needs a person now, and of the alerts kept of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Table, bindparam, or_, select
from sqlalchemy.orm import Session

from cac.access.models import Device
from cac.desk.actions.rows import CLOSED, SALA, TICKET, WAITS, desks_of, waiting_columns
from cac.paper.queries import questions, silent_agents, troubles, warnings
from cac.reports.alerts import (
    ANY_SALA,
    KINDS,
    DeviceState,
    Trouble,
    device_troubles,
    printer_troubles,
    queue_troubles,
    valija_troubles,
)
from cac.reports.models import Alert
from cac.reports.rules import device_health
from cac.valijas.queries import awaited
from ticketing.day import timetable

HISTORY = 200  # alerts shown on the page of past ones

_ALERT: Table = Alert.__table__  # type: ignore[assignment]
_LINE = waiting_columns().where(TICKET.c.sala_id == bindparam("sala_id"), WAITS)
_SALAS = select(SALA.c.id, SALA.c.code, SALA.c.timetable, SALA.c.alert_minutes, SALA.c.alert_waiting).order_by(
    SALA.c.id
)
_OPEN = select(_ALERT).where(_ALERT.c.closed_at.is_(None))
_OF_SALA = or_(_ALERT.c.sala == bindparam("sala"), _ALERT.c.sala == ANY_SALA)
_OPEN_OF_SALA = _OPEN.where(_OF_SALA).order_by(_ALERT.c.id)
_HISTORY = select(_ALERT).where(_OF_SALA).order_by(_ALERT.c.id.desc()).limit(HISTORY)
_DEVICES = select(Device).where(Device.revoked_at.is_(None)).order_by(Device.kind, Device.name)


@dataclass(frozen=True, slots=True)
class Shown:
    """A trouble that is true now, with the alert kept of it; the alert is None for the first seconds."""

    trouble: Trouble
    alert: Row[Any] | None

    @property
    def seen_by(self) -> str | None:
        return self.alert.acknowledged_name if self.alert else None


def troubles_now(session: Session, *, now: datetime) -> list[Trouble]:
    """Of every sala. A sala that is shut and empty is not watched: its screens may be switched off."""
    found: list[Trouble] = []
    devices, watched = devices_of(session, None, now=now), set()
    for sala in session.execute(_SALAS).all():
        line = session.execute(_LINE, {"sala_id": sala.id}).all()
        desks = list(desks_of(session, sala.id).values())
        open_now = timetable(sala.timetable).is_open(now)
        if open_now or line or any(state != CLOSED for _, state in desks):
            watched.add(sala.code)
            limits = {"limit_minutes": sala.alert_minutes, "limit_people": sala.alert_waiting}
            found += queue_troubles(sala.code, line, desks, **limits, now=now)
    if watched:
        found += device_troubles(one for one in devices if one.sala is None or one.sala in watched)
        found += paper_troubles(session, now=now)
        found += valija_troubles(awaited(session, now=now))
    return found


def paper_troubles(session: Session, *, now: datetime) -> list[Trouble]:
    silent = silent_agents(session, now=now)
    return printer_troubles(troubles(session), warnings(session), silent, len(questions(session)))


def devices_of(session: Session, sala: str | None, *, now: datetime) -> tuple[DeviceState, ...]:
    """Kiosks and screens in use, as they last reported; of one sala, those that serve any too."""
    rows = session.scalars(_DEVICES).all()
    return tuple(_device(row, now) for row in rows if sala is None or row.sala in (None, sala))


def open_alerts(session: Session) -> list[Row[Any]]:
    return list(session.execute(_OPEN))


def shown(session: Session, sala: str, troubles: Iterable[Trouble]) -> tuple[Shown, ...]:
    """The graver first, then the older."""
    kept = {(row.sala, row.kind, row.subject): row for row in session.execute(_OPEN_OF_SALA, {"sala": sala})}
    found = [Shown(trouble, kept.get(trouble.key)) for trouble in troubles]
    return tuple(sorted(found, key=lambda one: (not one.trouble.how.grave, one.alert.id if one.alert else 0)))


def ringing(session: Session, sala: str) -> list[Row[Any]]:
    """Open alerts that nobody has acknowledged."""
    return [row for row in session.execute(_OPEN_OF_SALA, {"sala": sala}) if row.acknowledged_at is None]


def for_clerks(session: Session, sala: str) -> list[Row[Any]]:
    """Open alerts that concern whoever sits at a ventanilla."""
    return [row for row in session.execute(_OPEN_OF_SALA, {"sala": sala}) if KINDS[row.kind].clerks]


def history(session: Session, sala: str) -> list[Row[Any]]:
    """The last alerts, newest first."""
    return list(session.execute(_HISTORY, {"sala": sala}))


def _device(row: Device, now: datetime) -> DeviceState:
    health = device_health(
        paired=row.paired_at is not None, seen_at=row.seen_at, clock_offset_s=row.clock_offset_s, now=now
    )
    return DeviceState(
        row.id,
        row.kind,
        row.name,
        row.sala,
        health.ground,
        health.icon,
        health.words,
        silent=health.silent,
        clock_off=health.clock_off,
    )
