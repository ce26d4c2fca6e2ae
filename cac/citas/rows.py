"""What the verbs and the pages of appointments both read: an agenda with its sala, the seats taken, a cita with its names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from cac.citas.models import Agenda, AgendaException, AgendaService, Cita
from cac.citas.rules import CitaState, DayCapacity, Plan, capacity_on, day_slots
from cac.desk.models import Sala, Service, Site, Ticket
from core.clock import lima_day
from core.errors import NotFound
from core.workdays import Calendar
from ticketing.day import Timetable, timetable

HOLDING = (CitaState.BOOKED, CitaState.PRESENT)

CITA: Any = (
    select(
        Cita,
        Sala.code.label("sala"),
        Sala.name.label("sala_name"),
        Service.code.label("service"),
        Service.name.label("service_name"),
        Service.icon.label("icon"),
        Site.name.label("site"),
        Site.office,
        Ticket.code.label("ticket"),
    )
    .join(Sala, Sala.id == Cita.sala_id)
    .join(Site, Site.id == Sala.site_id)
    .join(Service, Service.id == Cita.service_id)
    .outerjoin(Ticket, Ticket.id == Cita.ticket_id)
)


class NoAgenda(NotFound):
    code = "citas.no_ofrecidas"
    detail = "Ese servicio no da citas. Venga cuando guste y tome su turno en el kiosco."


@dataclass(frozen=True, slots=True)
class Offer:
    """A service that takes appointments: its sala, its agenda and what it may give."""

    sala_id: int
    sala: str
    sala_name: str
    service_id: int
    service: str
    service_name: str
    icon: str
    capacity: int
    early: timedelta
    citas_per_phone: int
    plan: Plan
    hours: Timetable
    exceptions: tuple[DayCapacity, ...]

    def slots(self, day: date, calendar: Calendar) -> tuple[datetime, ...]:
        return day_slots(day, self.plan, self.hours, calendar)

    def capacity_on(self, day: date) -> int:
        return capacity_on(day, self.service_id, self.capacity, self.exceptions)


_OFFERS = (
    select(Agenda, AgendaService.capacity, Sala, Service)
    .join(Sala, Sala.id == Agenda.sala_id)
    .join(Service, Service.sala_id == Sala.id)
    .join(AgendaService, AgendaService.service_id == Service.id)
    .where(Service.active, AgendaService.capacity > 0)
    .order_by(Sala.id, Service.position, Service.id)
)


def offers(session: Session, sala: str | None = None) -> list[Offer]:
    """Every service that takes appointments, by sala and as the kiosk orders them."""
    found = session.execute(_OFFERS.where(Sala.code == sala) if sala else _OFFERS).all()
    days = exceptions(session, {row.Sala.id for row in found})
    return [_offer(row, tuple(days.get(row.Sala.id, ()))) for row in found]


def find_offer(session: Session, sala: str, service: str) -> Offer:
    """Raises NoAgenda."""
    for offer in offers(session, sala):
        if offer.service == service:
            return offer
    raise NoAgenda()


def exceptions(session: Session, sala_ids: Iterable[int]) -> dict[int, list[DayCapacity]]:
    days: dict[int, list[DayCapacity]] = {}
    for one in session.scalars(select(AgendaException).where(AgendaException.sala_id.in_(list(sala_ids)))):
        days.setdefault(one.sala_id, []).append(DayCapacity(one.day, one.service_id, one.capacity))
    return days


def seats_taken(session: Session, service_id: int, since: datetime, until: datetime) -> dict[datetime, list[int]]:
    """The seats held in each slot of a service, from `since` until before `until`."""
    held = select(Cita.slot_at, Cita.seat).where(
        Cita.service_id == service_id, Cita.slot_at >= since, Cita.slot_at < until, Cita.state.in_(HOLDING)
    )
    taken: dict[datetime, list[int]] = {}
    for row in session.execute(held):
        taken.setdefault(row.slot_at, []).append(row.seat)
    return taken


def may_begin(offer: Offer, slot_at: datetime, *, calendar: Calendar, now: datetime) -> bool:
    """Whether the agenda offers that instant."""
    day = lima_day(slot_at)
    ahead = (day - lima_day(now)).days
    return slot_at > now and 0 <= ahead <= offer.plan.days_ahead and slot_at in offer.slots(day, calendar)


def cita_by(session: Session, *conditions: Any) -> Row[Any] | None:
    """The newest cita of these conditions, with the names of its sala and service."""
    row: Row[Any] | None = session.execute(CITA.where(*conditions).order_by(Cita.id.desc()).limit(1)).first()
    return row


def _offer(row: Any, days: tuple[DayCapacity, ...]) -> Offer:
    agenda, sala, service = row.Agenda, row.Sala, row.Service
    return Offer(
        sala_id=sala.id,
        sala=sala.code,
        sala_name=sala.name,
        service_id=service.id,
        service=service.code,
        service_name=service.name,
        icon=service.icon,
        capacity=row.capacity,
        early=timedelta(minutes=agenda.early_minutes),
        citas_per_phone=agenda.citas_per_phone,
        plan=Plan(agenda.slot_minutes, agenda.from_hour, agenda.until_hour, agenda.days_ahead),
        hours=timetable(sala.timetable),
        exceptions=days,
    )
