"""Opening, pausing and closing a ventanilla, and which class of ticket it calls."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from cac.desk.actions.calls import require_free
from cac.desk.actions.press import Press
from cac.desk.actions.rows import (
    CLOSED,
    LET_GO,
    OPEN,
    PAUSED,
    TICKET,
    TICKET_IN_TURN,
    TICKETS_HELD,
    TICKETS_SENT,
    VENTANILLA,
    WAITS,
    find_ventanilla,
    set_ventanilla,
    step,
)
from core.errors import Conflict
from ticketing.moves import Move
from ticketing.policy import Attends

_OTHERS = select(VENTANILLA.c.attends).where(
    VENTANILLA.c.sala_id == bindparam("sala_id"), VENTANILLA.c.id != bindparam("at"), VENTANILLA.c.state != CLOSED
)
_PREFERENTE_WAITS = (
    select(TICKET.c.id).where(TICKET.c.sala_id == bindparam("sala_id"), WAITS, TICKET.c.preferente).limit(1)
)


class VentanillaClosed(Conflict):
    code = "ventanilla.cerrada"
    detail = "Esa ventanilla no está abierta. Elija otra, o deje los turnos en la cola."


class PreferenteUnattended(Conflict):
    code = "ventanilla.preferente_sin_atencion"
    detail = "Ninguna otra ventanilla atendería a los preferentes que esperan (Ley 28683). Cambie otra primero."


def open_ventanilla(session: Session, press: Press) -> dict[str, Any]:
    """The principal is at the ventanilla and attends. What it had open is still its own. Raises VentanillaUnknown."""
    place = find_ventanilla(session, press.number, sala=press.principal.sala)
    if place.state != OPEN or place.clerk != press.principal.key:
        set_ventanilla(session, place, OPEN, replace(press, reason=None))
    return state_of(session, place.number, place.sala)


def pause_ventanilla(session: Session, press: Press) -> dict[str, Any]:
    """A pause, with its reason; nobody may be left in front of it. Raises VentanillaUnknown, TurnOpen."""
    place = find_ventanilla(session, press.number, sala=press.principal.sala)
    require_free(session, place)
    set_ventanilla(session, place, PAUSED, press)
    return state_of(session, place.number, place.sala)


def close_ventanilla(session: Session, press: Press) -> dict[str, Any]:
    """Closed. Whoever was on hold here or sent here goes to the ventanilla named, else to whichever calls first; all keep their place.

    Adds `released`, their codes. Raises TurnOpen, VentanillaUnknown, VentanillaClosed."""
    place = find_ventanilla(session, press.number, sala=press.principal.sala)
    require_free(session, place)
    released = release(session, place, press)
    set_ventanilla(session, place, CLOSED, press)
    return state_of(session, place.number, place.sala) | {"released": released}


def set_attends(session: Session, attends: Attends, press: Press) -> dict[str, Any]:
    """Call all classes, only general or only preferente tickets. Raises PreferenteUnattended: somebody must attend preferentes."""
    place = find_ventanilla(session, press.number, sala=press.principal.sala)
    if attends is Attends.GENERAL and session.execute(_PREFERENTE_WAITS, {"sala_id": place.sala_id}).first():
        others = session.execute(_OTHERS, {"sala_id": place.sala_id, "at": place.id}).scalars()
        if all(other == Attends.GENERAL for other in others):
            raise PreferenteUnattended()
    set_ventanilla(session, place, place.state, replace(press, reason=place.reason), attends=attends, clerk=False)
    return state_of(session, place.number, place.sala)


def release(session: Session, place: Row[Any], press: Press) -> list[str]:
    """Let others call what waits for this ventanilla: the one named, or any. Raises VentanillaUnknown, VentanillaClosed."""
    to = None if press.to_ventanilla is None else find_ventanilla(session, press.to_ventanilla, sala=place.sala)
    if to is not None and (to.id == place.id or to.state == CLOSED):
        raise VentanillaClosed()
    changes = LET_GO | {"only_ventanilla_id": to.id if to else None}
    assigned = [
        (ticket, move)
        for tickets, move in ((TICKETS_HELD, Move.RETURN), (TICKETS_SENT, Move.FORWARD))
        for ticket in session.execute(tickets, {"ventanilla_id": place.id}).all()
    ]
    for ticket, move in assigned:
        step(session, ticket, move, place, press, **changes)
    return [ticket.code for ticket, _ in assigned]


def state_of(session: Session, number: int, sala: str) -> dict[str, Any]:
    """A ventanilla as programs are told of it."""
    place = find_ventanilla(session, number, sala=sala)
    turn = TICKET_IN_TURN(session, {"ventanilla_id": place.id}).first()
    return {
        "ventanilla": place.number,
        "sala": place.sala,
        "state": place.state,
        "attends": place.attends,
        "reason": place.reason,
        "since": place.state_at.isoformat(),
        "ticket": {"id": turn.id, "code": turn.code, "state": turn.state} if turn else None,
    }
