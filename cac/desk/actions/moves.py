"""What a clerk does with a ticket once called, and what happens to tickets that wait."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from cac.desk.actions.calls import require_free, told
from cac.desk.actions.issue import ServiceUnknown
from cac.desk.actions.rows import (
    ATTENDS,
    SERVICE,
    TICKET,
    VENTANILLA,
    WAITS,
    VentanillaUnknown,
    find_ticket,
    find_ventanilla,
    step,
)
from core.errors import Invalid
from storage.types import MAX_INTEGER
from ticketing.moves import Move, State, after
from ticketing.policy import RETURNED_AFTER, returned_turn
from ticketing.rules import Returned, parse_policy
from web.access import Principal

ATTENDED = "atendido"  # the outcome when the clerk names none

_SERVICE_BY_CODE = select(SERVICE.c.id).where(
    SERVICE.c.sala_id == bindparam("sala_id"), SERVICE.c.code == bindparam("service"), SERVICE.c.active
)
_VENTANILLA_ID = select(VENTANILLA.c.id).where(
    VENTANILLA.c.sala_id == bindparam("sala_id"), VENTANILLA.c.number == bindparam("number")
)

_beside = ATTENDS.alias("beside")
_NEXT_OF_CLASS = (  # those that a ventanilla of this service also calls
    select(TICKET.c.turn_at)
    .where(
        TICKET.c.sala_id == bindparam("sala_id"),
        TICKET.c.preferente == bindparam("of_class"),
        TICKET.c.only_ventanilla_id.is_(None),
        TICKET.c.service_id.in_(
            select(_beside.c.service_id)
            .join(ATTENDS, ATTENDS.c.ventanilla_id == _beside.c.ventanilla_id)
            .where(ATTENDS.c.service_id == bindparam("service_id"))
        ),
        WAITS,
    )
    .order_by(TICKET.c.turn_at, TICKET.c.id)
    .limit(RETURNED_AFTER)
)


class ForwardWhere(Invalid):
    code = "ticket.derivar_a_donde"
    detail = "Indique a qué servicio o a qué ventanilla se deriva el turno."


def start(
    session: Session, ticket_id: int, *, number: int | None, principal: Principal, public_url: str, now: datetime
) -> dict[str, Any]:
    """The person is here: attention begins, or goes on after a pause. Raises MoveNotAllowed, OtherVentanilla, TurnOpen."""
    ticket, place = _at(session, ticket_id, number, principal)
    after(Move.START, State(ticket.state), owner=ticket.ventanilla_id, acting=place.id if place else None)
    if place is not None:
        require_free(session, place, but=ticket_id)
    step(session, ticket, Move.START, place, principal=principal, now=now, started_at=now)
    return told(session, ticket_id, principal, public_url)


def hold(
    session: Session,
    ticket_id: int,
    *,
    number: int | None,
    principal: Principal,
    public_url: str,
    now: datetime,
    reason: str | None = None,
) -> dict[str, Any]:
    """The person goes to pay or copy and comes back to this ventanilla without a new queue."""
    return _plain(session, ticket_id, Move.HOLD, number, principal, public_url, now, reason)


def absent(
    session: Session,
    ticket_id: int,
    *,
    number: int | None,
    principal: Principal,
    public_url: str,
    now: datetime,
    reason: str | None = None,
) -> dict[str, Any]:
    """Called and did not come."""
    return _plain(session, ticket_id, Move.ABSENT, number, principal, public_url, now, reason)


def cancel(
    session: Session,
    ticket_id: int,
    *,
    number: int | None,
    principal: Principal,
    public_url: str,
    now: datetime,
    reason: str | None = None,
) -> dict[str, Any]:
    """The person gives up the turn. Its number is not used again."""
    return _plain(session, ticket_id, Move.CANCEL, number, principal, public_url, now, reason)


def return_(
    session: Session,
    ticket_id: int,
    *,
    number: int | None,
    principal: Principal,
    public_url: str,
    now: datetime,
    reason: str | None = None,
) -> dict[str, Any]:
    """Back in the queue: an absent one where the sala's policy says; one on hold in its old place, for the ventanilla that knows the case."""
    ticket, place = _at(session, ticket_id, number, principal)
    was_held = ticket.state == State.HELD
    changes: dict[str, Any] = {
        "turn_at": ticket.turn_at if was_held else _returned_turn(session, ticket, now),
        "only_ventanilla_id": ticket.ventanilla_id if was_held else None,
        "ventanilla_id": None,
        "calls": 0,
    }
    step(session, ticket, Move.RETURN, place, principal=principal, now=now, reason=reason, **changes)
    return told(session, ticket_id, principal, public_url)


