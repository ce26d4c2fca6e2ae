"""Turns that would stay where they are: nobody open may call them, or their clerk left them at another ventanilla."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import bindparam, literal_column, select
from sqlalchemy.orm import Session

from cac.desk.actions.rows import CLOSED, TICKET, UNFINISHED, VENTANILLA, WAITS, desks_of, to_waiting, waiting_columns
from ticketing.moves import OWNED, State
from ticketing.policy import Desk, Waiting
from web.access import Principal

_LEFT = (
    select(TICKET.c.id, TICKET.c.code, TICKET.c.state, VENTANILLA.c.number)
    .select_from(VENTANILLA)
    .join(TICKET, TICKET.c.ventanilla_id == VENTANILLA.c.id)
    .where(
        VENTANILLA.c.sala_id == bindparam("sala_id"),
        VENTANILLA.c.clerk == bindparam("clerk"),
        TICKET.c.sala_id == bindparam("sala_id"),
        UNFINISHED,  # the index of those not over, whatever the history
        TICKET.c.state.in_([literal_column(f"'{state}'") for state in sorted(OWNED)]),
    )
    .order_by(VENTANILLA.c.number, TICKET.c.id)
)
_OPEN_PLACES = (
    select(VENTANILLA.c.number)
    .where(
        VENTANILLA.c.sala_id == bindparam("sala_id"),
        VENTANILLA.c.clerk == bindparam("clerk"),
        VENTANILLA.c.state != CLOSED,
    )
    .order_by(VENTANILLA.c.number)
)
_LINE = waiting_columns().where(TICKET.c.sala_id == bindparam("sala_id"), WAITS)


@dataclass(frozen=True, slots=True)
class LeftPlace:
    """A ventanilla still open in a clerk's name, with the turns it has."""

    number: int
    tickets: tuple[tuple[int, str, str], ...]  # id, code, state

    @property
    def may_close(self) -> bool:
        """Nobody is in front of it."""
        return all(state == State.HELD for _, _, state in self.tickets)


@dataclass(frozen=True, slots=True)
class Stranded:
    sent: tuple[Waiting, ...]  # to a ventanilla that is closed
    services: tuple[str, ...]  # that no open ventanilla attends for somebody who waits

    def __bool__(self) -> bool:
        return bool(self.sent or self.services)


def left_places(
    session: Session, sala_id: int, *, principal: Principal, but: int | None = None
) -> tuple[LeftPlace, ...]:
    """The ventanillas the principal has open besides number `but`: a PC died, or the clerk moved."""
    named = {"sala_id": sala_id, "clerk": principal.key}
    turns = session.execute(_LEFT, named).all()
    return tuple(
        LeftPlace(number, tuple((turn.id, turn.code, turn.state) for turn in turns if turn.number == number))
        for number in session.execute(_OPEN_PLACES, named).scalars()
        if number != but
    )


def stranded_in(session: Session, sala_id: int) -> Stranded:
    return stranded(map(to_waiting, session.execute(_LINE, {"sala_id": sala_id})), desks_of(session, sala_id))


def stranded(waiting: Iterable[Waiting], desks: Mapping[int, tuple[Desk, str]]) -> Stranded:
    """Whom no open ventanilla may call. With none open the whole room waits, and nobody in particular."""
    calling = [desk for desk, state in desks.values() if state != CLOSED]
    nobody = [ticket for ticket in waiting if calling and not any(desk.may_call(ticket) for desk in calling)]
    sent = tuple(ticket for ticket in nobody if ticket.only_ventanilla is not None)
    return Stranded(sent, tuple(sorted({ticket.service for ticket in nobody if ticket.only_ventanilla is None})))
