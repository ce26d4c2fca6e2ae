"""Curing an observation: what was missing is brought in time, and the term begins. Pure; the same at a cabin and at the centre.

Source: Law 27444 arts. 125.1, 126.1 and 131.1 (TUO 136.1, 137.1, 144.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from core.errors import Conflict, Invalid
from core.workdays import Calendar, CalendarMissing
from intake.clock import LawClock, law_clock
from intake.tramite import Tramite


class TooLateToCure(Conflict):
    code = "expediente.subsanacion_vencida"
    detail = "El plazo para subsanar ya venció. El expediente se tiene por no presentado; puede ingresar uno nuevo."


class NothingBrought(Invalid):
    code = "solicitud.invalida"
    detail = "Indique cuál de los puntos observados se presenta."


@dataclass(frozen=True, slots=True)
class Cure:
    """Requisito codes in the order they were asked for; nothing in `missing`: the observation is over."""

    brought: tuple[str, ...]
    missing: tuple[str, ...]


def may_cure(due_on: date | None, today: date) -> bool:
    """Until the end of the due day; where the calendar does not reach nobody is late."""
    return due_on is None or today <= due_on


def decide_cure(waiting: Sequence[str], presented: Sequence[str] | None, *, due_on: date | None, today: date) -> Cure:
    """What is brought of what is `waiting`; all of it when `presented` is None. Raises TooLateToCure, NothingBrought."""
    if not may_cure(due_on, today):
        raise TooLateToCure(due_on=due_on.isoformat() if due_on else None)
    brought = tuple(code for code in waiting if presented is None or code in presented)
    if not brought:
        raise NothingBrought(field="presented")
    return Cure(brought, tuple(code for code in waiting if code not in brought))


def restarted_clock(today: date, tramite: Tramite, *, received: date, calendar: Calendar) -> LawClock:
    """The term of a case made whole `today`: the reception day stays, the term counts from the next business day."""
    try:
        day = calendar.on_or_after(today)
    except CalendarMissing:
        day = today
    return law_clock(day, tramite, calendar=calendar, received=received)
