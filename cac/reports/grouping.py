"""Days put together so that a picture can be read: by day, by week, by month. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from cac.reports.figures import Tally

MONTHS = ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "set", "oct", "nov", "dic")
MAX_BY_DAY, MAX_BY_WEEK = 45, 400  # days from the first to the last one shown


def grouped(days: Sequence[tuple[date, Tally]]) -> tuple[str, list[tuple[str, Tally]]]:
    """What each group is ("día", "semana", "mes") and the groups in order, with their words."""
    span = (days[-1][0] - days[0][0]).days if days else 0
    unit = "día" if span <= MAX_BY_DAY else "semana" if span <= MAX_BY_WEEK else "mes"
    groups: dict[date, Tally] = {}
    for on, tally in days:
        groups.setdefault(_first_of(on, unit), Tally()).add(tally)
    return unit, [(_words(on, unit), tally) for on, tally in groups.items()]


def _first_of(on: date, unit: str) -> date:
    return on if unit == "día" else on - timedelta(days=on.weekday()) if unit == "semana" else on.replace(day=1)


def _words(on: date, unit: str) -> str:
    month = MONTHS[on.month - 1]
    return f"{month} {on.year}" if unit == "mes" else f"{on.day} {month}"
