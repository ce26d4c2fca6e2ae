"""The live page of a sala: who waits, who attends, what needs a person now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import bindparam, func, literal_column, select
from sqlalchemy.orm import Session

from cac.desk.actions.rows import (
    IN_TURN,
    MOVE,
    OPEN,
    SERVICE,
    TICKET,
    VENTANILLA,
    WAITS,
    attended_s,
    waiting_columns,
)
from cac.desk.queries import find_sala
from cac.reports.alerts import ANY_SALA, DeviceState
from cac.reports.rules import (
    Chart,
    Curve,
    Quarter,
    chart,
    mean_curve,
    median_minutes,
    quarters,
    waiting_curve,
)
from cac.reports.watch import Shown, devices_of, paper_troubles, shown, troubles_now
from core.clock import LIMA
from ticketing.day import timetable
from ticketing.moves import Move, State

WEEKS_BACK = (7, 14, 21, 28)
DRAWN_AT_LEAST = timedelta(hours=8)

_LINE = waiting_columns().where(TICKET.c.sala_id == bindparam("sala_id"), WAITS)
_SERVICES = (
    select(SERVICE.c.id, SERVICE.c.code, SERVICE.c.name)
    .where(SERVICE.c.sala_id == bindparam("sala_id"), SERVICE.c.active)
    .order_by(SERVICE.c.position)
)
_SERVED = (
    select(MOVE.c.service_id, func.count().label("n"))
    .select_from(MOVE)
    .join(TICKET, TICKET.c.id == MOVE.c.ticket_id)
    .where(MOVE.c.at >= bindparam("since"), MOVE.c.move == Move.FINISH.value, TICKET.c.sala_id == bindparam("sala_id"))
    .group_by(MOVE.c.service_id)
)
_WAITED = (
    select(TICKET.c.preferente, MOVE.c.seconds)
    .select_from(MOVE)
    .join(TICKET, TICKET.c.id == MOVE.c.ticket_id)
    .where(
        MOVE.c.at >= bindparam("since"),
        MOVE.c.move == Move.CALL.value,
        MOVE.c.seconds.is_not(None),  # the first call of each
        TICKET.c.sala_id == bindparam("sala_id"),
    )
)
_CHANGES = (
    select(MOVE.c.at, MOVE.c.move, MOVE.c.from_state, MOVE.c.to_state)
    .select_from(MOVE)
    .join(TICKET, TICKET.c.id == MOVE.c.ticket_id)
    .where(MOVE.c.at >= bindparam("since"), MOVE.c.at < bindparam("until"), TICKET.c.sala_id == bindparam("sala_id"))
)
_PLACES = select(VENTANILLA).where(VENTANILLA.c.sala_id == bindparam("sala_id")).order_by(VENTANILLA.c.number)
_LAST_MOVE = (
    select(MOVE.c.ventanilla_id, func.max(MOVE.c.at).label("at"))
    .where(MOVE.c.at >= bindparam("since"), MOVE.c.ventanilla_id.is_not(None))
    .group_by(MOVE.c.ventanilla_id)
)
_TURNS = select(TICKET).where(TICKET.c.sala_id == bindparam("sala_id"), IN_TURN)
_HELD = select(TICKET.c.id, TICKET.c.code, TICKET.c.ventanilla_id).where(
    TICKET.c.sala_id == bindparam("sala_id"),
    TICKET.c.state == literal_column("'en_pausa'"),
    TICKET.c.ventanilla_id.is_not(None),
)


@dataclass(frozen=True, slots=True)
class ServiceFigures:
    code: str
    name: str
    general: int
    preferente: int
    longest_minutes: int | None
    percent: int  # of the limit, for the strip
    served: int


@dataclass(frozen=True, slots=True)
class PlaceFigures:
    number: int
    state: str
    attends: str
    clerk: str | None
    reason: str | None
    ticket_id: int | None
    code: str | None
    attending: bool
    clock_s: int
    held: tuple[tuple[int, str], ...]  # ticket id and code


@dataclass(frozen=True, slots=True)
class LiveFigures:
    sala: str
    sala_name: str
    limit_minutes: int
    alerts: tuple[Shown, ...]
    services: tuple[ServiceFigures, ...]
    general: int
    preferente: int
    served: int
    median_general: int | None
    median_preferente: int | None
    places: tuple[PlaceFigures, ...]
    attending: int
    chart: Chart
    quarters: tuple[Quarter, ...]
    weekday: str
    devices: tuple[DeviceState, ...]
    printers: tuple[tuple[str, str, str], ...]  # those that cannot print: name, icon, words


WORDS = {"impresora": "No imprime", "poco_papel": "Poco papel", "agente": "Agente callado"}  # the alert tells why
DAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")


class Typical:
    """The mean of the same weekday of the last weeks; computed once a day and sala, since the past does not change."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, datetime], Curve] = {}

    def of(self, session: Session, sala_id: int, start: datetime, end: datetime) -> Curve:
        key = (sala_id, start)
        if key not in self._kept:
            curves, days = [], []
            for back in WEEKS_BACK:
                first, last = start - timedelta(days=back), end - timedelta(days=back)
                named = {"sala_id": sala_id, "since": _midnight(first), "until": last}
                changes = _changes(session.execute(_CHANGES, named))
                if changes:
                    left = sum(change for _, change in changes)
                    curves.append(waiting_curve(changes, start=first, until=last, waiting=max(left, 0)))
                    days.append(back)
            self._kept = {key: mean_curve(curves, days_before=days)}
        return self._kept[key]


