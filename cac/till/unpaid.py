"""Fees left to be paid at the bank or the CAC and not seen paid yet: whose, how much, since how many business days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from cac.expedientes.models import Charge, Expediente
from cac.expedientes.rules import ANNULLED, NOT_FILED
from cac.sync.models import Cabina
from core.clock import lima_day
from core.workdays import Calendar, CalendarMissing
from web.filters import day
from web.spreadsheets import Sheet

ROWS_MAX = 1_000
CENTRE = "CAC"  # asked for as if it were a cabin
MUNICIPAL = ("derecho", "redondeo")
ENDED = (NOT_FILED, ANNULLED)  # nobody is to pay any more
_WAITS = (Expediente.unpaid, Expediente.state.not_in(ENDED))
HEAD = ("Recibido", "Cabina", "Expediente", "Trámite", "Presentó", "Soles", "Días hábiles", "Demorado")


@dataclass(frozen=True, slots=True)
class Unpaid:
    """`age`: business days since the one it counts for; None where the calendar does not reach."""

    number: str
    cabina: str  # its code, or CENTRE
    place: str
    tramite: str
    applicant: str
    left_on: date
    centimos: int
    age: int | None
    late: bool


def unpaid(session: Session, *, cabina: str = "", today: date, calendar: Calendar, late_after: int) -> list[Unpaid]:
    """Oldest first, ROWS_MAX at most; of one cabin, of the centre's own desks (CENTRE), or of all."""
    municipal = func.coalesce(func.sum(Charge.centimos), 0).label("centimos")
    found: Select = (
        select(Expediente, Cabina.name, municipal)
        .outerjoin(Cabina, Cabina.code == Expediente.cabina)
        .outerjoin(Charge, (Charge.expediente_id == Expediente.id) & Charge.concept.in_(MUNICIPAL))
        .where(*_WAITS)
        .group_by(Expediente.id, Cabina.name)
        .order_by(Expediente.received_on, Expediente.id)
        .limit(ROWS_MAX)
    )
    if cabina:
        found = found.where(Expediente.cabina.is_(None) if cabina == CENTRE else Expediente.cabina == cabina)
    return [_seen(*row, today=today, calendar=calendar, late_after=late_after) for row in session.execute(found)]


def count_unpaid(session: Session) -> int:
    return session.scalar(select(func.count()).where(*_WAITS)) or 0


def late_by_cabina(session: Session, *, today: date, calendar: Calendar, late_after: int) -> dict[str, int]:
    """How many wait longer than they should, by the code of their cabin."""
    until = late_until(today, calendar=calendar, late_after=late_after)
    if until is None:
        return {}
    rows = session.execute(
        select(Expediente.cabina, func.count())
        .where(*_WAITS, Expediente.cabina.is_not(None), Expediente.received_on <= until)
        .group_by(Expediente.cabina)
    )
    return {code: count for code, count in rows if code}


def late_until(today: date, *, calendar: Calendar, late_after: int) -> date | None:
    """The last day whose cases have waited more than `late_after` business days; None where the calendar does not reach."""
    on = today
    try:
        while calendar.count(on, today) <= late_after:
            on -= timedelta(days=1)
    except CalendarMissing:
        return None
    return on


def sheets(found: Sequence[Unpaid]) -> list[Sheet]:
    rows = tuple(
        (
            day(one.left_on),
            one.place,
            one.number,
            one.tramite,
            one.applicant,
            Decimal(one.centimos) / 100,
            "" if one.age is None else one.age,
            "sí" if one.late else "",
        )
        for one in found
    )
    return [Sheet("Pagos pendientes", HEAD, rows)]


def _seen(
    case: Expediente, name: str | None, centimos: int, *, today: date, calendar: Calendar, late_after: int
) -> Unpaid:
    try:
        age = calendar.count(case.received_on, today)
    except CalendarMissing:
        age = None
    return Unpaid(
        number=case.number,
        cabina=case.cabina or CENTRE,
        place=f"{case.cabina} {name or ''}".strip() if case.cabina else CENTRE,
        tramite=f"{case.tramite_code} {case.tramite_name}",
        applicant=case.applicant_name,
        left_on=lima_day(case.received_at),
        centimos=int(centimos),
        age=age,
        late=age is not None and age > late_after,
    )
