"""What the wait estimate needs from the database, and a short memory of its answers.

A ticket is issued with the estimate of some seconds ago: playing the queue forward inside the writer would make everyone else wait."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from time import monotonic
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from cac.desk.actions.rows import (
    IN_TURN,
    MOVE,
    OPEN,
    SALA,
    SERVICE,
    TICKET,
    WAITS,
    desks_of,
    to_waiting,
    waiting_columns,
)
from storage import Store
from ticketing.estimate import MAX_SIMULATED, Busy, Wait, estimate, estimates
from ticketing.moves import Move, State
from ticketing.policy import Waiting

OBSERVED = 60  # latest service times looked at, of each service
BELIEVED_S = 5.0
SHORTEST_S, LONGEST_S = 10, 3 * 3600  # beyond these a finish was a slip or a forgotten turn, not a service

_SERVICES = select(SERVICE.c.id, SERVICE.c.code).where(SERVICE.c.sala_id == bindparam("sala_id"))
_TIMES = (
    select(MOVE.c.seconds)
    .where(MOVE.c.move == bindparam("move"), MOVE.c.service_id == bindparam("service_id"))
    .order_by(MOVE.c.id.desc())
    .limit(OBSERVED)
)
_BUSY = (
    select(TICKET.c.ventanilla_id, SERVICE.c.code, TICKET.c.state, TICKET.c.started_at, TICKET.c.attended_s)
    .select_from(TICKET)
    .join(SERVICE, SERVICE.c.id == TICKET.c.service_id)
    .where(TICKET.c.sala_id == bindparam("sala_id"), IN_TURN)
)
_WAITING = waiting_columns().where(TICKET.c.sala_id == bindparam("sala_id"), WAITS).limit(MAX_SIMULATED + 1)
_SALA = select(SALA.c.id, SALA.c.policy).where(SALA.c.code == bindparam("sala"))


def service_times(session: Session, sala_id: int) -> dict[str, list[float]]:
    """Seconds of the latest attentions, by service letter."""
    times = {}
    for row in session.execute(_SERVICES, {"sala_id": sala_id}).all():
        seen = session.execute(_TIMES, {"move": Move.FINISH, "service_id": row.id}).scalars()
        times[row.code] = [float(seconds) for seconds in seen if seconds and SHORTEST_S <= seconds <= LONGEST_S]
    return times


def busy_desks(session: Session, sala_id: int, *, now: datetime) -> list[Busy]:
    """The open ventanillas and what each is doing."""
    turns = {row.ventanilla_id: row for row in session.execute(_BUSY, {"sala_id": sala_id})}
    return [
        _busy(desk, turns.get(ventanilla_id), now)
        for ventanilla_id, (desk, state) in desks_of(session, sala_id).items()
        if state == OPEN
    ]


def wait_of(session: Session, sala_id: int, ticket: Waiting, *, policy: str, now: datetime) -> Wait | None:
    """The estimate for a ticket that waits, or would wait."""
    times = service_times(session, sala_id)
    if not any(times.values()):
        return None
    waiting = [to_waiting(row) for row in session.execute(_WAITING, {"sala_id": sala_id})]
    return estimate(ticket, waiting, busy_desks(session, sala_id, now=now), times, policy=policy)


def waits_of(session: Session, sala_id: int, waiting: list[Waiting], *, policy: str, now: datetime) -> dict[int, Wait]:
    """The estimates of everyone who waits, by ticket id."""
    times = service_times(session, sala_id)
    return (
        estimates(waiting, busy_desks(session, sala_id, now=now), times, policy=policy) if any(times.values()) else {}
    )


class Forecasts:
    """Estimates for whoever comes now, kept some seconds by sala, service and class."""

    def __init__(self, store: Store, clock: Callable[[], float] = monotonic):
        self._store, self._clock = store, clock
        self._kept: dict[tuple[str | None, str, bool], tuple[float, Wait | None]] = {}

    def of_newcomer(self, sala: str | None, service: str, *, preferente: bool, now: datetime) -> Wait | None:
        key = (sala, service, preferente)
        until, wait = self._kept.get(key, (0.0, None))
        if until > self._clock():
            return wait
        with self._store.read() as session:
            wait = self._look(session, sala, service, preferente, now)
        self._kept[key] = (self._clock() + BELIEVED_S, wait)
        return wait

    def _look(self, session: Session, sala: str | None, service: str, preferente: bool, now: datetime) -> Wait | None:
        named = select(SALA.c.id, SALA.c.policy).join(SERVICE, SERVICE.c.sala_id == SALA.c.id).order_by(SALA.c.id)
        named = named.where(SERVICE.c.code == service, *([SALA.c.code == sala] if sala else []))
        row = session.execute(named).first()
        if row is None:
            return None
        newcomer = Waiting(0, "", service, preferente, now)
        return wait_of(session, row.id, newcomer, policy=row.policy, now=now)


def _busy(desk: Any, turn: Any, now: datetime) -> Busy:
    if turn is None:
        return Busy(desk)
    since = (now - turn.started_at).total_seconds() if turn.state == State.ATTENDED and turn.started_at else 0.0
    return Busy(desk, turn.code, turn.attended_s + max(since, 0.0))