def live_figures(session: Session, sala: str | None, *, typical: Typical, now: datetime) -> LiveFigures:
    """Everything the live page shows. Raises SalaUnknown."""
    row = find_sala(session, sala)
    since = _midnight(now)
    line = session.execute(_LINE, {"sala_id": row.id}).all()
    places = _places(session, row.id, now)
    services = _services(session, row, line, since, now)
    devices = devices_of(session, row.code, now=now)
    paper = paper_troubles(session, now=now)
    waits = session.execute(_WAITED, {"sala_id": row.id, "since": since}).all()
    medians = [
        median_minutes([w.seconds for w in waits if w.preferente is which and w.seconds is not None])
        for which in (False, True)
    ]
    needs = [one for one in troubles_now(session, now=now) if one.sala in (ANY_SALA, row.code)]
    drawn, by_quarter = _today(session, row, len(line), typical, now)
    return LiveFigures(
        sala=row.code,
        sala_name=row.name,
        limit_minutes=row.alert_minutes,
        alerts=shown(session, row.code, needs),
        services=services,
        general=sum(service.general for service in services),
        preferente=sum(service.preferente for service in services),
        served=sum(service.served for service in services),
        median_general=medians[0],
        median_preferente=medians[1],
        places=places,
        attending=sum(place.state == OPEN for place in places),
        chart=drawn,
        quarters=by_quarter,
        weekday=DAYS[now.astimezone(LIMA).weekday()],
        devices=devices,
        printers=tuple((one.subject.partition(":")[2], one.how.icon, WORDS[one.kind]) for one in paper if one.subject),
    )


def _midnight(now: datetime) -> datetime:
    return datetime.combine(now.astimezone(LIMA).date(), time(0), LIMA)


