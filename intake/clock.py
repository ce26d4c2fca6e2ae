"""The law's clock of a filing: when it is received, when its term starts and ends.

Source: Law 27444 arts. 24, 31, 33, 125, 126, 131, 133, 134, 136 and 188 (TUO 24, 33, 35, 136, 137, 142, 144, 145, 147,
199). Pure: no clock, no database. Days are Lima days; counted ones are business days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from core.clock import LIMA, lima_day
from core.workdays import Calendar, CalendarMissing
from intake.tramite import SAP, Tramite

SUBSANACION_DIAS_HABILES = 2  # 125.1 (136.1)
NOTIFICACION_DIAS_HABILES = 5  # 24.1: silence is positive when the act was not notified by term + 5

REMOTE_CHANNELS = frozenset({"web", "cabina"})


@dataclass(frozen=True, slots=True)
class Skipped:
    on: date
    why: str


@dataclass(frozen=True, slots=True)
class LawClock:
    """`due_on` is null while observed, where nothing is due, or where the calendar does not reach (`unknown`)."""

    received_on: date
    clock_start_on: date | None = None
    due_on: date | None = None
    sap_on: date | None = None
    skipped: tuple[Skipped, ...] = ()
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class FilingHours:
    """Until when a filing made from outside counts for its day; `closing=None` is 23:59 (the default: see docs/law.md)."""

    closing: time | None = None


def received_on(received_at: datetime, channel: str, *, calendar: Calendar, hours: FilingHours) -> date:
    """The business day a filing counts as received. Who is in front of the desk is never after hours."""
    day = lima_day(received_at)
    late = hours.closing is not None and received_at.astimezone(LIMA).time() >= hours.closing
    if late and channel in REMOTE_CHANNELS:
        day += timedelta(days=1)
    return calendar.on_or_after(day)


def law_clock(on: date, tramite: Tramite, *, calendar: Calendar, received: date | None = None) -> LawClock:
    """The running clock of a complete filing whose term counts from the business day after `on`.

    `received` is the reception day when it is an earlier one: a cure restarts the term, never the reception (126.1)."""
    received = received or on
    try:
        start = calendar.next_after(on)
        due = _due(on, tramite, calendar=calendar)
        sap = calendar.add(due, NOTIFICACION_DIAS_HABILES) if due and tramite.silence == SAP else None
    except CalendarMissing:
        return LawClock(received, unknown=True)
    skipped = calendar.skipped(on, sap or due or start)
    return LawClock(received, start, due, sap, tuple(Skipped(holiday.on, holiday.name) for holiday in skipped))


def _due(on: date, tramite: Tramite, *, calendar: Calendar) -> date | None:
    if tramite.reception_only:
        return calendar.add(on, tramite.reply_business_days) if tramite.reply_business_days else None
    if tramite.term_business_days == 0:
        return on  # at the counter
    return calendar.add(on, tramite.term_business_days)


def subsanacion_due(observed_on: date, *, calendar: Calendar) -> date:
    """Last Lima day on which an observed filing may be corrected; the day of observation is not counted.

    Raises CalendarMissing when `calendar` does not reach it."""
    return calendar.add(observed_on, SUBSANACION_DIAS_HABILES)
