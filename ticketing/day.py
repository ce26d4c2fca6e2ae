"""When a sala is open, and when its day ends.

Law 27444, art. 138 (TUO 149): who is inside at closing hour is served. So issuing stops at closing hour, the queue is served until empty,
and what is left is closed as not served."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from core.clock import LIMA

LATEST_CLOSE = time(3, 0)  # Lima: no working day lasts beyond it
ALWAYS_OPEN_AGE = timedelta(hours=12)  # a sala that never shuts lets go of tickets nobody touched for so long

Hours = tuple[time, time]  # from, until; until 00:00 = the end of that day


@dataclass(frozen=True, slots=True)
class Timetable:
    """Hours by week day (Monday = 0) and by date, in Lima; `week` None = never shuts."""

    week: tuple[tuple[Hours, ...], ...] | None = None
    dates: Mapping[date, tuple[Hours, ...]] = field(default_factory=dict)  # half days, holidays (empty)

    @property
    def always_open(self) -> bool:
        return self.week is None

    def is_open(self, now: datetime) -> bool:
        if self.week is None:
            return True
        lima = now.astimezone(LIMA)
        hours = self.dates.get(lima.date(), self.week[lima.weekday()])
        at = lima.time()
        return any(start <= at and (at < end or end == time(0)) for start, end in hours)


def timetable(stored: Mapping[str, object] | None) -> Timetable:
    """From its stored form `{"week": [[["07:30", "15:30"]], ...7], "dates": {"2026-12-24": [["08:00", "12:00"]]}}`; None = always open."""
    if not stored:
        return Timetable()
    week, dates = stored["week"], stored.get("dates") or {}
    if not isinstance(week, Sequence) or len(week) != 7 or not isinstance(dates, Mapping):
        raise ValueError("a timetable has seven days, Monday first")
    return Timetable(
        week=tuple(_hours(day) for day in week),
        dates={date.fromisoformat(day): _hours(hours) for day, hours in dates.items()},
    )


def _hours(day: Sequence[Sequence[str]]) -> tuple[Hours, ...]:
    return tuple((time.fromisoformat(start), time.fromisoformat(end)) for start, end in day)


def leftovers_before(hours: Timetable, *, attending: bool, now: datetime) -> datetime:
    """Tickets whose last move is before this instant are left over and close now. `attending`: some ventanilla is open."""
    if hours.always_open:
        return now - ALWAYS_OPEN_AGE
    if not attending and not hours.is_open(now):
        return now
    lima = now.astimezone(LIMA)
    latest = datetime.combine(lima.date(), LATEST_CLOSE, LIMA)
    return latest if lima >= latest else latest - timedelta(days=1)
