"""The term of a case as a row of business days. Pure.

One segment is one business day, a gap is a weekend or holiday; over twelve days a segment is a week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from core.workdays import Calendar, CalendarMissing

DAYS_DRAWN = 12
SHORT_DAYS = ("lun", "mar", "mié", "jue", "vie", "sáb", "dom")
SHORT_MONTHS = ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "set", "oct", "nov", "dic")


@dataclass(frozen=True, slots=True)
class Segment:
    label: str
    kind: str  # CSS classes: usado | hoy | queda | vence | notif | sap, and salto after a gap
    above: str = ""


@dataclass(frozen=True, slots=True)
class Term:
    """A term ready to show. `days` of it, `day` the number of today, `left` business days after today."""

    segments: tuple[Segment, ...]
    due_on: date
    days: int
    day: int
    left: int
    late: int

    @property
    def used_percent(self) -> int:
        return 100 if self.late else min(100, self.day * 100 // self.days)


def term(start_on: date, due_on: date, *, today: date, calendar: Calendar, sap_on: date | None = None) -> Term | None:
    """The bar of a term whose first counted day is `start_on`; None where the calendar does not reach."""
    try:
        days = _business_days(start_on, due_on, calendar)
        notified = _business_days(due_on + timedelta(days=1), sap_on, calendar) if sap_on else []
        late = calendar.count(due_on, today)
        left = calendar.count(max(today, start_on - timedelta(days=1)), due_on)
    except CalendarMissing:
        return None
    if not days:
        return None
    weekly = len(days) > DAYS_DRAWN
    segments = _weeks(days, today) if weekly else _days(days, today)
    if notified and not weekly:
        segments += _notified(notified)
    return Term(tuple(segments), due_on, len(days), sum(day <= today for day in days), left, late)


def short(day: date) -> str:
    """`mar 24`."""
    return f"{SHORT_DAYS[day.weekday()]} {day.day}"


def _business_days(first: date, last: date, calendar: Calendar) -> list[date]:
    days, day = [], first
    while day <= last:
        if calendar.is_business_day(day):
            days.append(day)
        day += timedelta(days=1)
    return days


def _days(days: list[date], today: date) -> list[Segment]:
    segments, late = [], today > days[-1]
    for place, day in enumerate(days):
        kind = "usado" if day < today else "hoy" if day == today else "queda"
        if late:
            kind = "usado tarde"
        above = "hoy" if day == today else ""
        if day == days[-1]:
            kind, above = f"{kind} vence", "vence hoy" if above else "venció" if late else "vence"
        segments.append(Segment(short(day), kind + _gap(days, place), above))
    return segments


def _notified(days: list[date]) -> list[Segment]:
    segments = []
    for place, day in enumerate(days):
        last = day == days[-1]
        label = f"{short(day)} {SHORT_MONTHS[day.month - 1]}" if last else short(day)
        kind = "notif sap" if last else "notif"
        kind += " corte-n" if place == 0 else _gap(days, place)
        segments.append(Segment(label, kind, "silencio positivo" if last else ""))
    return segments


def _weeks(days: list[date], today: date) -> list[Segment]:
    weeks: dict[date, list[date]] = {}
    for day in days:
        weeks.setdefault(day - timedelta(days=day.weekday()), []).append(day)
    segments, late = [], today > days[-1]
    for week in weeks.values():
        kind = "usado" if week[-1] < today else "hoy" if week[0] <= today else "queda"
        if late:
            kind = "usado tarde"
        above = "hoy" if "hoy" in kind else ""
        if week[-1] == days[-1]:
            kind, above = f"{kind} vence", "venció" if late else "vence"
        first, last = week[0], week[-1]
        label = (
            f"{first.day} {SHORT_MONTHS[first.month - 1]}"
            if first == last
            else f"{first.day} a {last.day} {SHORT_MONTHS[last.month - 1]}"
        )
        segments.append(Segment(label, kind, above))
    return segments


def _gap(days: list[date], place: int) -> str:
    return " salto" if place and days[place] - days[place - 1] > timedelta(days=1) else ""


# what a person of each role may press, of what the state allows
PRESSES: dict[str, frozenset[str]] = {
    "ventanilla": frozenset({"documento", "subsanacion", "pase", "recepcion", "entrega", "rectificacion"}),
    "supervisor": frozenset({"documento", "subsanacion", "pase", "recepcion", "entrega", "rectificacion"}),
    "unidad": frozenset({"documento", "pase", "recepcion", "informe", "requerimiento", "resolucion"}),
    "admin": frozenset(
        {
            *("documento", "subsanacion", "pase", "recepcion", "informe", "requerimiento", "resolucion"),
            *("entrega", "rectificacion"),
        }
    ),
}


def presses(role: str, moves: tuple[str, ...]) -> tuple[str, ...]:
    """The moves among `moves` that this role has a button for."""
    return tuple(move for move in moves if move in PRESSES.get(role, frozenset()))


def next_step(case: dict[str, Any]) -> str:
    """What should happen next, in words."""
    state, here = case["state"], case["area"]
    if case["on_its_way"]:
        return f"{here} debe confirmar que lo recibió."
    return {
        "recibido": f"derivarlo hoy a {case['home_area']}.",
        "observado": "el ciudadano debe completar lo que falta.",
        "no_presentado": "devolver los documentos y lo pagado.",
        "en_tramite": "evaluarlo y emitir el acto.",
        "suspendido": "el plazo está suspendido.",
        "resuelto": "entregarlo al ciudadano." if case["area_code"] == "CAC" else "devolverlo al CAC para su entrega.",
        "entregado": "nada: el trámite terminó.",
    }.get(state, "nada por ahora.")
