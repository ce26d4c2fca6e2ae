"""When a sala is open, and when its day ends.

Law 27444, art. 138 (TUO 149): who is inside at closing hour is served. So issuing stops at closing hour, the queue is served until empty,
and what is left is closed as not served."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from core.clock import LIMA
from core.holidays import holiday_name

LATEST_CLOSE = time(3, 0)  # Lima: no working day lasts beyond it
ALWAYS_OPEN_AGE = timedelta(hours=12)  # a sala that never shuts lets go of tickets nobody touched for so long
OPENING_SOUGHT = timedelta(days=15)

Hours = tuple[time, time]  # from, until; until 00:00 = the end of that day
ALL_DAY: Hours = (time(0), time(0))


@dataclass(frozen=True, slots=True)
class Timetable:
    """Hours by week day (Monday = 0) and by date, in Lima; `week` None = day and night."""

    week: tuple[tuple[Hours, ...], ...] | None = None
    dates: Mapping[date, tuple[Hours, ...]] = field(default_factory=dict)  # half days, holidays (empty)
    reasons: Mapping[date, str] = field(default_factory=dict)  # why a date has hours of its own
    shut_on_holidays: bool = False  # the national ones, unless the date has hours of its own

    @property
    def always_open(self) -> bool:
        return self.week is None

    def hours_on(self, day: date) -> tuple[Hours, ...]:
        """The spans of one day, in order; none when it is shut."""
        if day in self.dates:
            return self.dates[day]
        if self.shut_on_holidays and holiday_name(day):
            return ()
        return (ALL_DAY,) if self.week is None else self.week[day.weekday()]

    def is_open(self, now: datetime) -> bool:
        lima = now.astimezone(LIMA)
        at = lima.time()
        return any(start <= at and (at < end or end == time(0)) for start, end in self.hours_on(lima.date()))

    def is_over(self, now: datetime) -> bool:
        """Nothing of today is left: at noon between two spans the day is not over."""
        lima = now.astimezone(LIMA)
        return all(end != time(0) and end <= lima.time() for _, end in self.hours_on(lima.date()))

    def next_opening(self, now: datetime) -> datetime | None:
        """When it opens again, if it is shut and opens within `OPENING_SOUGHT`."""
        lima = now.astimezone(LIMA)
        days = (lima.date() + timedelta(days=ahead) for ahead in range(OPENING_SOUGHT.days))
        openings = (datetime.combine(day, start, LIMA) for day in days for start, _ in self.hours_on(day))
        return None if self.is_open(now) else next((opening for opening in openings if opening > lima), None)


def timetable(stored: Mapping[str, object] | None) -> Timetable:
    """From its stored form `{"week": [[["07:30", "15:30"]], ...7], "dates": {"2026-12-24": [["08:00", "12:00"]]}, "reasons":
    {"2026-12-24": "Nochebuena"}, "holidays": true}`; no week = day and night; `holidays`: the national ones are days off."""
    if not stored:
        return Timetable()
    week, dates, reasons = stored["week"], stored.get("dates") or {}, stored.get("reasons") or {}
    if not isinstance(dates, Mapping) or not isinstance(reasons, Mapping):
        raise ValueError("dates and their reasons are by day")
    if week is not None and (not isinstance(week, Sequence) or len(week) != 7):
        raise ValueError("a timetable has seven days, Monday first")
    return Timetable(
        week=None if week is None else tuple(_hours(day) for day in week),
        dates={date.fromisoformat(day): _hours(hours) for day, hours in dates.items()},
        reasons={date.fromisoformat(day): str(reason) for day, reason in reasons.items()},
        shut_on_holidays=bool(stored.get("holidays")),
    )


def _hours(day: Sequence[Sequence[str]]) -> tuple[Hours, ...]:
    return tuple((time.fromisoformat(start), time.fromisoformat(end)) for start, end in day)


def leftovers_before(hours: Timetable, *, attending: bool, now: datetime) -> datetime:
    """Tickets whose last move is before this instant are left over and close now. `attending`: some ventanilla is open."""
    lima = now.astimezone(LIMA)
    if hours.always_open and hours.hours_on(lima.date()) == (ALL_DAY,):  # on a holiday even that one shuts
        return now - ALWAYS_OPEN_AGE
    latest = datetime.combine(lima.date(), LATEST_CLOSE, LIMA)
    latest = latest if lima >= latest else latest - timedelta(days=1)
    if attending or hours.is_open(now):
        return latest
    # between the spans of one day, or before the first, only what a past day left over is done with
    return now if hours.is_over(now) else max(latest, datetime.combine(lima.date(), time(0), LIMA))
