"""Reads of the queue: the board of a room, a ticket as it stands, what a service offers."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, false, func, select, true
from sqlalchemy.orm import Session

from cac.desk.actions.order import SalaUnknown
from cac.desk.actions.rows import (
    CLOSED,
    LLAMADO,
    OPEN,
    SALA,
    SERVICE,
    TICKET,
    TICKET_BY_TOKEN,
    VENTANILLA,
    WAITS,
    desks_of,
    find_ticket,
    to_waiting,
    waiting_columns,
)
from cac.desk.forecast import waits_of
from cac.desk.views import ticket_json, wait_json
from core.clock import LIMA, lima_day
from core.errors import NotFound
from core.ids import ticket_code
from ticketing.board import CALLS_SHOWN, CODES_SHOWN, Board, Call, board
from ticketing.day import timetable
from ticketing.estimate import Wait
from ticketing.moves import OPEN as OPEN_TURN
from ticketing.moves import State
from ticketing.policy import ahead, upcoming
from ticketing.rules import Policy, parse_policy
from web.access import Principal

_SALAS = select(SALA).order_by(SALA.c.id)
_SALA = select(SALA).where(SALA.c.code == bindparam("sala"))
_CALLS = (
    select(
        LLAMADO.c.seq,
        TICKET.c.code,
        VENTANILLA.c.number,
        LLAMADO.c.called_at,
        LLAMADO.c.called_on,
        TICKET.c.state,
        TICKET.c.ventanilla_id.label("at"),
        LLAMADO.c.ventanilla_id,
    )
    .select_from(LLAMADO)
    .join(TICKET, TICKET.c.id == LLAMADO.c.ticket_id)
    .join(VENTANILLA, VENTANILLA.c.id == LLAMADO.c.ventanilla_id)
    .where(LLAMADO.c.sala_id == bindparam("sala_id"))
    .order_by(LLAMADO.c.seq.desc())
    .limit(CALLS_SHOWN)
)
_LINE = waiting_columns().where(TICKET.c.sala_id == bindparam("sala_id"), WAITS)
_CODE = re.compile(r"(?P<letters>[A-Z]{1,3})[\s-]*(?P<number>[0-9]{1,6})")
_WAITING_BY_CODE = (
    select(TICKET.c.id)
    .where(
        TICKET.c.sala_id == bindparam("sala_id"),
        TICKET.c.preferente.in_([true(), false()]),  # named, so that the index of the line serves
        TICKET.c.code == bindparam("code"),
        WAITS,
    )
    .order_by(TICKET.c.id.desc())
    .limit(1)
)
_LINE_SHOWN = tuple(
    _LINE.where(TICKET.c.preferente == which).order_by(TICKET.c.turn_at, TICKET.c.id).limit(CODES_SHOWN)
    for which in (true(), false())
)
_SERVICES = (
    select(SERVICE, func.count(TICKET.c.id).label("waiting"))
    .select_from(SERVICE)
    .outerjoin(TICKET, (TICKET.c.service_id == SERVICE.c.id) & WAITS & (TICKET.c.sala_id == SERVICE.c.sala_id))
    .where(SERVICE.c.sala_id == bindparam("sala_id"), SERVICE.c.active)
    .group_by(SERVICE.c.id)
    .order_by(SERVICE.c.position)
)
_LAST_SEQ = (
    select(LLAMADO.c.seq).where(LLAMADO.c.ticket_id == bindparam("ticket_id")).order_by(LLAMADO.c.id.desc()).limit(1)
)

_CALLED_AFTER = (
    select(TICKET.c.token)
    .join(LLAMADO, LLAMADO.c.ticket_id == TICKET.c.id)
    .where(LLAMADO.c.sala_id == bindparam("sala_id"), LLAMADO.c.seq > bindparam("seq"))
    .order_by(LLAMADO.c.seq.desc())
    .limit(CALLS_SHOWN)
)


class NotWaiting(NotFound):
    code = "ticket.no_espera"
    detail = "Ese turno no está en espera. Revise el número en la lista."


def salas_for(session: Session, sala: str | None) -> list[tuple[str, str]]:
    """(code, name) of the salas that somebody of `sala` may choose from; None: of all."""
    return [(row.code, row.name) for row in session.execute(_SALAS) if sala in (None, row.code)]


def find_sala(session: Session, code: str | None) -> Row[Any]:
    """The sala by its code; None: the first one. Raises SalaUnknown."""
    row = session.execute(_SALA, {"sala": code}).first() if code else session.execute(_SALAS).first()
    if row is None:
        raise SalaUnknown()
    return row


def waiting_ticket(session: Session, sala_id: int, typed: str) -> int:
    """The id of the ticket that waits with this code, written as people do: `a47`, `A 047`, `A-047`. Raises NotWaiting."""
    written = _CODE.fullmatch(typed.strip().upper())
    if written is None:
        raise NotWaiting(f"«{typed[:20]}» no es un número de turno. Escríbalo como A-047.", field="codigo")
    code = ticket_code(written["letters"], int(written["number"]))
    found: int | None = session.execute(_WAITING_BY_CODE, {"sala_id": sala_id, "code": code}).scalar()
    if found is None:
        raise NotWaiting(f"{code} no está en espera. Revise el número en la lista.", field="codigo")
    return found


def board_of(session: Session, sala: str, *, now: datetime) -> Board:
    """The room's board: today's calls, and those of last night whose person is still at a ventanilla."""
    row = find_sala(session, sala)
    today = lima_day(now)
    calls = [
        Call(call.seq, call.code, call.number, call.called_at.astimezone(LIMA))
        for call in session.execute(_CALLS, {"sala_id": row.id})
        if call.called_on == today or (call.state in OPEN_TURN and call.at == call.ventanilla_id)
    ]
    shown = [to_waiting(t) for line in _LINE_SHOWN for t in session.execute(line, {"sala_id": row.id})]
    return board(calls, shown, seq=row.last_seq, policy=parse_policy(row.policy), now=now)


def services_of(session: Session, sala: str | None, *, now: datetime) -> list[dict[str, Any]]:
    """What a kiosk shows: each service with how many wait and whether tickets are given now; those of a group together."""
    row = find_sala(session, sala)
    is_open = timetable(row.timetable).is_open(now)
    services = session.execute(_SERVICES, {"sala_id": row.id}).all()
    of_group = [service.group_name or service.code for service in services]
    together = sorted(services, key=lambda service: of_group.index(service.group_name or service.code))
    return [
        {
            "code": service.code,
            "name": service.name,
            "waiting": service.waiting,
            "open": is_open,
            "example": service.example,
            "icon": service.icon,
        }
        for service in together
    ]


def next_by_ventanilla(
    session: Session, sala_id: int, *, policy: Policy, now: datetime, most: int
) -> list[tuple[int, list[tuple[str, bool]]]]:
    """Whom each open ventanilla would call by `policy`, as `(code, preferente)`, were it the only one to call."""
    waiting = [to_waiting(row) for row in session.execute(_LINE, {"sala_id": sala_id})]
    desks = [desk for desk, state in desks_of(session, sala_id).values() if state == OPEN]
    lines = [(desk.number, upcoming(waiting, desk, policy=policy, now=now)[:most]) for desk in desks]
    return [(number, [(ticket.code, ticket.preferente) for ticket in line]) for number, line in lines]


class Line:
    """A sala's queue at one moment: who is before whom, and how long each still waits."""

    def __init__(self, session: Session, sala_id: int, *, policy: dict[str, Any], now: datetime):
        self._policy, self._now = parse_policy(policy), now
        self._waiting = {row.id: to_waiting(row) for row in session.execute(_LINE, {"sala_id": sala_id})}
        desks = desks_of(session, sala_id).values()
        self._desks = [desk for desk, _ in desks]
        self._calling = [desk for desk, state in desks if state != CLOSED]
        self._waits = waits_of(session, sala_id, list(self._waiting.values()), policy=self._policy, now=now)

    def place(self, ticket_id: int) -> tuple[int, Wait | None]:
        """How many go before a ticket, and the range it still waits; `(0, None)` when it does not wait."""
        mine = self._waiting.get(ticket_id)
        if mine is None:
            return 0, None
        calling = self._calling if any(desk.may_call(mine) for desk in self._calling) else self._desks
        before = ahead(mine, self._waiting.values(), calling, policy=self._policy, now=self._now)
        return before, self._waits.get(ticket_id)