def _minutes(since: datetime, now: datetime) -> int:
    return max(0, int((now - since).total_seconds()) // 60)


def _services(session: Session, sala: Any, line: Any, since: datetime, now: datetime) -> tuple[ServiceFigures, ...]:
    served = {row.service_id: row.n for row in session.execute(_SERVED, {"sala_id": sala.id, "since": since})}
    waiting: dict[str, list[Any]] = defaultdict(list)
    for ticket in line:
        waiting[ticket.service].append(ticket)
    figures = []
    for service in session.execute(_SERVICES, {"sala_id": sala.id}).all():
        mine = waiting[service.code]
        longest = max((_minutes(ticket.issued_at, now) for ticket in mine), default=None)
        preferente = sum(ticket.preferente for ticket in mine)
        percent = min(100, round(100 * (longest or 0) / sala.alert_minutes))
        figures.append(
            ServiceFigures(
                service.code,
                service.name,
                len(mine) - preferente,
                preferente,
                longest,
                percent,
                served.get(service.id, 0),
            )
        )
    return tuple(figures)


def _places(session: Session, sala_id: int, now: datetime) -> tuple[PlaceFigures, ...]:
    turns = {turn.ventanilla_id: turn for turn in session.execute(_TURNS, {"sala_id": sala_id})}
    held: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for ticket in session.execute(_HELD, {"sala_id": sala_id}):
        held[ticket.ventanilla_id].append((ticket.id, ticket.code))
    moved = {row.ventanilla_id: row.at for row in session.execute(_LAST_MOVE, {"since": _midnight(now)})}
    found = []
    for place in session.execute(_PLACES, {"sala_id": sala_id}).all():
        turn = turns.get(place.id)
        attending = turn is not None and turn.state == State.ATTENDED
        if turn is None:
            idle = max(place.state_at, moved.get(place.id, place.state_at)) if place.state == OPEN else place.state_at
            clock = int((now - idle).total_seconds())
        else:
            clock = attended_s(turn, now) if attending else int((now - (turn.called_at or now)).total_seconds())
        found.append(
            PlaceFigures(
                number=place.number,
                state=place.state,
                attends=place.attends,
                clerk=place.clerk_name,
                reason=place.reason,
                ticket_id=turn.id if turn else None,
                code=turn.code if turn else None,
                attending=attending,
                clock_s=max(clock, 0),
                held=tuple(held[place.id]),
            )
        )
    return tuple(found)


def _changes(rows: Iterable[Any]) -> list[tuple[datetime, int]]:
    """When somebody began or ceased to wait."""
    return [
        (row.at.astimezone(LIMA), (row.to_state == State.WAITING) - (row.from_state == State.WAITING))
        for row in rows
        if (row.to_state == State.WAITING) != (row.from_state == State.WAITING)
    ]


def _today(
    session: Session, sala: Any, waiting: int, typical: Typical, now: datetime
) -> tuple[Chart, tuple[Quarter, ...]]:
    """Today's curve as a picture, and its quarter hours as figures."""
    here = now.astimezone(LIMA)
    start, end = _hours(session, sala, here)
    until = max(here, start)
    named = {"sala_id": sala.id, "since": _midnight(now), "until": now + timedelta(seconds=1)}
    moves = session.execute(_CHANGES, named).all()
    today = waiting_curve(_changes(moves), start=start, until=until, waiting=waiting)
    arrived = [row.at for row in moves if row.move == Move.ISSUE]
    attended = [row.at for row in moves if row.move == Move.FINISH]
    by_quarter = quarters(arrived, attended, today, start=start, until=until)
    return chart(today, typical.of(session, sala.id, start, end), end=end, by_quarter=by_quarter), by_quarter


def _hours(session: Session, sala: Any, here: datetime) -> tuple[datetime, datetime]:
    """What the curve spans: the sala's hours today; for one that never shuts, eight hours around what happened."""
    hours = timetable(sala.timetable)
    midnight = here.replace(hour=0, minute=0, second=0, microsecond=0)
    today = () if hours.always_open else hours.hours_on(here.date())
    if today:
        start = datetime.combine(here.date(), today[0][0], LIMA)
        last = today[-1][1]
        end = midnight + timedelta(days=1) if last == time(0) else datetime.combine(here.date(), last, LIMA)
    else:
        first = session.execute(
            select(func.min(MOVE.c.at))
            .select_from(MOVE)
            .join(TICKET, TICKET.c.id == MOVE.c.ticket_id)
            .where(MOVE.c.at >= midnight, TICKET.c.sala_id == sala.id)
        ).scalar()
        began = first.astimezone(LIMA) if first else here
        start = began.replace(minute=0, second=0, microsecond=0)
        end = start + DRAWN_AT_LEAST
    beyond = here.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return min(start, here), max(end, beyond if here >= end else end)
