"""Reads of the estimates told and kept: `calibration` of a period, by service and week. One day at a time, so that nobody waits for it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from time import sleep
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from cac.desk.actions.rows import MOVE, SERVICE, TICKET, VENTANILLA, VENTANILLA_MOVE
from cac.desk.queries import find_sala
from cac.reports.calibration import Calibration, Finished, SimpleCount, Told, Turned, calibrate, week_of
from core.clock import LIMA, lima_day
from ticketing.moves import Move
from web.spreadsheets import Sheet

BEFORE = timedelta(days=1)  # what happened just before a day tells what its first hour could have counted with

_CALL = MOVE.alias("first_call")
_TOLD = (
    select(SERVICE.c.code, MOVE.c.at, MOVE.c.detail, func.min(_CALL.c.at).label("called_at"))
    .select_from(MOVE)
    .join(TICKET, TICKET.c.id == MOVE.c.ticket_id)
    .join(SERVICE, SERVICE.c.id == MOVE.c.service_id)
    .join(_CALL, (_CALL.c.ticket_id == MOVE.c.ticket_id) & (_CALL.c.move == Move.CALL.value))
    .where(
        MOVE.c.at >= bindparam("since"),
        MOVE.c.at < bindparam("until"),
        MOVE.c.move == Move.ISSUE.value,
        TICKET.c.sala_id == bindparam("sala_id"),
        TICKET.c.slot_at.is_(None),
    )
    .group_by(MOVE.c.id, SERVICE.c.code, MOVE.c.at)
    .order_by(MOVE.c.at, MOVE.c.id)
)
_FINISHED = (
    select(MOVE.c.at, MOVE.c.seconds)
    .select_from(MOVE)
    .join(TICKET, TICKET.c.id == MOVE.c.ticket_id)
    .where(
        MOVE.c.at >= bindparam("since"),
        MOVE.c.at < bindparam("until"),
        MOVE.c.move == Move.FINISH.value,
        MOVE.c.seconds > 0,
        TICKET.c.sala_id == bindparam("sala_id"),
    )
    .order_by(MOVE.c.at, MOVE.c.id)
)
_TURNED = (
    select(VENTANILLA_MOVE.c.at, VENTANILLA_MOVE.c.ventanilla_id, VENTANILLA_MOVE.c.state)
    .select_from(VENTANILLA_MOVE)
    .join(VENTANILLA, VENTANILLA.c.id == VENTANILLA_MOVE.c.ventanilla_id)
    .where(
        VENTANILLA.c.sala_id == bindparam("sala_id"),
        VENTANILLA_MOVE.c.at >= bindparam("since"),
        VENTANILLA_MOVE.c.at < bindparam("until"),
    )
    .order_by(VENTANILLA_MOVE.c.at, VENTANILLA_MOVE.c.id)
)
_WERE = (  # each ventanilla as it stood at an instant
    select(VENTANILLA_MOVE.c.ventanilla_id, VENTANILLA_MOVE.c.state).where(
        VENTANILLA_MOVE.c.id.in_(
            select(func.max(VENTANILLA_MOVE.c.id))
            .join(VENTANILLA, VENTANILLA.c.id == VENTANILLA_MOVE.c.ventanilla_id)
            .where(VENTANILLA.c.sala_id == bindparam("sala_id"), VENTANILLA_MOVE.c.at < bindparam("since"))
            .group_by(VENTANILLA_MOVE.c.ventanilla_id)
        )
    )
)


@dataclass(frozen=True, slots=True)
class Cut:
    """One row: a service in a week, a service, a week, or all."""

    week: date | None  # its Monday; None: the whole period
    service: str  # "": every service
    name: str
    of: Calibration


@dataclass(frozen=True, slots=True)
class CalibrationReport:
    since: date
    until: date
    sala: str
    sala_name: str
    whole: Calibration
    by_service: tuple[Cut, ...]
    by_week: tuple[Cut, ...]
    by_both: tuple[Cut, ...]


def calibration(session: Session, sala: str | None, *, since: date, until: date, now: datetime) -> CalibrationReport:
    """What was told from `since` to `until`, both included, to those who were called since. Raises SalaUnknown."""
    room = find_sala(session, sala)
    told: list[Told] = []
    for on in _days(since, min(until, lima_day(now))):
        told += _told_on(session, room.id, on)
        sleep(0)  # under gevent: whoever else asks is answered meanwhile
    named = select(SERVICE.c.code, SERVICE.c.name).where(SERVICE.c.sala_id == room.id).order_by(SERVICE.c.position)
    names: dict[str, str] = {row.code: row.name for row in session.execute(named)}
    groups: dict[tuple[date | None, str], list[Told]] = defaultdict(list)
    for one in told:
        for key in ((None, one.service), (week_of(one.at), ""), (week_of(one.at), one.service)):
            groups[key].append(one)
    order = list(names)
    cuts = [Cut(week, service, names.get(service, ""), calibrate(found)) for (week, service), found in groups.items()]
    cuts.sort(key=lambda cut: (cut.week or date.min, order.index(cut.service) if cut.service in names else -1))
    return CalibrationReport(
        since=since,
        until=until,
        sala=room.code,
        sala_name=room.name,
        whole=calibrate(told),
        by_service=tuple(cut for cut in cuts if cut.week is None),
        by_week=tuple(cut for cut in cuts if not cut.service),
        by_both=tuple(cut for cut in cuts if cut.week and cut.service),
    )


def sheets(found: CalibrationReport) -> list[Sheet]:
    """One table: all, each service, each week, each service in each week."""
    head = ("semana desde", "servicio", "turnos (n)", "dentro del rango, %", "antes, %", "después, %")
    errors = ("error mediano, min", "error de la cuenta simple, min", "más cerca que la simple, %")
    rows = (Cut(None, "", "", found.whole), *found.by_service, *found.by_week, *found.by_both)
    return [Sheet("Espera dicha", (*head, *errors), tuple(_row(cut) for cut in rows))]


def _row(cut: Cut) -> tuple[Any, ...]:
    of = cut.of
    shares = tuple(_percent(share) for share in (of.inside, of.below, of.above))
    errors = tuple(None if one is None else round(one, 1) for one in (of.error, of.simple_error))
    service = f"{cut.service} {cut.name}" if cut.service else "todos"
    return (cut.week.isoformat() if cut.week else "todo", service, of.n, *shares, *errors, _percent(of.nearer))


def _percent(share: float | None) -> float | None:
    return None if share is None else round(share * 100, 1)


def _told_on(session: Session, sala_id: int, on: date) -> list[Told]:
    since, until = (datetime.combine(day, time(0), LIMA) for day in (on, on + timedelta(days=1)))
    rows = session.execute(_TOLD, {"sala_id": sala_id, "since": since, "until": until}).all()
    if not rows:
        return []
    near = {"sala_id": sala_id, "since": since - BEFORE, "until": until}
    were = session.execute(_WERE, {"sala_id": sala_id, "since": since})
    turned = [Turned(since, row.ventanilla_id, row.state) for row in were]
    turned += [Turned(*row) for row in session.execute(_TURNED, near | {"since": since})]
    count = SimpleCount([Finished(*row) for row in session.execute(_FINISHED, near)], turned)
    return [
        Told(
            service=row.code,
            at=row.at,
            low_s=row.detail["low_minutes"] * 60,
            high_s=row.detail["high_minutes"] * 60,
            likely_s=row.detail["likely_s"],
            true_s=(row.called_at - row.at).total_seconds(),
            simple_s=count.at(row.at, row.detail["ahead"]),
        )
        for row in rows
        if row.detail and "likely_s" in row.detail
    ]


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range(max((last - first).days + 1, 0))]
