"""How long a person will still wait: the room is played forward many times with the same calling policy.

What a ventanilla takes with a person is drawn from what it really took: the person comes or does not, is attended, the clerk calls the
next one, pauses. Preferentes still to come are drawn from those that came lately, for they go before generals. The answer is a range
that holds the true wait about eight times in ten, or none when too little was seen: no figure is better than a made-up one."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from ticketing.policy import Waiting
from ticketing.room import LONGEST_S, MIN_OBSERVED, Busy, Room, Seen
from ticketing.rules import DEFAULT, Policy

RUNS = 80
LOW, MIDDLE, HIGH = 0.07, 0.50, 0.93  # a little more than eight in ten: no day is quite like those seen
MAX_SIMULATED = 300  # tickets played forward; a longer queue has no useful estimate
MOST_MINUTES = round(LONGEST_S / 60)


@dataclass(frozen=True, slots=True)
class Wait:
    low_minutes: int
    high_minutes: int
    likely_s: float = field(default=0.0, compare=False)  # the middle: as many wait less as wait more


def estimate(
    ticket: Waiting,
    waiting: Sequence[Waiting],
    desks: Sequence[Busy],
    seen: Seen,
    *,
    policy: Policy = DEFAULT,
    now: datetime,
    seed: int = 0,
) -> Wait | None:
    """How long until `ticket` is called. `desks` are the ventanillas that call.

    None when fewer than five service times are known, no such ventanilla may call the ticket, or the queue is too long to tell."""
    queue = [other for other in waiting if other.ticket_id != ticket.ticket_id]
    return estimates(queue, [ticket], desks, seen, policy=policy, now=now, seed=seed).get(ticket.ticket_id)


def estimates(
    queue: Sequence[Waiting],
    newcomers: Sequence[Waiting],
    desks: Sequence[Busy],
    seen: Seen,
    *,
    policy: Policy = DEFAULT,
    now: datetime,
    seed: int = 0,
) -> dict[int, Wait]:
    """`estimate` of everyone in the queue, and of each of `newcomers` as if no other of them came; by ticket id, without those that have none."""
    if sum(map(len, seen.services.values())) < MIN_OBSERVED or len(queue) > MAX_SIMULATED:
        return {}
    told = {t.ticket_id for t in (*queue, *newcomers) if any(busy.desk.may_call(t) for busy in desks)}
    room, random = Room(queue, newcomers, desks, seen, policy, now), Random(seed)
    waits = [room.play(random, told) for _ in range(RUNS)]
    return {ticket_id: _range([wait[ticket_id] for wait in waits]) for ticket_id in told}


def _range(waits_s: list[float]) -> Wait:
    """The range in whole minutes that holds most nearly as many futures: rounding outwards would promise less than is known."""
    waits = sorted(waits_s)
    low, middle, high = (waits[round(share * (RUNS - 1))] for share in (LOW, MIDDLE, HIGH))
    ranges = [
        (from_, to)
        for from_ in (math.floor(low / 60), math.ceil(low / 60))
        for to in (math.floor(high / 60), math.ceil(high / 60))
        if from_ <= to
    ]
    from_, to = min(ranges, key=lambda span: (abs(_held(waits, *span) - (HIGH - LOW)), span[1] - span[0]))
    return Wait(min(from_, MOST_MINUTES), min(to, MOST_MINUTES), middle)


def _held(waits: list[float], low_minutes: int, high_minutes: int) -> float:
    return (bisect_right(waits, high_minutes * 60) - bisect_left(waits, low_minutes * 60)) / len(waits)
