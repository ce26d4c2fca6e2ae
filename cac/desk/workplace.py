"""What a clerk's page shows: the queue, the turn in front, who is next, who was asked to wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, func, literal_column, select
from sqlalchemy.orm import Session

from cac.desk.actions.rows import (
    IN_TURN,
    MOVE,
    SALA,
    SERVICE,
    TICKET,
    TICKET_IN_TURN,
    TICKETS_HELD,
    UNFINISHED,
    VENTANILLA,
    WAITS,
    VentanillaUnknown,
    attended_s,
    desks_of,
    to_waiting,
    waiting_columns,
)
from cac.desk.stranded import LeftPlace, Stranded, left_places, stranded
from cac.expedientes.queries import cases_of_turn
from core.clock import LIMA
from ticketing.moves import Move, State
from ticketing.policy import Desk, Waiting, upcoming
from ticketing.rules import parse_policy
from web.access import Principal

NEXT_SHOWN = 4
ABSENT_SHOWN = 3

_PLACE = (
    select(
        VENTANILLA,
        SALA.c.code.label("sala"),
        SALA.c.name.label("sala_name"),
        SALA.c.policy,
        SALA.c.recalls,
        SALA.c.return_minutes,
    )
    .select_from(VENTANILLA)
    .join(SALA, SALA.c.id == VENTANILLA.c.sala_id)
    .where(VENTANILLA.c.number == bindparam("number"), SALA.c.code == bindparam("sala"))
)
_PLACES = (
    select(
        VENTANILLA.c.number,
        VENTANILLA.c.state,
        VENTANILLA.c.clerk,
        VENTANILLA.c.clerk_name,
        TICKET.c.code,
        TICKET.c.state.label("ticket_state"),
    )
    .select_from(VENTANILLA)
    .outerjoin(TICKET, (TICKET.c.ventanilla_id == VENTANILLA.c.id) & IN_TURN)
    .where(VENTANILLA.c.sala_id == bindparam("sala_id"))
    .order_by(VENTANILLA.c.number)
)
_LINE = waiting_columns().where(TICKET.c.sala_id == bindparam("sala_id"), WAITS)
_SERVICES = (
    select(SERVICE.c.id, SERVICE.c.code, SERVICE.c.name, SERVICE.c.icon, SERVICE.c.active)
    .where(SERVICE.c.sala_id == bindparam("sala_id"))
    .order_by(SERVICE.c.position)
)
_HOLD_REASON = (
    select(MOVE.c.reason)
    .where(MOVE.c.ticket_id == bindparam("ticket_id"), MOVE.c.move == Move.HOLD.value)
    .order_by(MOVE.c.id.desc())
    .limit(1)
)
_ABSENT = (
    select(TICKET.c.id, TICKET.c.code, TICKET.c.state_at)
    .where(
        TICKET.c.sala_id == bindparam("sala_id"),
        TICKET.c.state_at >= bindparam("since"),
        UNFINISHED,  # the index of those not over, whatever the history
        TICKET.c.state == literal_column("'ausente'"),
    )
    .order_by(TICKET.c.state_at.desc())
    .limit(ABSENT_SHOWN)
)
_SERVED = select(func.count()).where(
    MOVE.c.at >= bindparam("since"), MOVE.c.move == Move.FINISH.value, MOVE.c.principal == bindparam("principal")
)
_LAST_SERVED = (
    select(TICKET.c.code, MOVE.c.at)
    .select_from(MOVE)
    .join(TICKET, TICKET.c.id == MOVE.c.ticket_id)
    .where(
        MOVE.c.at >= bindparam("since"), MOVE.c.move == Move.FINISH.value, MOVE.c.principal == bindparam("principal")
    )
    .order_by(MOVE.c.id.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class ServiceLine:
    code: str
    name: str
    waiting: int
    oldest_minutes: int | None
    mine: bool  # of the turn in front


@dataclass(frozen=True, slots=True)
class NextTicket:
    id: int
    code: str
    service: str
    preferente: bool
    minutes: int
    slot_at: datetime | None


@dataclass(frozen=True, slots=True)
class AsideTicket:
    """On hold at this ventanilla, or called in this sala and absent."""

    id: int
    code: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class CurrentTurn:
    id: int
    code: str
    service: str
    service_name: str
    icon: str
    preferente: bool
    state: str
    clock_s: int  # attended so far, or since it was called
    waited_minutes: int
    calls: int
    called_at: datetime | None
    cases: tuple[tuple[str, str, str], ...]  # filed in it: number, trámite, its name
    slot_at: datetime | None


@dataclass(frozen=True, slots=True)
class Workplace:
    number: int
    sala: str
    sala_name: str
    state: str
    reason: str | None
    since_s: int
    clerk: str | None
    clerk_name: str | None
    recalls: int
    waiting: int
    services: tuple[ServiceLine, ...]
    next: tuple[NextTicket, ...]
    held: tuple[AsideTicket, ...]
    absent: tuple[AsideTicket, ...]
    turn: CurrentTurn | None
    served: int
    last_code: str | None
    last_at: datetime | None
    others: tuple[tuple[int, str], ...]  # ventanillas a turn can be sent to, with their state
    assigned: int  # people on hold here or sent here
    elsewhere: tuple[LeftPlace, ...]  # ventanillas left open in this clerk's name
    stranded: Stranded

    @property
    def attending(self) -> bool:
        return self.turn is not None and self.turn.state == State.ATTENDED


def places(session: Session, sala_id: int) -> list[Row[Any]]:
    """The ventanillas of a sala, for choosing one, with the turn each has open."""
    return list(session.execute(_PLACES, {"sala_id": sala_id}))


def workplace(session: Session, sala: str, number: int, *, principal: Principal, now: datetime) -> Workplace:
    """Everything the page of ventanilla `number` shows. Raises VentanillaUnknown."""
    place = session.execute(_PLACE, {"number": number, "sala": sala}).first()
    if place is None:
        raise VentanillaUnknown()
    rows = session.execute(_LINE, {"sala_id": place.sala_id}).all()
    found = {row.id: row for row in rows}
    services = session.execute(_SERVICES, {"sala_id": place.sala_id}).all()
    awaited = {row.service for row in rows}  # one that gives no more tickets is still attended to the last
    turn = TICKET_IN_TURN(session, {"ventanilla_id": place.id}).first()
    held = session.execute(TICKETS_HELD, {"ventanilla_id": place.id}).all()
    return_span = timedelta(minutes=place.return_minutes)
    today = {"since": _midnight(now), "principal": principal.key}
    last = session.execute(_LAST_SERVED, today).first()
    desks = desks_of(session, place.sala_id)
    mine = desks.get(place.id)
    line = _line(rows, mine[0], place, now) if mine else []
    return Workplace(
        number=place.number,
        sala=place.sala,
        sala_name=place.sala_name,
        state=place.state,
        reason=place.reason,
        since_s=seconds(place.state_at, now),
        clerk=place.clerk,
        clerk_name=place.clerk_name,
        recalls=place.recalls,
        waiting=len(rows),
        services=tuple(
            _service(service, rows, turn, now) for service in services if service.active or service.code in awaited
        ),
        next=tuple(_next(ticket, found[ticket.ticket_id], services, now) for ticket in line[:NEXT_SHOWN]),
        held=tuple(_held(session, row) for row in held),
        absent=tuple(
            AsideTicket(row.id, row.code, None)
            for row in session.execute(_ABSENT, {"sala_id": place.sala_id, "since": now - return_span})
        ),
        turn=_turn(session, turn, services, now) if turn else None,
        served=session.execute(_SERVED, today).scalar_one(),
        last_code=last.code if last else None,
        last_at=last.at if last else None,
        others=tuple((desk.number, state) for desk, state in desks.values() if desk.number != number),
        assigned=len(held) + sum(row.only == number for row in rows),
        elsewhere=left_places(session, place.sala_id, principal=principal, but=number),
        stranded=stranded(map(to_waiting, rows), desks),
    )


def seconds(since: datetime, now: datetime) -> int:
    return max(0, round((now - since).total_seconds()))


def _line(rows: Any, desk: Desk, place: Row[Any], now: datetime) -> list[Waiting]:
    return upcoming(map(to_waiting, rows), desk, policy=parse_policy(place.policy), now=now)


def _midnight(now: datetime) -> datetime:
    return now.astimezone(LIMA).replace(hour=0, minute=0, second=0, microsecond=0)


def _service(service: Any, rows: Any, turn: Row[Any] | None, now: datetime) -> ServiceLine:
    waits = [seconds(row.issued_at, now) for row in rows if row.service == service.code]
    mine = turn is not None and turn.service == service.code
    return ServiceLine(service.code, service.name, len(waits), max(waits) // 60 if waits else None, mine)


def _next(ticket: Waiting, row: Row[Any], services: Any, now: datetime) -> NextTicket:
    name = next(service.name for service in services if service.code == ticket.service)
    minutes = seconds(row.issued_at, now) // 60
    return NextTicket(ticket.ticket_id, ticket.code, name, ticket.preferente, minutes, row.slot_at)


def _held(session: Session, row: Row[Any]) -> AsideTicket:
    return AsideTicket(row.id, row.code, session.execute(_HOLD_REASON, {"ticket_id": row.id}).scalar())


def _turn(session: Session, row: Row[Any], services: Any, now: datetime) -> CurrentTurn:
    attended = row.state == State.ATTENDED
    return CurrentTurn(
        id=row.id,
        code=row.code,
        service=row.service,
        service_name=row.service_name,
        icon=next((service.icon for service in services if service.code == row.service), "ticket"),
        preferente=row.preferente,
        state=row.state,
        clock_s=attended_s(row, now) if attended else seconds(row.called_at or row.state_at, now),
        waited_minutes=seconds(row.issued_at, row.called_at or now) // 60,
        calls=row.calls,
        called_at=row.called_at,
        cases=tuple((case.number, case.tramite, case.tramite_name) for case in cases_of_turn(session, row)),
        slot_at=row.slot_at,
    )
