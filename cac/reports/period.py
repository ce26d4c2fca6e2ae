"""Reads of a period: the figures of its days, named as people know them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from time import sleep
from typing import Any

from sqlalchemy import Row, Table, bindparam, select
from sqlalchemy.orm import Session

from cac.access.models import ApiToken, Staff
from cac.desk.actions.rows import MOVE, SALA, SERVICE, TICKET, VENTANILLA
from cac.desk.queries import SalaUnknown
from cac.reports.figures import CLASS, CLERK, HOUR, PLACE, Day, Moved, Period, Tally, fold, from_json
from cac.reports.models import DayFigures
from core.clock import LIMA, lima_day
from core.errors import Invalid

MAX_DAYS = 3_660  # ten years in one report
BREATH_DAYS = 60  # days added up before other requests have a turn
CLASSES = {"g": "General", "p": "Preferente"}

_KEPT: Table = DayFigures.__table__  # type: ignore[assignment]
_MOVES = (
    select(
        MOVE.c.move,
        MOVE.c.from_state,
        MOVE.c.service_id,
        TICKET.c.preferente,
        MOVE.c.ventanilla_id,
        MOVE.c.principal,
        MOVE.c.seconds,
        MOVE.c.at,
    )
    .select_from(MOVE)
    .join(TICKET, TICKET.c.id == MOVE.c.ticket_id)
    .where(MOVE.c.at >= bindparam("since"), MOVE.c.at < bindparam("until"))
)
_DAYS = select(_KEPT).where(_KEPT.c.day >= bindparam("first"), _KEPT.c.day <= bindparam("last")).order_by(_KEPT.c.day)
_FIRST_MOVE = select(MOVE.c.at).order_by(MOVE.c.at).limit(1)
_LAST_KEPT = select(_KEPT.c.day).order_by(_KEPT.c.day.desc()).limit(1)
_SERVICES = (
    select(SERVICE.c.id, SERVICE.c.code, SERVICE.c.name)
    .where(SERVICE.c.sala_id == bindparam("sala_id"))
    .order_by(SERVICE.c.position, SERVICE.c.id)
)
_SALAS = select(SALA.c.id, SALA.c.code, SALA.c.name).order_by(SALA.c.id)
_PLACES = (
    select(VENTANILLA.c.id, VENTANILLA.c.number)
    .where(VENTANILLA.c.sala_id == bindparam("sala_id"))
    .order_by(VENTANILLA.c.number)
)
_STAFF = select(Staff.id, Staff.name)
_TOKENS = select(ApiToken.id, ApiToken.name)


class PeriodInvalid(Invalid):
    code = "reporte.periodo"
    detail = "Elija un periodo: «desde» no puede ser posterior a «hasta», y juntos abarcan diez años como máximo."


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table of the report: what it is of, and its figures."""

    name: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class PeriodReport:
    first: date
    last: date
    sala: str
    sala_name: str
    salas: tuple[tuple[str, str], ...]
    service: str  # the letter of the only one shown; "" all
    services: tuple[tuple[str, str], ...]
    whole: Tally
    days: tuple[tuple[date, Tally], ...]  # those with any figure
    by_service: tuple[Line, ...]
    by_class: tuple[Line, ...]
    by_place: tuple[Line, ...]
    by_clerk: tuple[Line, ...]
    by_hour: tuple[Line, ...]


def period_report(
    session: Session, *, sala: str | None, service: str, first: date, last: date, now: datetime
) -> PeriodReport:
    """The figures of `first` to `last`, both included. Raises PeriodInvalid, SalaUnknown."""
    if first > last or (last - first).days >= MAX_DAYS:
        raise PeriodInvalid()
    salas = session.execute(_SALAS).all()
    room = next((row for row in salas if not sala or row.code == sala), None)
    if room is None:
        raise SalaUnknown()
    services = session.execute(_SERVICES, {"sala_id": room.id}).all()
    wanted = frozenset(row.id for row in services if not service or row.code == service)
    period = Period()
    for number, (on, day) in enumerate(days_of(session, first, min(last, lima_day(now)))):
        period.add(on, day, services=wanted)
        if number % BREATH_DAYS == BREATH_DAYS - 1:
            sleep(0)  # under gevent: whoever else asks is answered meanwhile
    return PeriodReport(
        first=first,
        last=last,
        sala=room.code,
        sala_name=room.name,
        salas=tuple((row.code, row.name) for row in salas),
        service=service if wanted and service else "",
        services=tuple((row.code, row.name) for row in services),
        whole=period.whole,
        days=tuple((on, tally) for on, tally in period.days.items() if tally.any),
        by_service=_lines(period.by_service, {row.id: f"{row.code} {row.name}" for row in services}),
        by_class=_lines(period.cuts[CLASS], CLASSES),
        by_place=_lines(period.cuts[PLACE], _places(session, room.id)),
        by_clerk=_people_lines(period.cuts[CLERK], people(session)),
        by_hour=tuple(Line(f"{hour}:00", period.cuts[HOUR][hour]) for hour in sorted(period.cuts[HOUR])),
    )


def days_of(session: Session, first: date, last: date) -> Iterator[tuple[date, Day]]:
    """Each day's figures in order: as kept, or counted from its moves when the day is not over or not yet kept."""
    kept = {row.day: row.figures for row in session.execute(_DAYS, {"first": first, "last": last})}
    began = first_day(session)
    on = max(first, began) if began else last + timedelta(days=1)
    while on <= last:
        yield on, from_json(kept.pop(on)) if on in kept else count_day(session, on)
        on += timedelta(days=1)


def count_day(session: Session, on: date) -> Day:
    """The figures of one day, from its moves."""
    since = datetime.combine(on, time(0), LIMA)
    until = datetime.combine(on + timedelta(days=1), time(0), LIMA)
    return fold(Moved(*row) for row in session.execute(_MOVES, {"since": since, "until": until}))


def first_day(session: Session) -> date | None:
    """The Lima day of the first move ever; None before it."""
    first = session.execute(_FIRST_MOVE).scalar()
    return lima_day(first) if first else None


def next_to_keep(session: Session, *, before: date) -> date | None:
    """The oldest day before `before` whose figures are not kept yet: days are kept in order."""
    last = session.execute(_LAST_KEPT).scalar()
    began = last + timedelta(days=1) if last else first_day(session)
    return began if began and began < before else None


def people(session: Session) -> dict[str, str]:
    """Names by Principal.key."""
    return {f"staff:{row.id}": row.name for row in session.execute(_STAFF)} | {
        f"token:{row.id}": f"{row.name} (programa)" for row in session.execute(_TOKENS)
    }


def _people_lines(tallies: dict[str, Tally], names: dict[str, str]) -> tuple[Line, ...]:
    """By name; what has none any more says so."""
    lines = [
        Line(names.get(key, "Sistema" if key.startswith("system") else key), tally) for key, tally in tallies.items()
    ]
    return tuple(sorted(lines, key=lambda line: line.name.casefold()))


def _lines(tallies: dict[Any, Tally], names: dict[Any, str]) -> tuple[Line, ...]:
    """In the order of `names`."""
    return tuple(Line(name, tallies[key]) for key, name in names.items() if key in tallies)


def _places(session: Session, sala_id: int) -> dict[str, str]:
    rows: list[Row[Any]] = list(session.execute(_PLACES, {"sala_id": sala_id}))
    return {str(row.id): f"Ventanilla {row.number}" for row in rows}
