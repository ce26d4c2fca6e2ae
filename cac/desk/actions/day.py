"""The end of a sala's day: whoever is left is closed as not served, never as served."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from cac.access.actions import SYSTEM
from cac.desk.actions.press import Press
from cac.desk.actions.rows import (
    CLOSED,
    SALA,
    TICKET,
    TICKET_BY_ID,
    UNFINISHED,
    VENTANILLA,
    find_ventanilla,
    set_ventanilla,
    step,
)
from ticketing.day import leftovers_before, timetable
from ticketing.moves import Move

MAX_CLOSED = 200  # tickets one write closes; the loop comes back for the rest

_SALA = select(SALA.c.id, SALA.c.code, SALA.c.timetable).where(SALA.c.code == bindparam("sala"))
_SALAS = select(SALA.c.code).order_by(SALA.c.id)
_OPEN_DESKS = select(VENTANILLA.c.number).where(
    VENTANILLA.c.sala_id == bindparam("sala_id"), VENTANILLA.c.state != CLOSED
)
_LEFT = (
    select(TICKET.c.id)
    .where(
        TICKET.c.sala_id == bindparam("sala_id"),
        UNFINISHED,
        TICKET.c.state_at < bindparam("before"),
    )
    .order_by(TICKET.c.id)
    .limit(MAX_CLOSED)
)


def close_days(session: Session, now: datetime) -> int:
    """`close_day` of every sala."""
    return sum(close_day(session, sala, now=now) for sala in session.execute(_SALAS).scalars().all())


def close_day(session: Session, sala: str, *, now: datetime) -> int:
    """Close what the sala's day left over, and the ventanillas nobody closed by three in the morning; returns how many tickets."""
    row = session.execute(_SALA, {"sala": sala}).one()
    hours = timetable(row.timetable)
    desks = session.execute(_OPEN_DESKS, {"sala_id": row.id}).scalars().all()
    before = leftovers_before(hours, attending=bool(desks), now=now)
    left = session.execute(_LEFT, {"sala_id": row.id, "before": before}).scalars().all()
    for ticket_id in left:
        ticket = TICKET_BY_ID(session, {"id": ticket_id}).first()
        step(session, ticket, Move.LEAVE, None, Press(SYSTEM, now))
    if not hours.always_open and not hours.is_open(now):
        for number in desks:
            place = find_ventanilla(session, number, sala=sala)
            if place.state_at < before and len(left) < MAX_CLOSED:
                set_ventanilla(session, place, CLOSED, Press(SYSTEM, now, reason="fin del día"))
    return len(left)