def ticket_as_it_stands(
    session: Session, ticket_id: int, *, principal: Principal, public_url: str, now: datetime
) -> dict[str, Any]:
    """Raises TicketUnknown."""
    ticket = find_ticket(session, ticket_id, principal)
    before, wait = Line(session, ticket.sala_id, policy=ticket.policy, now=now).place(ticket.id)
    return ticket_json(ticket, ahead=before, wait=wait, public_url=public_url)


def followed_ticket(session: Session, token: str, *, now: datetime, line: Line | None = None) -> dict[str, Any] | None:
    """A ticket as its holder's phone sees it: nothing of anybody else, and none of its own keys. None: no such token.

    `seq` grows when it is called again, so that the phone rings once for each call. `line`: its sala's, when already read."""
    ticket = TICKET_BY_TOKEN(session, {"token": token}).first()
    if ticket is None:
        return None
    if line is None and ticket.state == State.WAITING:
        line = Line(session, ticket.sala_id, policy=ticket.policy, now=now)
    before, wait = line.place(ticket.id) if line else (0, None)
    return {
        "code": ticket.code,
        "service": ticket.service_name,
        "preferente": ticket.preferente,
        "state": ticket.state,
        "ahead": before,
        "wait": wait_json(wait),
        "ventanilla": ticket.ventanilla if ticket.state in (*OPEN_TURN, State.HELD) else None,
        "issued_at": ticket.issued_at.astimezone(LIMA).isoformat(),
        "called_at": ticket.called_at.astimezone(LIMA).isoformat() if ticket.called_at else None,
        "seq": session.execute(_LAST_SEQ, {"ticket_id": ticket.id}).scalar(),
        "sala": ticket.sala,
    }


def line_of(session: Session, sala: str, *, now: datetime) -> Line:
    row = find_sala(session, sala)
    return Line(session, row.id, policy=row.policy, now=now)


def tokens_called_after(session: Session, sala: str, seq: int) -> list[str]:
    """Of the tickets called after number `seq` of the log, those still shown on the board."""
    named = {"sala_id": find_sala(session, sala).id, "seq": seq}
    return list(session.execute(_CALLED_AFTER, named).scalars())
