"""Calling: moves the waiting room sees. Each locks its sala's row, then picks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, literal, select, true
from sqlalchemy.orm import Session

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
from ticketing.moves import Move, State, TurnOpen, after
from ticketing.policy import Attends, Desk, next_turn
from ticketing.rules import parse_policy
from web.access import Principal

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
_SERVICES = prepared(
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


def call_next(
    session: Session, number: int, *, principal: Principal, public_url: str, now: datetime
) -> dict[str, Any] | None:
    """Call the next ticket ventanilla `number` may attend: `{seq, ticket}`; None when nobody waits.

    While its last call has not come, the same call again, with `again`. Opens the ventanilla. Raises VentanillaUnknown, TurnOpen."""
    place = find_ventanilla(session, number, sala=principal.sala)
    if called := _still_called(session, place, public_url):
        return called
    _open(session, place, principal=principal, now=now)
    candidates = [to_waiting(row) for row in _candidates(session, place)]
    choice = next_turn(candidates, desk_of(session, place), policy=parse_policy(place.policy), now=now)
    if choice is None:
        return None
    return _call(session, choice.ticket.ticket_id, place, choice.reason, None, principal, public_url, now)


def call_chosen(
    session: Session,
    number: int,
    ticket_id: int,
    *,
    principal: Principal,
    public_url: str,
    now: datetime,
    reason: str | None = None,
) -> dict[str, Any]:
    """Call this ticket out of order; who waits longer is passed over, so the log keeps the reason given.

    Raises VentanillaUnknown, TicketUnknown, TurnOpen, MoveNotAllowed."""
    place = find_ventanilla(session, number, sala=principal.sala)
    called = _still_called(session, place, public_url)
    if called and called["ticket"]["id"] == ticket_id:
        return called
    if called:
        raise TurnOpen()
    _open(session, place, principal=principal, now=now)
    why = {"regla": "elegido", "motivo": reason}
    return _call(session, ticket_id, place, why, reason, principal, public_url, now)


def recall(
    session: Session,
    ticket_id: int,
    *,
    number: int | None,
    principal: Principal,
    public_url: str,
    now: datetime,
    reason: str | None = None,
) -> dict[str, Any]:
    """Call again whoever has not come, or whoever was asked to wait; a new place in the log. `number` None: its own ventanilla.

    Raises TicketUnknown, MoveNotAllowed, OtherVentanilla, TurnOpen."""
    ticket = find_ticket(session, ticket_id, principal)
    place = (
        find_ventanilla(session, number or ticket.ventanilla or 0, sala=ticket.sala)
        if number or ticket.ventanilla
        else None
    )
    after(Move.RECALL, State(ticket.state), owner=ticket.ventanilla_id, acting=place.id if place else None)
    assert place is not None, "a called or held ticket is at a ventanilla"
    require_free(session, place, but=ticket_id)
    call(session, ticket, Move.RECALL, place, why={"regla": "rellamado"}, principal=principal, now=now, reason=reason)
    return told(session, ticket_id, principal, public_url)


def take_over(
    session: Session,
    ticket_id: int,
    *,
    number: int | None,
    principal: Principal,
    public_url: str,
    now: datetime,
    reason: str | None = None,
) -> dict[str, Any]:
    """Ventanilla `number` takes a ticket another one has (its clerk left, its PC died); the room is told where to go now.

    Raises TakeWhere, VentanillaUnknown, TicketUnknown, TurnOpen, MoveNotAllowed."""
    ticket = find_ticket(session, ticket_id, principal)
    if number is None:
        raise TakeWhere()
    place = find_ventanilla(session, number, sala=ticket.sala)
    after(Move.TAKE, State(ticket.state), owner=ticket.ventanilla_id, acting=place.id)
    require_free(session, place, but=ticket_id)
    _open(session, place, principal=principal, now=now)
    why = {"regla": "tomado", "de": ticket.ventanilla, "motivo": reason}
    call(session, ticket, Move.TAKE, place, why=why, principal=principal, now=now, reason=reason)
    return told(session, ticket_id, principal, public_url)


def told(session: Session, ticket_id: int, principal: Principal, public_url: str) -> dict[str, Any]:
    """The ticket after a move."""
    return ticket_json(find_ticket(session, ticket_id, principal), ahead=0, wait=None, public_url=public_url)


def require_free(session: Session, place: Row[Any], *, but: int | None = None) -> None:
    """Raises TurnOpen when somebody else than ticket `but` is in front of the ventanilla."""
    held = TICKET_IN_TURN(session, {"ventanilla_id": place.id}).first()
    if held is not None and held.id != but:
        raise TurnOpen(f"La ventanilla {place.number} tiene abierto el turno {held.code}. Termínelo antes de seguir.")


def desk_of(session: Session, place: Row[Any]) -> Desk:
    """The ventanilla as the policy sees it; one of generals, together with the others: somebody must accept each preferente."""
    if place.attends == Attends.GENERAL:
        return desks_of(session, place.sala_id)[place.id][0]
    services = tuple(row.code for row in _SERVICES(session, {"at": place.id}))
    return Desk(place.number, services, Attends(place.attends), place.since_general)


def _still_called(session: Session, place: Row[Any], public_url: str) -> dict[str, Any] | None:
    held = TICKET_IN_TURN(session, {"ventanilla_id": place.id}).first()
    if held is None:
        return None
    if held.state != State.CALLED:
        raise TurnOpen(f"La ventanilla {place.number} atiende a {held.code}. Termine ese turno antes de llamar a otro.")
    seq = _LAST_CALL(session, {"ticket_id": held.id}).scalar_one()
    return {"seq": seq, "ticket": ticket_json(held, ahead=0, wait=None, public_url=public_url), "again": True}


def _candidates(session: Session, place: Row[Any]) -> list[Row[Any]]:
    heads = _HEADS(session, {"sala_id": place.sala_id, "at": place.id}).all()
    return [*heads, *_RESERVED(session, {"at": place.id}).all()]


def _call(
    session: Session,
    ticket_id: int,
    place: Row[Any],
    why: dict[str, Any],
    reason: str | None,
    principal: Principal,
    public_url: str,
    now: datetime,
) -> dict[str, Any]:
    ticket = find_ticket(session, ticket_id, principal)
    seq = call(session, ticket, Move.CALL, place, why=why, principal=principal, now=now, reason=reason)
    return {"seq": seq, "ticket": told(session, ticket_id, principal, public_url)}


def _open(session: Session, place: Row[Any], *, principal: Principal, now: datetime) -> None:
    if place.state != OPEN:
        set_ventanilla(session, place, OPEN, principal=principal, now=now)
