"""What every verb of the desk reads and writes first: its ticket, its ventanilla, the step taken.

Statements are built once: building one costs more than running it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, Table, bindparam, insert, literal_column, select, update
from sqlalchemy.orm import Session

from cac.audit.actions import record
from cac.desk.actions.press import Press
from cac.desk.models import (
    LineCount,
    Llamado,
    Sala,
    Service,
    Site,
    Ticket,
    TicketMove,
    Ventanilla,
    VentanillaMove,
    VentanillaService,
)
from cac.desk.signals import board_changed
from core.clock import lima_day
from core.errors import NotFound
from storage import after_commit
from storage.prepared import prepared
from storage.remembered import remembered
from storage.types import MAX_INTEGER
from ticketing.moves import OVER, RULES, Move, State, after
from ticketing.policy import Attends, Desk, Waiting, lawful
from web.access import Principal

OPEN, PAUSED, CLOSED = "abierta", "en_pausa", "cerrada"
LET_GO: dict[str, Any] = {"ventanilla_id": None, "only_ventanilla_id": None, "calls": 0}  # waits, for any ventanilla

SITE: Table = Site.__table__  # type: ignore[assignment]
SALA: Table = Sala.__table__  # type: ignore[assignment]
SERVICE: Table = Service.__table__  # type: ignore[assignment]
VENTANILLA: Table = Ventanilla.__table__  # type: ignore[assignment]
ATTENDS: Table = VentanillaService.__table__  # type: ignore[assignment]
TICKET: Table = Ticket.__table__  # type: ignore[assignment]
MOVE: Table = TicketMove.__table__  # type: ignore[assignment]
LINE_COUNT: Table = LineCount.__table__  # type: ignore[assignment]
LLAMADO: Table = Llamado.__table__  # type: ignore[assignment]
VENTANILLA_MOVE: Table = VentanillaMove.__table__  # type: ignore[assignment]

# literal, not a parameter: only so do both databases see that the partial index of the queue fits
WAITS = TICKET.c.state == literal_column("'en_espera'")
IN_TURN = TICKET.c.state.in_([literal_column("'llamado'"), literal_column("'en_atencion'")])
UNFINISHED = TICKET.c.state.in_([literal_column(f"'{state}'") for state in State if state not in OVER])

_TICKET = (
    select(
        TICKET,
        SALA.c.code.label("sala"),
        SALA.c.recalls,
        SALA.c.policy,
        SALA.c.return_minutes,
        SERVICE.c.code.label("service"),
        SERVICE.c.name.label("service_name"),
        VENTANILLA.c.number.label("ventanilla"),
    )
    .select_from(TICKET)
    .join(SALA, SALA.c.id == TICKET.c.sala_id)
    .join(SERVICE, SERVICE.c.id == TICKET.c.service_id)
    .outerjoin(VENTANILLA, VENTANILLA.c.id == TICKET.c.ventanilla_id)
)
TICKET_BY_ID = prepared(_TICKET.where(TICKET.c.id == bindparam("id")))
TICKET_BY_TOKEN = prepared(_TICKET.where(TICKET.c.token == bindparam("token")))
TICKET_IN_TURN = prepared(_TICKET.where(TICKET.c.ventanilla_id == bindparam("ventanilla_id"), IN_TURN))
_HELD = TICKET.c.state == literal_column("'en_pausa'")
TICKETS_HELD = _TICKET.where(TICKET.c.ventanilla_id == bindparam("ventanilla_id"), _HELD)
TICKETS_SENT = _TICKET.where(TICKET.c.only_ventanilla_id == bindparam("ventanilla_id"), WAITS)

_VENTANILLA = (
    select(VENTANILLA, SALA.c.code.label("sala"), SALA.c.site_id, SALA.c.policy, SALA.c.last_seq, SALA.c.recalls)
    .select_from(VENTANILLA)
    .join(SALA, SALA.c.id == VENTANILLA.c.sala_id)
)
VENTANILLA_BY_NUMBER = prepared(
    _VENTANILLA.where(VENTANILLA.c.number == bindparam("number")).order_by(SALA.c.id).limit(1).with_for_update(of=SALA)
)
VENTANILLA_IN_SALA = prepared(
    _VENTANILLA.where(VENTANILLA.c.number == bindparam("number"), SALA.c.code == bindparam("sala")).with_for_update(
        of=SALA
    )
)

SERVICES_OF_DESKS = prepared(
    select(
        VENTANILLA.c.id,
        VENTANILLA.c.number,
        VENTANILLA.c.attends,
        VENTANILLA.c.since_general,
        VENTANILLA.c.state,
        SERVICE.c.code,
    )
    .select_from(VENTANILLA)
    .join(ATTENDS, ATTENDS.c.ventanilla_id == VENTANILLA.c.id)
    .join(SERVICE, SERVICE.c.id == ATTENDS.c.service_id)
    .where(VENTANILLA.c.sala_id == bindparam("sala_id"))
    .order_by(VENTANILLA.c.number, ATTENDS.c.position)
)

_GROUP = (
    LINE_COUNT.c.sala_id == bindparam("of_sala"),
    LINE_COUNT.c.service_id == bindparam("of_service"),
    LINE_COUNT.c.preferente == bindparam("of_class"),
    LINE_COUNT.c.only_ventanilla_id == bindparam("of_ventanilla"),
)
_COUNT_LINE = prepared(
    update(LINE_COUNT)
    .where(*_GROUP)
    .values(waiting=LINE_COUNT.c.waiting + bindparam("change"))
    .returning(LINE_COUNT.c.waiting)
)
_NEW_LINE = prepared(insert(LINE_COUNT))
_APPEND_MOVE = prepared(insert(MOVE))
_APPEND_CALL = prepared(insert(LLAMADO))
_APPEND_VENTANILLA_MOVE = insert(VENTANILLA_MOVE)
_NEXT_SEQ = prepared(
    update(SALA)
    .where(SALA.c.id == bindparam("sala_id"))
    .values(last_seq=SALA.c.last_seq + 1)
    .returning(SALA.c.last_seq),
    unremembered=True,
)
# what a move may change of a ticket; the rest of its row is as issued
_CHANGED = (
    "service_id",
    "state",
    "state_at",
    "turn_at",
    "ventanilla_id",
    "only_ventanilla_id",
    "calls",
    "called_at",
    "started_at",
    "attended_s",
)
_MOVED = prepared(
    update(TICKET)
    .where(TICKET.c.id == bindparam("moved_id"), TICKET.c.state == bindparam("expected"))
    .values({name: bindparam(f"new_{name}") for name in _CHANGED})
)
_COUNT_PREFERENTES = prepared(
    update(VENTANILLA).where(VENTANILLA.c.id == bindparam("ventanilla_id")).values(since_general=bindparam("in_a_row"))
)
_SET_VENTANILLA = (
    update(VENTANILLA)
    .where(VENTANILLA.c.id == bindparam("ventanilla_id"))
    .values(
        {name: bindparam(f"new_{name}") for name in ("state", "attends", "clerk", "clerk_name", "reason", "state_at")}
    )
)


class TicketUnknown(NotFound):
    code = "ticket.no_existe"
    detail = "No se encontró ese turno. Revise el número o actualice la página."


class VentanillaUnknown(NotFound):
    code = "ventanilla.no_existe"
    detail = "No existe esa ventanilla en su sala. Elija una de la lista."


def find_ticket(session: Session, ticket_id: int, principal: Principal) -> Row[Any]:
    """The ticket as it stands, if it is of the principal's sala. Raises TicketUnknown."""
    row = TICKET_BY_ID(session, {"id": ticket_id}).first() if ticket_id <= MAX_INTEGER else None
    if row is None or (principal.sala and principal.sala != row.sala):
        raise TicketUnknown()
    return row


