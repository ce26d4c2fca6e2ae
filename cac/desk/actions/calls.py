"""Calling: moves the waiting room sees. Each locks its sala's row, then picks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Row, Select, bindparam, literal, select, true
from sqlalchemy.orm import Session

from cac.desk.actions.press import Press
from cac.desk.actions.rows import (
    ATTENDS,
    OPEN,
    SERVICE,
    TICKET,
    TICKET_IN_TURN,
    WAITS,
    call,
    desks_of,
    find_ticket,
    find_ventanilla,
    set_ventanilla,
    to_waiting,
    waiting_columns,
)
from cac.desk.models import Llamado
from cac.desk.views import ticket_json
from core.errors import Invalid
from storage.prepared import prepared
from storage.remembered import remembered
from ticketing.moves import OPEN as IN_FRONT
from ticketing.moves import Move, State, TurnOpen, after
from ticketing.policy import Attends, Desk, next_turn
from ticketing.rules import parse_policy

_LLAMADO: Any = Llamado.__table__


def _heads() -> Select[Any]:
    """The first of each class of each service the ventanilla attends: the next ticket is one of them, however long the queue."""
    classes = select(literal(False).label("preferente")).union_all(select(literal(True))).subquery("class")
    queued = TICKET.alias("queued")
    first = (
        select(queued.c.id)
        .where(
            queued.c.sala_id == bindparam("sala_id"),
            queued.c.service_id == ATTENDS.c.service_id,
            queued.c.preferente == classes.c.preferente,
            queued.c.only_ventanilla_id.is_(None),
            queued.c.state == WAITS.right,
        )
        .order_by(queued.c.turn_at, queued.c.id)
        .limit(1)
        .correlate(ATTENDS, classes)
        .scalar_subquery()
    )
    heads = (
        select(first.label("id"))
        .select_from(ATTENDS)
        .join(classes, true())
        .where(ATTENDS.c.ventanilla_id == bindparam("at"))
    ).subquery("heads")
    return waiting_columns().join(heads, heads.c.id == TICKET.c.id)


_HEADS = prepared(_heads())
_RESERVED = prepared(
    waiting_columns().where(
        TICKET.c.only_ventanilla_id == bindparam("at"), WAITS, TICKET.c.only_ventanilla_id.is_not(None)
    )
)
_SERVICES = (
    select(SERVICE.c.code)
    .join(ATTENDS, ATTENDS.c.service_id == SERVICE.c.id)
    .where(ATTENDS.c.ventanilla_id == bindparam("at"))
    .order_by(ATTENDS.c.position)
)
_LAST_CALL = prepared(
    select(_LLAMADO.c.seq).where(_LLAMADO.c.ticket_id == bindparam("ticket_id")).order_by(_LLAMADO.c.id.desc()).limit(1)
)


class TakeWhere(Invalid):
    code = "ticket.tomar_a_donde"
    detail = "Indique qué ventanilla toma el turno."


def call_next(session: Session, press: Press) -> dict[str, Any] | None:
    """Call the next ticket the ventanilla may attend: `{seq, ticket}`; None when nobody waits.

    While its last call has not come, the same call again, with `again`. Opens the ventanilla. Raises VentanillaUnknown, TurnOpen."""
    place = find_ventanilla(session, press.number, sala=press.principal.sala)
    if called := _still_called(session, place, press):
        return called
    _open(session, place, press)
    candidates = [to_waiting(row) for row in _candidates(session, place)]
    choice = next_turn(candidates, desk_of(session, place), policy=parse_policy(place.policy), now=press.now)
    if choice is None:
        return None
    return _call(session, find_ticket(session, choice.ticket.ticket_id, press.principal), place, choice.reason, press)


def call_chosen(session: Session, press: Press) -> dict[str, Any]:
    """Call this ticket out of order; who waits longer is passed over, so the log keeps the reason given.

    Raises VentanillaUnknown, TicketUnknown, TurnOpen, MoveNotAllowed."""
    place = find_ventanilla(session, press.number, sala=press.principal.sala)
    called = _still_called(session, place, press)
    if called and called["ticket"]["id"] == press.ticket_id:
        return called
    if called:
        raise TurnOpen()
    _open(session, place, press)
    why = {"regla": "elegido", "motivo": press.reason}
    return _call(session, find_ticket(session, press.ticket_id, press.principal), place, why, press)


def recall(session: Session, press: Press) -> dict[str, Any]:
    """Call again whoever has not come, or whoever was asked to wait; a new place in the log.

    Raises TicketUnknown, MoveNotAllowed, OtherVentanilla, TurnOpen."""
    ticket, place = find_moved(session, Move.RECALL, press)
    call(session, ticket, Move.RECALL, place, press, why={"regla": "rellamado"})
    return told(session, press)


def take_over(session: Session, press: Press) -> dict[str, Any]:
    """The ventanilla takes a ticket another one has (its clerk left, its PC died); the room is told where to go now.

    Raises TakeWhere, VentanillaUnknown, TicketUnknown, TurnOpen, MoveNotAllowed."""
    if press.number is None:
        raise TakeWhere()
    ticket, place = find_moved(session, Move.TAKE, press)
    _open(session, place, press)
    why = {"regla": "tomado", "de": ticket.ventanilla, "motivo": press.reason}
    call(session, ticket, Move.TAKE, place, press, why=why)
    return told(session, press)


def find_moved(session: Session, move: Move, press: Press) -> tuple[Row[Any], Row[Any] | None]:
    """The ticket, and the ventanilla that makes this `move` of it: the one named, else the one it is at.

    Raises TicketUnknown, VentanillaUnknown, MoveNotAllowed, OtherVentanilla; TurnOpen when the ventanilla has somebody else."""
    ticket = find_ticket(session, press.ticket_id, press.principal)
    number = ticket.ventanilla if press.number is None else press.number
    place = find_ventanilla(session, number, sala=ticket.sala) if number is not None else None
    target = after(move, State(ticket.state), owner=ticket.ventanilla_id, acting=place.id if place else None)
    if target in IN_FRONT:
        require_free(session, place, but=ticket.id)
    return ticket, place


def told(session: Session, press: Press) -> dict[str, Any]:
    """The ticket after a move."""
    ticket = find_ticket(session, press.ticket_id, press.principal)
    return ticket_json(ticket, ahead=0, wait=None, public_url=press.public_url)


def require_free(session: Session, place: Any, *, but: int | None = None) -> None:
    """Raises TurnOpen when somebody else than ticket `but` is in front of the ventanilla."""
    held = TICKET_IN_TURN(session, {"ventanilla_id": place.id}).first()
    if held is not None and held.id != but:
        raise TurnOpen(f"La ventanilla {place.number} tiene abierto el turno {held.code}. Termínelo antes de seguir.")


def desk_of(session: Session, place: Row[Any]) -> Desk:
    """The ventanilla as the policy sees it; one of generals, together with the others: somebody must accept each preferente."""
    if place.attends == Attends.GENERAL:
        return desks_of(session, place.sala_id)[place.id][0]
    return Desk(place.number, _services_at(session, place.id), Attends(place.attends), place.since_general)


@remembered(ATTENDS, SERVICE)
def _services_at(session: Session, ventanilla_id: int) -> tuple[str, ...]:
    return tuple(session.execute(_SERVICES, {"at": ventanilla_id}).scalars())


def _still_called(session: Session, place: Row[Any], press: Press) -> dict[str, Any] | None:
    held = TICKET_IN_TURN(session, {"ventanilla_id": place.id}).first()
    if held is None:
        return None
    if held.state != State.CALLED:
        raise TurnOpen(f"La ventanilla {place.number} atiende a {held.code}. Termine ese turno antes de llamar a otro.")
    seq = _LAST_CALL(session, {"ticket_id": held.id}).scalar_one()
    return {"seq": seq, "ticket": ticket_json(held, ahead=0, wait=None, public_url=press.public_url), "again": True}


def _candidates(session: Session, place: Row[Any]) -> list[Row[Any]]:
    heads = _HEADS(session, {"sala_id": place.sala_id, "at": place.id}).all()
    return [*heads, *_RESERVED(session, {"at": place.id}).all()]


def _call(session: Session, ticket: Row[Any], place: Row[Any], why: dict[str, Any], press: Press) -> dict[str, Any]:
    seq = call(session, ticket, Move.CALL, place, press, why=why)
    called: Any = ticket._replace(state=State.CALLED, ventanilla=place.number)
    return {"seq": seq, "ticket": ticket_json(called, ahead=0, wait=None, public_url=press.public_url)}


def _open(session: Session, place: Any, press: Press) -> None:
    if place.state != OPEN:
        set_ventanilla(session, place, OPEN, replace(press, reason=None))
