"""Appointments, pure: the slots of a day, who may check in when, what is reminded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from core.clock import LIMA, lima_day
from core.workdays import Calendar
from ticketing.day import Timetable

INTERLEAVED = "Las citas entran a su hora, junto con quienes llegan."
CODE_DIGITS = 8
MOST_AHEAD = 90  # days
REMIND_BEFORE = (timedelta(days=1), timedelta(hours=2))  # the first that still lies ahead
HOUR = timedelta(hours=1)  # the window of a phone's limit


class CitaState(StrEnum):
    BOOKED = "reservada"
    PRESENT = "presentada"
    CANCELLED = "anulada"
    NO_SHOW = "no_asistio"


class CitaStep(StrEnum):
    BOOK = "reserva"
    MOVE = "cambio"
    CANCEL = "anulacion"
    CHECK_IN = "llegada"
    NO_SHOW = "inasistencia"


class AvisoState(StrEnum):
    QUEUED = "en_cola"
    DROPPED = "anulado"  # the cita was cancelled or moved
    EXPIRED = "vencido"  # its hour passed and nothing was sent


class Arrival(StrEnum):
    """What is told to who types a code."""

    WELCOME = "bienvenida"
    EARLY = "temprano"
    OTHER_DAY = "otro_dia"
    USED = "usada"
    CANCELLED = "anulada"


@dataclass(frozen=True, slots=True)
class Plan:
    """An agenda as the rules see it."""

    slot_minutes: int
    from_hour: str
    until_hour: str
    days_ahead: int


@dataclass(frozen=True, slots=True)
class DayCapacity:
    """An exception: `service_id` None is every service."""

    day: date
    service_id: int | None
    capacity: int


def day_slots(day: date, plan: Plan, hours: Timetable, calendar: Calendar) -> tuple[datetime, ...]:
    """When an appointment may begin on a Lima day: whole slots within the sala's hours and the agenda's.

    None on a holiday, unless the sala's timetable names that very day; none where the calendar does not reach."""
    if not calendar.first_on <= day <= calendar.last_on:
        return ()
    if day not in hours.dates and any(holiday.on == day for holiday in calendar.holidays):
        return ()
    first, last = _at(day, plan.from_hour), _at(day, plan.until_hour, end=True)
    step = timedelta(minutes=plan.slot_minutes)
    slots = []
    for start, end in hours.hours_on(day):
        at = max(_on(day, start), first)
        until = min(_on(day, end, end=True), last)
        while at + step <= until:
            slots.append(at)
            at += step
    return tuple(slots)


def days_to_choose(plan: Plan, *, now: datetime) -> list[date]:
    """Today and the days ahead that may be booked."""
    today = lima_day(now)
    return [today + timedelta(days=ahead) for ahead in range(plan.days_ahead + 1)]


def capacity_on(day: date, service_id: int, usual: int, exceptions: Iterable[DayCapacity]) -> int:
    """Seats in each slot of a day: an exception of the service counts before one of the whole sala."""
    own = {one.service_id: one.capacity for one in exceptions if one.day == day}
    return own.get(service_id, own.get(None, usual))


def free_seat(taken: Sequence[int], capacity: int) -> int | None:
    """The lowest seat nobody holds; None when the slot is full, even if its capacity was lowered meanwhile."""
    if len(taken) >= capacity:
        return None
    return next(seat for seat in range(1, capacity + 1) if seat not in taken)


def arrival(state: str, slot_at: datetime, *, early: timedelta, now: datetime) -> Arrival:
    """Whether who has this cita may check in now."""
    if state == CitaState.PRESENT:
        return Arrival.USED
    if state == CitaState.CANCELLED:
        return Arrival.CANCELLED
    if state == CitaState.NO_SHOW or lima_day(slot_at) != lima_day(now):
        return Arrival.OTHER_DAY
    return Arrival.EARLY if now < slot_at - early else Arrival.WELCOME


def remind_at(slot_at: datetime, *, now: datetime) -> datetime | None:
    """The day before, or two hours before; None when not even that is ahead."""
    return next((slot_at - before for before in REMIND_BEFORE if slot_at - before > now), None)


def phone_number(typed: str) -> str | None:
    """The nine digits of a Peruvian mobile, however it is written; None when it is none."""
    digits = re.sub(r"\D", "", typed)
    if len(digits) == 11 and digits.startswith("51"):
        digits = digits[2:]
    return digits if re.fullmatch(r"9\d{8}", digits) else None


def typed_code(text: str) -> str | None:
    """The code as stored: eight digits, with or without what people put between them.

    A scanner types the whole address of the QR, which ends in it, perhaps in another keyboard's signs: its last digits count."""
    digits = re.sub(r"\D", "", text)
    return digits[-CODE_DIGITS:] if len(digits) >= CODE_DIGITS else None


def shown_code(code: str) -> str:
    """`4821 9073`"""
    return f"{code[:4]} {code[4:]}"


def _at(day: date, hour: str, *, end: bool = False) -> datetime:
    return _on(day, time.fromisoformat(hour), end=end)


def _on(day: date, at: time, *, end: bool = False) -> datetime:
    """The instant; as an end, midnight is that day's last."""
    return datetime.combine(day + timedelta(days=1) if end and at == time(0) else day, at, LIMA)