def find_ventanilla(session: Session, number: int | None, *, sala: str | None) -> Row[Any]:
    """The ventanilla, its sala's row locked: calls of a sala pick one after another. `sala` None: the first one's.

    Raises VentanillaUnknown."""
    if number is None or number > MAX_INTEGER:
        row = None
    elif sala is None:
        row = VENTANILLA_BY_NUMBER(session, {"number": number}).first()
    else:
        row = VENTANILLA_IN_SALA(session, {"number": number, "sala": sala}).first()
    if row is None:
        raise VentanillaUnknown()
    return row


@remembered(VENTANILLA, ATTENDS, SERVICE)
def desks_of(session: Session, sala_id: int) -> Mapping[int, tuple[Desk, str]]:
    """The sala's ventanillas as the policy sees them, with their state, by id; the open ones accept every preferente between them."""
    rows = SERVICES_OF_DESKS(session, {"sala_id": sala_id}).all()
    services: dict[int, list[str]] = {}
    for row in rows:
        services.setdefault(row.id, []).append(row.code)
    desks = {
        row.id: (Desk(row.number, tuple(services[row.id]), Attends(row.attends), row.since_general), row.state)
        for row in rows
    }
    open_ones = lawful(desk for desk, state in desks.values() if state == OPEN)
    by_number = {desk.number: desk for desk in open_ones}
    return {row_id: (by_number.get(desk.number, desk), state) for row_id, (desk, state) in desks.items()}


