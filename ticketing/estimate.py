"""How long a person will still wait: the queue is played forward many times with the same calling policy.

Service times are drawn from those really seen. The answer is a range that holds the true wait about eight times in ten, or None when
too little was seen: no figure is better than a made-up one."""

from __future__ import annotations

import heapq
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random

from ticketing.policy import DEFAULT, POLICIES, Desk, Waiting

MIN_OBSERVED = 5  # service times; with fewer there is no estimate
RUNS = 60
LOW, HIGH = 0.10, 0.90
MAX_SIMULATED = 300  # tickets played forward; a longer queue has no useful estimate
MOST_MINUTES = 480


@dataclass(frozen=True, slots=True)
class Wait:
    low_minutes: int
    high_minutes: int


@dataclass(frozen=True, slots=True)
class Busy:
    """An open ventanilla: what it is doing now. `service` None = free; `for_s` = since it began with this person."""

    desk: Desk
    service: str | None = None
    for_s: float = 0.0


def estimate(
    ticket: Waiting,
    waiting: Sequence[Waiting],
    desks: Sequence[Busy],
    service_times_s: Mapping[str, Sequence[float]],
    *,
    policy: str = DEFAULT,
    seed: int = 0,
) -> Wait | None:
    """Minutes until `ticket` is called. `desks` are the open ventanillas, `service_times_s` what each service took lately.

    None when fewer than five service times are known, no open ventanilla may call the ticket, or the queue is too long to tell."""
    queue = [other for other in waiting if other.ticket_id != ticket.ticket_id] + [ticket]
    return estimates(queue, desks, service_times_s, policy=policy, seed=seed).get(ticket.ticket_id)


def estimates(
    queue: Sequence[Waiting],
    desks: Sequence[Busy],
    service_times_s: Mapping[str, Sequence[float]],
    *,
    policy: str = DEFAULT,
    seed: int = 0,
) -> dict[int, Wait]:
    """`estimate` of everyone in the queue at once, by ticket id; those without one are absent."""
    pooled = [seconds for times in service_times_s.values() for seconds in times]
    if len(pooled) < MIN_OBSERVED or len(queue) > MAX_SIMULATED:
        return {}
    seen = {name: times if len(times) >= MIN_OBSERVED else pooled for name, times in service_times_s.items()}
    key = POLICIES[policy]
    orders = [sorted(filter(busy.desk.may_call, queue), key=partial(key, busy.desk)) for busy in desks]
    random = Random(seed)
    futures = [_play(desks, orders, seen, pooled, random) for _ in range(RUNS)]
    return {ticket_id: _range([future[ticket_id] for future in futures]) for ticket_id in futures[0]}


def _range(waits_s: list[float]) -> Wait:
    waits = sorted(waits_s)
    low, high = (waits[round(share * (RUNS - 1))] / 60 for share in (LOW, HIGH))
    return Wait(min(math.floor(low), MOST_MINUTES), min(math.ceil(high), MOST_MINUTES))


def _play(
    desks: Sequence[Busy],
    orders: Sequence[Sequence[Waiting]],
    seen: Mapping[str, Sequence[float]],
    pooled: Sequence[float],
    random: Random,
) -> dict[int, float]:
    """Seconds until each ticket is called in one possible future; those no open ventanilla calls are absent."""
    free = [(_left(busy, seen, pooled, random), place) for place, busy in enumerate(desks)]
    heapq.heapify(free)
    called: dict[int, float] = {}
    reached = [0] * len(desks)
    while free:
        at, place = heapq.heappop(free)
        order = orders[place]
        while reached[place] < len(order) and order[reached[place]].ticket_id in called:
            reached[place] += 1
        if reached[place] == len(order):
            continue  # nobody left for this ventanilla
        chosen = order[reached[place]]
        called[chosen.ticket_id] = at
        heapq.heappush(free, (at + random.choice(seen.get(chosen.service, pooled)), place))
    return called


def _left(busy: Busy, seen: Mapping[str, Sequence[float]], pooled: Sequence[float], random: Random) -> float:
    """Seconds until the ventanilla is free: a service time among those longer than what has already passed."""
    if busy.service is None:
        return 0.0
    longer = [seconds for seconds in seen.get(busy.service, pooled) if seconds > busy.for_s]
    return random.choice(longer) - busy.for_s if longer else random.choice(pooled) / 2
