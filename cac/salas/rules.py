"""What may be set for a sala: hours, letters, limits, languages; and a timetable in words. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from typing import Any

WEEK = ("Lunes", "Martes", "Miércoles", "Jueves", "Viernes", "Sábado", "Domingo")
SHORT = tuple(day[:2] for day in WEEK)
SPANS_SHOWN = 2  # mañana and tarde; a stored day with more shows them all

CODE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
LETTER = re.compile(r"[A-Z]{1,2}")
MAX_SHOWN = 8  # tiles of the kiosk: keys 1 to 8
MAX_VENTANILLAS = 99  # two figures fit the room's screen

LIMITS = {  # column: lowest, highest
    "recalls": (1, 9),
    "return_minutes": (0, 240),
    "alert_minutes": (5, 600),
    "alert_waiting": (1, 999),
    "tickets_per_phone": (1, 20),
}
TEXTS = {"kiosk_welcome": 80, "closed_message": 120, "ticket_foot": 120}  # column: longest
LANGUAGES = {"es": "Español", "qu": "Quechua", "en": "English"}

Hours = list[list[str]]


class SpanWrong(ValueError):
    """A day's hours cannot be; says why, in Spanish."""


def day_hours(typed: Iterable[tuple[str, str]]) -> Hours:
    """The spans of one day as stored, from pairs of typed hours; empty pairs are left out. Raises SpanWrong."""
    spans: Hours = []
    for start, until in ((start.strip(), until.strip()) for start, until in typed):
        if not start and not until:
            continue
        if not start or not until:
            raise SpanWrong("Falta una hora: escriba desde y hasta, o deje ambas vacías.")
        start, until = _hour(start), _hour(until)
        if until != "00:00" and until <= start:
            raise SpanWrong("La hora de cierre debe ser posterior a la de apertura.")
        if spans and (spans[-1][1] == "00:00" or start < spans[-1][1]):
            raise SpanWrong("Los horarios se cruzan: el segundo empieza antes de que termine el primero.")
        spans.append([start, until])
    return spans


def _hour(typed: str) -> str:
    try:
        return time.fromisoformat(typed).strftime("%H:%M")
    except ValueError:
        raise SpanWrong("Escriba las horas como 07:30 y 15:30.") from None


def with_week(
    stored: Mapping[str, Any] | None, week: Sequence[Hours] | None, *, holidays_off: bool
) -> dict[str, Any] | None:
    """The timetable with another week; None: day and night. Its exceptions stay."""
    _, dates, reasons = _parts(stored)
    return _stored(week, dates, reasons, holidays_off)


def with_date(
    stored: Mapping[str, Any] | None, day: date, hours: Hours | None, reason: str = ""
) -> dict[str, Any] | None:
    """The timetable with hours of its own on `day`: [] shut; None: as any other such day."""
    week, dates, reasons = _parts(stored)
    dates.pop(day.isoformat(), None)
    reasons.pop(day.isoformat(), None)
    if hours is not None:
        dates[day.isoformat()], reasons[day.isoformat()] = hours, reason
    return _stored(week, dates, reasons, shuts_on_holidays(stored))


def shuts_on_holidays(stored: Mapping[str, Any] | None) -> bool:
    return bool((stored or {}).get("holidays"))


def _parts(stored: Mapping[str, Any] | None) -> tuple[Sequence[Hours] | None, dict[str, Hours], dict[str, str]]:
    given = stored or {"week": None}
    return given["week"], dict(given.get("dates") or {}), dict(given.get("reasons") or {})


def _stored(
    week: Sequence[Hours] | None, dates: dict[str, Hours], reasons: dict[str, str], holidays_off: bool
) -> dict[str, Any] | None:
    if week is None and not dates and not holidays_off:
        return None
    days = None if week is None else list(week)
    apart = {"dates": dict(sorted(dates.items())), "reasons": dict(sorted(reasons.items()))}
    return {"week": days, **apart, **({"holidays": True} if holidays_off else {})}


def hours_text(hours: Hours) -> str:
    """`07:30–13:00 y 14:00–16:30`; `cerrado`."""
    return " y ".join(f"{start}–{'24:00' if until == '00:00' else until}" for start, until in hours) or "cerrado"


def week_text(stored: Mapping[str, Any] | None) -> str:
    """`Lu a Vi 07:30–15:30; Sá y Do cerrado`, equal days that follow each other told once."""
    week = stored["week"] if stored else None
    off = "; feriados cerrado" if shuts_on_holidays(stored) else ""
    if week is None:
        return f"día y noche{off}"
    runs: list[tuple[int, int]] = []
    for day in range(len(WEEK)):
        if runs and week[runs[-1][0]] == week[day]:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return "; ".join(f"{_days(first, last)} {hours_text(week[first])}" for first, last in runs) + off


def _days(first: int, last: int) -> str:
    if first == last:
        return SHORT[first]
    return f"{SHORT[first]} {'y' if last == first + 1 else 'a'} {SHORT[last]}"


def chosen_order(typed: Mapping[str, str], known: Sequence[str]) -> list[str]:
    """Letters of the services a ventanilla attends, its own first: from each one's place ("1", "2", …; "" does not attend)."""
    places = [(int(typed[code]), known.index(code)) for code in known if typed.get(code, "").isdecimal()]
    return [known[index] for _, index in sorted(places)]
