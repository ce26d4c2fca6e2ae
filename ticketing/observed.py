"""What a sala did lately, out of its log: how long people and clerks take, who comes, who does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ticketing.moves import Move
from ticketing.room import Seen

ARRIVALS = timedelta(minutes=30)  # who comes is judged by who came in this time
SHORTEST = timedelta(minutes=10)  # after opening, as if the first ones had come over this time
MOST_BETWEEN_S = 600.0  # a longer stop between two people was no part of calling
MOST_PAUSE_S = 4 * 3600.0
OPEN, PAUSED = "abierta", "en_pausa"
LEAVES = frozenset({Move.FINISH, Move.ABSENT, Move.HOLD, Move.FORWARD, Move.CANCEL})  # the ventanilla is free again


@dataclass(frozen=True, slots=True)
class Step:
    """One row of a sala's log of moves. `seconds`: of a call, since the issue."""

    ticket_id: int
    move: str
    service: str
    preferente: bool
    ventanilla: int | None
    seconds: float | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Shift:
    """A ventanilla opens, pauses or closes."""

    ventanilla: int
    state: str
    at: datetime


def observe(
    steps: Sequence[Step], shifts: Sequence[Shift], services: Mapping[str, Sequence[float]], *, now: datetime
) -> Seen:
    """From the latest moves of tickets and ventanillas, oldest first, and the attentions' seconds by service."""
    coming, missed, between = _calls([*steps, *shifts])
    calls = len(coming) + len(missed)
    pauses = _pauses(shifts)
    began = steps[0].at if steps else now
    paused = sum(shift.state == PAUSED and shift.at >= began for shift in shifts)
    since = max(now - ARRIVALS, began)
    came = Counter((s.service, s.preferente) for s in steps if s.move == Move.ISSUE and s.at > since)
    return Seen(
        services=services,
        coming=coming,
        missed=missed,
        between=between,
        pauses=pauses,
        absent=len(missed) / calls if calls else 0.0,
        pausing=paused / calls if calls else 0.0,
        arrivals=came,
        arrivals_s=max(now - since, SHORTEST).total_seconds(),
    )


def _calls(rows: Iterable[Step | Shift]) -> tuple[list[float], list[float], list[float]]:
    """Seconds from call to arrival, from call to giving up, and from one person to the next who was already waiting."""
    coming: list[float] = []
    missed: list[float] = []
    between: list[float] = []
    called: dict[int, datetime] = {}
    free: dict[int, datetime] = {}
    for row in sorted(rows, key=lambda row: row.at):
        if isinstance(row, Shift):
            free.pop(row.ventanilla, None)
            continue
        place = row.ventanilla or 0
        if row.move == Move.CALL:
            called[row.ticket_id] = row.at
            left = free.pop(place, None)
            stop = (row.at - left).total_seconds() if left else MOST_BETWEEN_S
            if stop < min(row.seconds or 0.0, MOST_BETWEEN_S):
                between.append(stop)
        elif row.move in (Move.START, Move.ABSENT) and (since := called.pop(row.ticket_id, None)):
            (coming if row.move == Move.START else missed).append((row.at - since).total_seconds())
        if row.move in LEAVES and place:
            free[place] = row.at
    return coming, missed, between


def _pauses(shifts: Sequence[Shift]) -> list[float]:
    """Seconds of each pause that ended."""
    began: dict[int, datetime] = {}
    lasted = []
    for shift in sorted(shifts, key=lambda shift: shift.at):
        since = began.pop(shift.ventanilla, None)
        if since and shift.state == OPEN:
            lasted.append((shift.at - since).total_seconds())
        if shift.state == PAUSED:
            began[shift.ventanilla] = since or shift.at
    return [seconds for seconds in lasted if seconds <= MOST_PAUSE_S]