def waiting_columns() -> Select[Any]:
    """Tickets as `to_waiting` takes them."""
    only = VENTANILLA.alias("only")
    return (
        select(
            TICKET.c.id,
            TICKET.c.code,
            SERVICE.c.code.label("service"),
            TICKET.c.preferente,
            TICKET.c.turn_at,
            only.c.number.label("only"),
            TICKET.c.issued_at,
            TICKET.c.slot_at,
        )
        .select_from(TICKET)
        .join(SERVICE, SERVICE.c.id == TICKET.c.service_id)
        .outerjoin(only, only.c.id == TICKET.c.only_ventanilla_id)
    )


def to_waiting(row: Row[Any]) -> Waiting:
    return Waiting(row.id, row.code, row.service, row.preferente, row.turn_at, row.only)


def call(session: Session, ticket: Row[Any], move: Move, place: Any, press: Press, *, why: dict[str, Any]) -> int:
    """A move the room sees: the ticket is called to `place`; returns its number in the log of calls.

    Raises MoveNotAllowed, OtherVentanilla."""
    # a person's wait is one: until the first call, whatever happens later; an early appointment has not waited
    first = move is Move.CALL and ticket.called_at is None
    waited = max(0, round((press.now - ticket.turn_at).total_seconds())) if first else None
    at = {"ventanilla_id": place.id, "only_ventanilla_id": None, "called_at": press.now, "calls": ticket.calls + 1}
    step(session, ticket, move, place, press, seconds=waited, **at)
    in_a_row = place.since_general + 1 if ticket.preferente else 0
    if move is Move.CALL and in_a_row != place.since_general:
        _COUNT_PREFERENTES(session, {"ventanilla_id": place.id, "in_a_row": in_a_row})
    seq: int = _NEXT_SEQ(session, {"sala_id": ticket.sala_id}).scalar_one()
    _APPEND_CALL(
        session,
        {
            "sala_id": ticket.sala_id,
            "seq": seq,
            "ticket_id": ticket.id,
            "ventanilla_id": place.id,
            "called_at": press.now,
            "called_on": lima_day(press.now),
            "reason": why,
        },
    )
    return seq


