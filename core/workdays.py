"""Business days (días hábiles) over a versioned calendar.

Source: Law 27444 arts. 133-134 (TUO 144-145): a term counts from the next business day; one that would end on a day
without service moves on. Holidays need a norm, so they are rows with a scope, never code. Pure: the text of the
calendar is an argument."""

from __future__ import annotations

import csv
import hashlib
import io
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

NATIONAL, PUBLIC_SECTOR = "national", "public_sector"
DEFAULT_SCOPES = frozenset({NATIONAL, PUBLIC_SECTOR})
SATURDAY = 5


class CalendarMissing(Exception):
    """The calendar does not reach a day that was asked for: a guessed deadline is worse than an error."""

    def __init__(self, day: date):
        super().__init__(f"the calendar does not cover {day.isoformat()}")
        self.day = day


@dataclass(frozen=True, slots=True)
class Holiday:
    on: date
    name: str
    scope: str


@dataclass(frozen=True, slots=True)
class Calendar:
    """Holidays of the chosen scopes between two days; `version` names the text it came from."""

    version: str
    first_on: date
    last_on: date
    holidays: tuple[Holiday, ...]
    _days: tuple[date, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_days", tuple(sorted({h.on for h in self.holidays if h.on.weekday() < SATURDAY})))

    @classmethod
    def parse(cls, text: str, *, scopes: Iterable[str] = DEFAULT_SCOPES) -> Calendar:
        """Reads `date,name,scope` rows. It covers the whole years that have national rows, without a gap between them."""
        chosen = frozenset(scopes)
        rows = [
            Holiday(date.fromisoformat(row["date"]), row["name"], row["scope"])
            for row in csv.DictReader(io.StringIO(text))
        ]
        years = sorted({row.on.year for row in rows if row.scope == NATIONAL})
        if not years:
            raise ValueError("the calendar has no national holiday")
        if years != list(range(years[0], years[-1] + 1)):
            raise ValueError("the calendar skips a year")
        return cls(
            version=hashlib.sha256(f"{sorted(chosen)}\n{text}".encode()).hexdigest()[:12],
            first_on=date(years[0], 1, 1),
            last_on=date(years[-1], 12, 31),
            holidays=tuple(sorted((row for row in rows if row.scope in chosen), key=lambda row: (row.on, row.scope))),
        )

    def is_business_day(self, day: date) -> bool:
        self._must_cover(day)
        if day.weekday() >= SATURDAY:
            return False
        place = bisect_left(self._days, day)
        return place == len(self._days) or self._days[place] != day

    def on_or_after(self, day: date) -> date:
        """`day` itself when it is a business day, else the next one."""
        while not self.is_business_day(day):
            day += timedelta(days=1)
        return day

    def next_after(self, day: date) -> date:
        """The first business day after `day`, which is never counted."""
        self._must_cover(day)
        return self.on_or_after(day + timedelta(days=1))

    def add(self, day: date, business_days: int) -> date:
        """The last day of a term of `business_days` that counts from the business day after `day`."""
        assert business_days >= 1, "a term has at least one day"
        for _ in range(business_days):
            day = self.next_after(day)
        return day

    def count(self, after: date, until: date) -> int:
        """Business days in (after, until]; 0 when `until` is not later."""
        if until <= after:
            return 0
        self._must_cover(after)
        self._must_cover(until)
        weeks, rest = divmod((until - after).days, 7)
        weekdays = weeks * 5 + sum((after + timedelta(days=i + 1)).weekday() < SATURDAY for i in range(rest))
        return weekdays - (bisect_right(self._days, until) - bisect_right(self._days, after))

    def skipped(self, after: date, until: date) -> tuple[Holiday, ...]:
        """Holidays in (after, until] that took a weekday away, one a day: what explains a due date to a person."""
        by_day: dict[date, Holiday] = {}
        for holiday in self.holidays:
            if after < holiday.on <= until and holiday.on.weekday() < SATURDAY:
                by_day.setdefault(holiday.on, holiday)
        return tuple(by_day.values())

    def _must_cover(self, day: date) -> None:
        if not self.first_on <= day <= self.last_on:
            raise CalendarMissing(day)
