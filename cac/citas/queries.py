"""Reads of appointments for pages: what is offered, a cita as its holder sees it, a sala's day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from cac.citas.models import Agenda, AgendaException, AgendaService, Aviso, Cita
from cac.citas.rows import CITA, Offer, cita_by, find_offer, offers, seats_taken
from cac.citas.rules import AvisoState, CitaState, days_to_choose
from cac.desk.models import Sala, Service
from core.clock import LIMA
from core.workdays import Calendar
from ticketing.day import timetable

__all__ = [
    "DayOffer",
    "SlotOffer",
    "cita_page",
    "day_counts",
    "day_list",
    "days_offered",
    "find_offer",
    "offers",
    "phone_salas",
    "setup_page",
    "takes_citas",
]


@dataclass(frozen=True, slots=True)
class SlotOffer:
    at: datetime
    free: int


@dataclass(frozen=True, slots=True)
class DayOffer:
    day: date
    slots: tuple[SlotOffer, ...]  # those not yet past, full ones too

    @property
    def free(self) -> int:
        return sum(slot.free for slot in self.slots)


def days_offered(session: Session, offer: Offer, *, calendar: Calendar, now: datetime) -> list[DayOffer]:
    """The days on which the service may be booked, with what is left of each hour; days without appointments are absent."""
    days = days_to_choose(offer.plan, now=now)
    taken = seats_taken(session, offer.service_id, midnight(days[0]), midnight(days[-1] + timedelta(days=1)))
    found = []
    for day in days:
        capacity = offer.capacity_on(day)
        slots = tuple(
            SlotOffer(at, max(0, capacity - len(taken.get(at, ()))))
            for at in offer.slots(day, calendar)
            if at > now and capacity
        )
        if slots:
            found.append(DayOffer(day, slots))
    return found


def cita_page(session: Session, token: str) -> dict[str, Any] | None:
    """A cita as its holder's page shows it; None: no such token."""
    row = cita_by(session, Cita.token == token)
    if row is None:
        return None
    notice = session.execute(
        select(Aviso.due_at).where(Aviso.cita_id == row.Cita.id, Aviso.state == AvisoState.QUEUED)
    ).first()
    return {"cita": row.Cita, "row": row, "reminder_at": notice.due_at if notice else None}


def phone_salas(session: Session, *, now: datetime) -> list[dict[str, Any]]:
    """The salas that give turns to phones, and whether they are open."""
    rows = session.scalars(select(Sala).join(Agenda).where(Agenda.phone_turns).order_by(Sala.id))
    return [
        {"code": sala.code, "name": sala.name, "recalls": sala.recalls, "open": timetable(sala.timetable).is_open(now)}
        for sala in rows
    ]


def takes_citas(session: Session, sala: str | None) -> bool:
    """Whether a sala (None: any) has a service with appointments."""
    found = select(AgendaService.service_id).join(Service, Service.id == AgendaService.service_id).join(Sala)
    found = found.join(Agenda, Agenda.sala_id == Sala.id).where(AgendaService.capacity > 0, Service.active)
    return session.execute((found.where(Sala.code == sala) if sala else found).limit(1)).first() is not None


def day_list(session: Session, sala: str, day: date) -> list[Row[Any]]:
    """The citas of a sala on a Lima day, in the order of their hours."""
    since, until = midnight(day), midnight(day + timedelta(days=1))
    rows = CITA.where(Sala.code == sala, Cita.slot_at >= since, Cita.slot_at < until)
    return list(session.execute(rows.order_by(Cita.slot_at, Cita.id)))


def day_counts(session: Session, sala: str, day: date) -> dict[str, int]:
    """How many citas of the day are in each state: `{reservada, presentada, anulada, no_asistio}`."""
    since, until = midnight(day), midnight(day + timedelta(days=1))
    rows = session.execute(
        select(Cita.state, func.count().label("citas"))
        .join(Sala, Sala.id == Cita.sala_id)
        .where(Sala.code == sala, Cita.slot_at >= since, Cita.slot_at < until)
        .group_by(Cita.state)
    )
    found = {row.state: row.citas for row in rows}
    return {state.value: found.get(state.value, 0) for state in CitaState}


def setup_page(session: Session, sala: Row[Any]) -> dict[str, Any]:
    """A sala's agenda as its form shows it; an agenda never saved shows what it would begin with."""
    agenda = session.get(Agenda, sala.id)
    services = session.execute(
        select(Service.code, Service.name, Service.active, AgendaService.capacity)
        .outerjoin(AgendaService, AgendaService.service_id == Service.id)
        .where(Service.sala_id == sala.id)
        .order_by(Service.position)
    ).all()
    days = session.execute(
        select(AgendaException, Service.code, Service.name)
        .outerjoin(Service, Service.id == AgendaException.service_id)
        .where(AgendaException.sala_id == sala.id)
        .order_by(AgendaException.day, AgendaException.id)
    ).all()
    return {"agenda": agenda, "services": services, "exceptions": days}


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), LIMA)
