"""What the wait estimate needs from the database, and a short memory of it.

A ticket is issued with the estimate of some seconds ago: playing the room forward inside the writer would make everyone else wait."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, bindparam, select
from sqlalchemy.orm import Session

from cac.desk.actions.rows import (
    CLOSED,
    IN_TURN,
    MOVE,
    OPEN,
    PAUSED,
    SALA,
    SERVICE,
    TICKET,
    VENTANILLA,
    VENTANILLA_MOVE,
    WAITS,
    desks_of,
    to_waiting,
    waiting_columns,
)
from storage import Store
from ticketing.estimate import MAX_SIMULATED, Wait, estimates
from ticketing.moves import Move, State
from ticketing.observed import Shift, Step, observe
from ticketing.policy import Waiting
from ticketing.room import MIN_OBSERVED, Busy, Seen
from ticketing.rules import Policy, parse_policy

OBSERVED = 60  # latest service times looked at, of each service
STEPS, SHIFTS = 1500, 400  # latest moves of tickets and of ventanillas looked at
BELIEVED_S = 5.0
SEEN_FOR = timedelta(seconds=30)  # what was observed changes slowly
SHORTEST_S, LONGEST_S = 10, 3 * 3600  # beyond these a finish was a slip or a forgotten turn, not a service

_SERVICES = select(SERVICE.c.id, SERVICE.c.code).where(SERVICE.c.sala_id == bindparam("sala_id"))
_TIMES = (
    select(MOVE.c.seconds)
    .where(MOVE.c.move == bindparam("move"), MOVE.c.service_id == bindparam("service_id"))
    .order_by(MOVE.c.id.desc())
    .limit(OBSERVED)
)
_STEPS = (
    select(
        MOVE.c.ticket_id,
        MOVE.c.move,
        SERVICE.c.code,
        TICKET.c.preferente,
        MOVE.c.ventanilla_id,
        MOVE.c.seconds,
        MOVE.c.at,
    )
    .select_from(MOVE)
    .join(TICKET, TICKET.c.id == MOVE.c.ticket_id)
    .join(SERVICE, SERVICE.c.id == MOVE.c.service_id)
    .where(TICKET.c.sala_id == bindparam("sala_id"))
    .order_by(MOVE.c.id.desc())
    .limit(STEPS)
)
_SHIFTS = (
    select(VENTANILLA_MOVE.c.ventanilla_id, VENTANILLA_MOVE.c.state, VENTANILLA_MOVE.c.at)
    .join(VENTANILLA, VENTANILLA.c.id == VENTANILLA_MOVE.c.ventanilla_id)
    .where(VENTANILLA.c.sala_id == bindparam("sala_id"))
    .order_by(VENTANILLA_MOVE.c.id.desc())
    .limit(SHIFTS)
)
_SINCE = select(VENTANILLA.c.id, VENTANILLA.c.state_at).where(
    VENTANILLA.c.sala_id == bindparam("sala_id"), VENTANILLA.c.state != CLOSED
)
_BUSY = (
    select(
        TICKET.c.ventanilla_id,
        SERVICE.c.code,
        TICKET.c.state,
        TICKET.c.called_at,
        TICKET.c.started_at,
        TICKET.c.attended_s,
    )
    .select_from(TICKET)
    .join(SERVICE, SERVICE.c.id == TICKET.c.service_id)
    .where(TICKET.c.sala_id == bindparam("sala_id"), IN_TURN)
)
_WAITING = waiting_columns().where(TICKET.c.sala_id == bindparam("sala_id"), WAITS).limit(MAX_SIMULATED + 1)

_seen: WeakKeyDictionary[Engine, dict[int, tuple[datetime, Seen]]] = WeakKeyDictionary()


def seen_of(session: Session, sala_id: int, *, now: datetime) -> Seen:
    """What the sala did lately; kept for a moment once there is enough of it."""
    kept = _seen.setdefault(session.get_bind().engine, {})
    at, seen = kept.get(sala_id, (None, None))
    if at is not None and seen is not None and abs(now - at) < SEEN_FOR:
        return seen
    seen = _observed(session, sala_id, now)
    if sum(map(len, seen.services.values())) >= MIN_OBSERVED:
        kept[sala_id] = (now, seen)
    return seen


def _observed(session: Session, sala_id: int, now: datetime) -> Seen:
    times = service_times(session, sala_id)
    if not any(times.values()):
        return Seen(times)
    steps = [Step(*row) for row in session.execute(_STEPS, {"sala_id": sala_id})]
    shifts = [Shift(*row) for row in session.execute(_SHIFTS, {"sala_id": sala_id})]
    return observe(steps[::-1], shifts[::-1], times, now=now)


def service_times(session: Session, sala_id: int) -> dict[str, list[float]]:
    """Seconds of the latest attentions, by service letter."""
    times = {}
    for row in session.execute(_SERVICES, {"sala_id": sala_id}).all():
        seen = session.execute(_TIMES, {"move": Move.FINISH, "service_id": row.id}).scalars()
        times[row.code] = [float(seconds) for seconds in seen if seconds and SHORTEST_S <= seconds <= LONGEST_S]
    return times


def busy_desks(session: Session, sala_id: int, *, now: datetime) -> list[Busy]:
    """The ventanillas that call and what each is doing; none while none is open: who pauses may not come back."""
    turns = {row.ventanilla_id: row for row in session.execute(_BUSY, {"sala_id": sala_id})}
    since = {row.id: row.state_at for row in session.execute(_SINCE, {"sala_id": sala_id})}
    desks = {row_id: found for row_id, found in desks_of(session, sala_id).items() if found[1] != CLOSED}
    if not any(state == OPEN for _, state in desks.values()):
        return []
    return [
        Busy(desk, for_s=max((now - since[row_id]).total_seconds(), 0.0), paused=True)
        if state == PAUSED
        else _busy(desk, turns.get(row_id), now)
        for row_id, (desk, state) in desks.items()
    ]


def waits_of(
    session: Session, sala_id: int, waiting: list[Waiting], *, policy: Policy, now: datetime
) -> dict[int, Wait]:
    """The estimates of everyone who waits, by ticket id."""
    seen = seen_of(session, sala_id, now=now) if waiting else Seen({})
    if not any(seen.services.values()):
        return {}
    return estimates(waiting, [], busy_desks(session, sala_id, now=now), seen, policy=policy, now=now)


def waits_of_newcomers(
    session: Session, sala_id: int, *, policy: Policy, now: datetime
) -> dict[tuple[str, bool], Wait]:
    """The estimates for whoever would come now, by service and class."""
    seen = seen_of(session, sala_id, now=now)
    if not any(seen.services.values()):
        return {}
    waiting = [to_waiting(row) for row in session.execute(_WAITING, {"sala_id": sala_id})]
    kinds = [(service, preferente) for service in seen.services for preferente in (False, True)]
    newcomers = [Waiting(-place, "", *kind, now) for place, kind in enumerate(kinds, 1)]
    waits = estimates(waiting, newcomers, busy_desks(session, sala_id, now=now), seen, policy=policy, now=now)
    return {kind: waits[-place] for place, kind in enumerate(kinds, 1) if -place in waits}


class Forecasts:
    """Estimates for whoever comes now, kept some seconds by sala, service and class."""

    def __init__(self, store: Store, clock: Callable[[], float] = monotonic):
        self._store, self._clock = store, clock
        self._kept: dict[tuple[str | None, str], tuple[float, dict[tuple[str, bool], Wait]]] = {}

    def of_newcomer(self, sala: str | None, service: str, *, preferente: bool, now: datetime) -> Wait | None:
        until, waits = self._kept.get((sala, service), (0.0, {}))
        if until <= self._clock():
            with self._store.read() as session:
                waits = self._look(session, sala, service, now)
            known = {service} if sala is None else {service, *(letter for letter, _ in waits)}
            self._kept |= dict.fromkeys(((sala, letter) for letter in known), (self._clock() + BELIEVED_S, waits))
        return waits.get((service, preferente))

    def _look(self, session: Session, sala: str | None, service: str, now: datetime) -> dict[tuple[str, bool], Wait]:
        named = select(SALA.c.id, SALA.c.policy).join(SERVICE, SERVICE.c.sala_id == SALA.c.id).order_by(SALA.c.id)
        named = named.where(SERVICE.c.code == service, *([SALA.c.code == sala] if sala else []))
        row = session.execute(named).first()
        if row is None:
            return {}
        return waits_of_newcomers(session, row.id, policy=parse_policy(row.policy), now=now)


def _busy(desk: Any, turn: Any, now: datetime) -> Busy:
    if turn is None:
        return Busy(desk)
    attending = turn.state == State.ATTENDED and turn.started_at is not None
    began = turn.started_at if attending else turn.called_at or now
    before = turn.attended_s if attending else 0
    return Busy(desk, turn.code, before + max((now - began).total_seconds(), 0.0), attending)
