"""From which day to which a report tells, pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from core.errors import Invalid

LONGEST = timedelta(days=366)


class PeriodInvalid(Invalid):
    code = "periodo.invalido"
    detail = "Escriba desde qué día y hasta cuál, en orden y de un año como máximo."


@dataclass(frozen=True, slots=True)
class Period:
    """Lima days, both included."""

    since: date
    until: date


def read_period(since: str | None, until: str | None, *, today: date, days: int) -> Period:
    """What was asked in ISO days; without it the last `days` days up to `today`. Raises PeriodInvalid."""
    try:
        last = date.fromisoformat(until) if until else today
        first = date.fromisoformat(since) if since else last - timedelta(days=days - 1)
    except ValueError:
        raise PeriodInvalid(field="desde") from None
    if first > last or last - first > LONGEST:
        raise PeriodInvalid(field="desde")
    return Period(first, last)
