"""Today as `ticketing.replay` takes it: who came, how long each took a ventanilla, when each ventanilla was open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from cac.desk.actions.rows import OPEN, SERVICE, TICKET, VENTANILLA, VENTANILLA_MOVE, desks_of
from cac.desk.forecast import seen_of
from core.clock import LIMA
from ticketing.moves import State
from ticketing.policy import Attends, Desk, Waiting
from ticketing.replay import Stretch, Visit

MOST_VISITS = 5_000
MOST_COMING_S = 300.0  # from the call to the person; longer, somebody forgot to say that it came
TYPICAL_S, TYPICAL_BETWEEN_S = 300.0, 15.0  # of an attention and of calling the next, while too few were seen

_VISITS = (
    select(TICKET, SERVICE.c.code.label("service"))
    .join(SERVICE, SERVICE.c.id == TICKET.c.service_id)
    .where(TICKET.c.sala_id == bindparam("sala_id"), TICKET.c.day == bindparam("day"))
    .order_by(TICKET.c.id)
    .limit(MOST_VISITS)
)
_SHIFTS = (
    select(VENTANILLA_MOVE.c.ventanilla_id, VENTANILLA_MOVE.c.state, VENTANILLA_MOVE.c.attends, VENTANILLA_MOVE.c.at)
    .join(VENTANILLA, VENTANILLA.c.id == VENTANILLA_MOVE.c.ventanilla_id)
    .where(VENTANILLA.c.sala_id == bindparam("sala_id"), VENTANILLA_MOVE.c.at >= bindparam("since"))
    .order_by(VENTANILLA_MOVE.c.id)
)


@dataclass(frozen=True, slots=True)
class Today:
    visits: tuple[Visit, ...]
    stretches: tuple[Stretch, ...]


def today_of(session: Session, sala_id: int, *, now: datetime) -> Today:
    midnight = now.astimezone(LIMA).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = session.execute(_VISITS, {"sala_id": sala_id, "day": midnight.date()}).all()
    seen = seen_of(session, sala_id, now=now)
    between = median(seen.between) if seen.between else TYPICAL_BETWEEN_S
    typical = {name: median(times) for name, times in seen.services.items() if times}
    visits = tuple(_visit(row, typical, between) for row in rows)
    return Today(visits, tuple(_stretches(session, sala_id, midnight, now)))


def _visit(row: Any, typical: dict[str, float], between: float) -> Visit:
    turn = Waiting(row.id, row.code, row.service, row.preferente, row.issued_at)
    left = row.state == State.CANCELLED and row.called_at is None
    return Visit(turn, timedelta(seconds=_took(row, typical) + between), row.state_at if left else None)


def _took(row: Any, typical: dict[str, float]) -> float:
    """Seconds at the ventanilla; of whoever was not attended yet, what its service takes."""
    if row.state == State.ABSENT and row.called_at:
        return min((row.state_at - row.called_at).total_seconds(), MOST_COMING_S)
    if row.state != State.FINISHED or not row.started_at:
        return typical.get(row.service, TYPICAL_S)
    coming = (row.started_at - row.called_at).total_seconds() if row.called_at else 0.0
    return float(row.attended_s) + min(max(coming, 0.0), MOST_COMING_S)


def _stretches(session: Session, sala_id: int, midnight: datetime, now: datetime) -> list[Stretch]:
    """Since when and until when each ventanilla was open, a new stretch when it changed whom it attends."""
    desks = {row_id: desk for row_id, (desk, _) in desks_of(session, sala_id).items()}
    began: dict[int, tuple[datetime, str]] = {}
    made = []

    def end(row_id: int, at: datetime) -> None:
        since, attends = began.pop(row_id, (at, ""))
        if row_id in desks and since < at and at > midnight:
            desk = Desk(desks[row_id].number, desks[row_id].services, Attends(attends))
            made.append(Stretch(desk, max(since, midnight), at))

    for row in session.execute(_SHIFTS, {"sala_id": sala_id, "since": midnight - timedelta(days=1)}):
        if row.state != OPEN or began.get(row.ventanilla_id, (None, row.attends))[1] != row.attends:
            end(row.ventanilla_id, row.at)
        if row.state == OPEN:
            began.setdefault(row.ventanilla_id, (row.at, row.attends))
    for row_id in list(began):
        end(row_id, now)
    return sorted(made, key=lambda stretch: (stretch.since, stretch.desk.number))