def step(
    session: Session,
    ticket: Row[Any],
    move: Move,
    place: Row[Any] | None,
    press: Press,
    *,
    detail: dict[str, Any] | None = None,
    seconds: int | None = None,
    **changes: Any,
) -> None:
    """Make one move. `place` is the ventanilla that makes it; `changes` are columns of the ticket.

    Raises MoveNotAllowed, OtherVentanilla."""
    to_state = after(move, State(ticket.state), owner=ticket.ventanilla_id, acting=place.id if place else None)
    attended = attended_s(ticket, press.now)
    was = {name: getattr(ticket, name) for name in _CHANGED}
    row = was | {"state": to_state, "state_at": press.now, "attended_s": attended} | changes
    values = {f"new_{name}": value for name, value in row.items()} | {"moved_id": ticket.id, "expected": ticket.state}
    moved = _MOVED(session, values).rowcount
    assert moved == 1, "verbs run one after another: the ticket is still in the state it was read in"
    if ticket.state == State.WAITING:
        count_line(session, ticket.sala_id, ticket.preferente, was, -1)
    if to_state is State.WAITING:
        count_line(session, ticket.sala_id, ticket.preferente, row, 1)
    note(
        session,
        ticket,
        move,
        to_state,
        press,
        service_id=row["service_id"],
        ventanilla_id=row["ventanilla_id"] or (place.id if place else ticket.ventanilla_id),
        detail=detail,
        seconds=attended if move is Move.FINISH else seconds,
    )


def note(
    session: Session,
    ticket: Row[Any],
    move: Move,
    to_state: State,
    press: Press,
    *,
    service_id: int,
    ventanilla_id: int | None = None,
    detail: dict[str, Any] | None = None,
    seconds: int | None = None,
) -> None:
    """Append the move and its audit entry; tell the screens once it is durable."""
    _APPEND_MOVE(
        session,
        {
            "ticket_id": ticket.id,
            "move": move,
            "from_state": ticket.state,
            "to_state": to_state,
            "service_id": service_id,
            "ventanilla_id": ventanilla_id,
            "principal": press.principal.key,
            "reason": press.reason,
            "detail": detail,
            "seconds": seconds,
            "at": press.now,
        },
    )
    _audited(session, f"ticket.{move}", f"ticket:{ticket.id}", press)
    after_commit(session, board_changed, ticket.sala, move in RULES and RULES[move].shown)


def count_line(session: Session, sala_id: int, preferente: bool, at: Mapping[str, Any], change: int) -> None:
    """One more or one fewer waits `at` this service and, when it was sent to one, this ventanilla."""
    only = at["only_ventanilla_id"] or 0
    group = {"of_sala": sala_id, "of_service": at["service_id"], "of_class": preferente, "of_ventanilla": only}
    waiting = _COUNT_LINE(session, group | {"change": change}).scalar()
    if waiting is None:
        names = ("sala_id", "service_id", "preferente", "only_ventanilla_id", "waiting")
        _NEW_LINE(session, dict(zip(names, (*group.values(), 1), strict=True)))
    assert waiting is None or waiting >= 0, "nobody leaves a line that is empty"


def set_ventanilla(
    session: Session, place: Row[Any], state: str, press: Press, *, attends: str | None = None, clerk: bool = True
) -> None:
    """Put the ventanilla in `state`; with `clerk` the principal is now at it. Logged."""
    there = clerk and state != CLOSED
    keeps = not clerk and state != CLOSED
    values = {
        "state": state,
        "attends": attends or place.attends,
        "clerk": press.principal.key if there else place.clerk if keeps else None,
        "clerk_name": press.principal.name if there else place.clerk_name if keeps else None,
        "reason": press.reason,
        "state_at": press.now if state != place.state else place.state_at,
    }
    named = {f"new_{name}": value for name, value in values.items()}
    session.execute(_SET_VENTANILLA, named | {"ventanilla_id": place.id})
    logged = {name: values[name] for name in ("state", "attends", "reason")}
    who = {"ventanilla_id": place.id, "principal": press.principal.key, "at": press.now}
    session.execute(_APPEND_VENTANILLA_MOVE, logged | who)
    _audited(session, f"ventanilla.{state}", f"ventanilla:{place.id}", press)
    after_commit(session, board_changed, place.sala, False)


def _audited(session: Session, action: str, subject: str, press: Press) -> None:
    said = press.reason or ""
    record(session, principal=press.principal, action=action, subject=subject, detail=said, now=press.now)


def attended_s(ticket: Row[Any], now: datetime) -> int:
    """Seconds at ventanillas, the present stretch included."""
    running = ticket.state == State.ATTENDED and ticket.started_at is not None
    return int(ticket.attended_s + (round((now - ticket.started_at).total_seconds()) if running else 0))