def forward(
    session: Session,
    ticket_id: int,
    *,
    number: int | None,
    service: str | None,
    to_ventanilla: int | None,
    principal: Principal,
    public_url: str,
    now: datetime,
    reason: str | None = None,
) -> dict[str, Any]:
    """To another service or one ventanilla, with the same number and the time already waited.

    Raises ForwardWhere, ServiceUnknown, VentanillaUnknown, MoveNotAllowed, OtherVentanilla."""
    ticket, place = _at(session, ticket_id, number, principal)
    if service is None and to_ventanilla is None:
        raise ForwardWhere()
    changes: dict[str, Any] = {"ventanilla_id": None, "only_ventanilla_id": None, "calls": 0}
    if service is not None:
        named = {"sala_id": ticket.sala_id, "service": service}
        changes["service_id"] = _found(session.execute(_SERVICE_BY_CODE, named).scalar(), ServiceUnknown)
    if to_ventanilla is not None:
        named = {"sala_id": ticket.sala_id, "number": min(to_ventanilla, MAX_INTEGER)}
        changes["only_ventanilla_id"] = _found(session.execute(_VENTANILLA_ID, named).scalar(), VentanillaUnknown)
    detail = {"servicio": service, "ventanilla": to_ventanilla}
    step(session, ticket, Move.FORWARD, place, principal=principal, now=now, reason=reason, detail=detail, **changes)
    return told(session, ticket_id, principal, public_url)


def finish(
    session: Session,
    ticket_id: int,
    *,
    number: int | None,
    principal: Principal,
    public_url: str,
    now: datetime,
    outcome: str | None = None,
    tramites: tuple[str, ...] = (),
    reason: str | None = None,
) -> dict[str, Any]:
    """The attention ends: its outcome and the codes of the trámites done."""
    ticket, place = _at(session, ticket_id, number, principal)
    detail = {"resultado": outcome or ATTENDED, "tramites": list(tramites)}
    step(session, ticket, Move.FINISH, place, principal=principal, now=now, reason=reason, detail=detail)
    return told(session, ticket_id, principal, public_url)


def _plain(
    session: Session,
    ticket_id: int,
    move: Move,
    number: int | None,
    principal: Principal,
    public_url: str,
    now: datetime,
    reason: str | None,
) -> dict[str, Any]:
    ticket, place = _at(session, ticket_id, number, principal)
    step(session, ticket, move, place, principal=principal, now=now, reason=reason)
    return told(session, ticket_id, principal, public_url)


def _at(session: Session, ticket_id: int, number: int | None, principal: Principal) -> tuple[Row[Any], Row[Any] | None]:
    """The ticket and the ventanilla that moves it; with no number, the one it is at."""
    ticket = find_ticket(session, ticket_id, principal)
    number = ticket.ventanilla if number is None else number
    return ticket, find_ventanilla(session, number, sala=ticket.sala) if number is not None else None


def _returned_turn(session: Session, ticket: Row[Any], now: datetime) -> datetime:
    policy = parse_policy(ticket.policy)
    if policy.returned is Returned.NOW:
        return now
    named = {"sala_id": ticket.sala_id, "service_id": ticket.service_id, "of_class": ticket.preferente}
    next_ones = session.execute(_NEXT_OF_CLASS, named).scalars().all()
    return returned_turn(ticket.turn_at, next_ones, policy=policy, now=now)


def _found(row_id: int | None, unknown: type[Exception]) -> int:
    if row_id is None:
        raise unknown()
    return row_id
