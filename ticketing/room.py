"""The room played forward: one possible course of a sala from now on, called by its own policy."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush
from random import Random

from ticketing.policy import Desk, Waiting, key
from ticketing.rules import Kind, Policy

MIN_OBSERVED = 5  # of a kind of time; with fewer, what is known of all kinds
PACE = 0.06  # how far a day goes faster or slower than what was seen, as a share
LONGEST_S = 8 * 3600.0  # nobody is played beyond it
PAUSES_S = (300.0, 600.0, 900.0, 1800.0)  # how long a pause may last, while fewer than five were seen
MOST_IN_A_ROW = 10_000  # preferentes called in a row: by then a general is due, whatever the rule
ARRIVES = -1  # in place of a ventanilla, in the list of what happens next

Line = tuple[str, bool, int | None]  # service, preferente, the ventanilla it was sent to
Head = tuple[float, int]  # seconds from now of its turn, and its id
Ranks = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Busy:
    """A ventanilla that calls: what it is doing now, `for_s` seconds since it began with that.

    `service`: of the person in front (None: nobody), `attending` once that person has come; `paused`: it will be back."""

    desk: Desk
    service: str | None = None
    for_s: float = 0.0
    attending: bool = True
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """What was observed of a sala lately. Seconds, except `absent` and `pausing`: shares of all calls."""

    services: Mapping[str, Sequence[float]]  # with the person, by service
    coming: Sequence[float] = ()  # from the call until the person is there
    missed: Sequence[float] = ()  # from the call until the clerk gives the person up
    between: Sequence[float] = ()  # from one person to the call of the next, while somebody waits
    pauses: Sequence[float] = ()
    absent: float = 0.0
    pausing: float = 0.0
    arrivals: Mapping[tuple[str, bool], int] = field(default_factory=dict)  # of a service and class, in `arrivals_s`
    arrivals_s: float = 0.0


class Room:
    """The room as it is now, ready to be played forward."""

    def __init__(
        self,
        queue: Sequence[Waiting],
        newcomers: Sequence[Waiting],
        desks: Sequence[Busy],
        seen: Seen,
        policy: Policy,
        now: datetime,
    ):
        self.desks, self.times = desks, _Times(seen)
        self.every = policy.value(Kind.EVERY) or 0
        minutes = policy.value(Kind.WAITED)
        self.limit_s = 60.0 * minutes if minutes is not None else math.inf
        self.ghosts = {ticket.ticket_id for ticket in newcomers}
        coming = _overtakers(seen, policy)
        lines: dict[Line, list[Head]] = {(service, preferente, None): [] for service, preferente in coming}
        for ticket in sorted((*queue, *newcomers), key=lambda ticket: (ticket.turn_at, ticket.ticket_id)):
            line = (ticket.service, ticket.preferente, ticket.only_ventanilla)
            lines.setdefault(line, []).append(((ticket.turn_at - now).total_seconds(), ticket.ticket_id))
        self.lines, self.kinds = list(lines.values()), list(lines)
        self.coming = list(coming.values())  # of the first lines
        self.arrivals_s = seen.arrivals_s
        self.ranks = [_ranks(busy.desk, self.kinds, policy, now) for busy in desks]

    def play(self, random: Random, targets: set[int]) -> dict[int, float]:
        """Seconds until each of `targets` is called, in one possible future."""
        future = _Future(self, random)
        future.run(targets)
        return future.called | dict.fromkeys(targets - future.called.keys(), LONGEST_S)


def _overtakers(seen: Seen, policy: Policy) -> dict[tuple[str, bool], int]:
    """Who still comes and may go before somebody who waits now: preferentes; and generals, when a rule may prefer them."""
    generals = any(rule.kind in (Kind.EVERY, Kind.OWN) for rule in policy.rules)
    return {kind: count for kind, count in seen.arrivals.items() if kind[1] or generals} if seen.arrivals_s else {}


def _ranks(desk: Desk, kinds: Sequence[Line], policy: Policy, now: datetime) -> dict[int, Ranks]:
    """For each line the desk may call, the place of its first by the policy's own key: by whether a general is due, and whether that
    first has waited beyond the limit."""
    far = timedelta(days=2)
    ranks: dict[int, Ranks] = {}
    for place, (service, preferente, only) in enumerate(kinds):
        if desk.may_call(Waiting(0, "", service, preferente, now, only)):
            ranks[place] = tuple(  # type: ignore[assignment]
                tuple(
                    _place(
                        key(
                            policy,
                            replace(desk, since_general=since),
                            Waiting(0, "", service, preferente, turn_at, only),
                            now,
                        )
                    )
                    for turn_at in (now, now - far)
                )
                for since in (0, MOST_IN_A_ROW)
            )
    return ranks


def _place(said: tuple[object, ...]) -> int:
    """What the rules said, without the turn, as one number."""
    return sum(bool(one) << bit for bit, one in enumerate(reversed(said[:-2])))


class _Future:
    """One possible course of the room from now on."""

    def __init__(self, room: Room, random: Random):
        self.room, self.random = room, random
        self.times = room.times.drawn(random)
        self.lines = [deque(line) for line in room.lines]
        self.since = [busy.desk.since_general for busy in room.desks]
        self.idle: set[int] = set()
        self.called: dict[int, float] = {}
        self.events = [(self.times.left(busy), place) for place, busy in enumerate(room.desks)]
        self.rate = self._rate()
        self._expect(0.0)
        heapify(self.events)

    def run(self, targets: set[int]) -> None:
        left = set(targets)
        while self.events and left:
            at, place = heappop(self.events)
            if at > LONGEST_S:
                return
            if place == ARRIVES:
                self._arrive(at)
            else:
                left.discard(self._call(at, place))

    def _rate(self) -> float:
        """Arrivals a second: as many as were seen, give or take what chance allows."""
        seen = sum(self.room.coming)
        return self.random.gammavariate(seen + 0.5, 1.0) / self.room.arrivals_s if seen else 0.0

    def _expect(self, at: float) -> None:
        if self.rate:
            heappush(self.events, (at + self.random.expovariate(self.rate), ARRIVES))

    def _arrive(self, at: float) -> None:
        (line,) = self.random.choices(range(len(self.room.coming)), self.room.coming)
        self.lines[line].append((at, 0))
        for place in self.idle:
            if line in self.room.ranks[place]:
                self.idle.remove(place)
                heappush(self.events, (at + self.times.between(), place))
                break
        self._expect(at)

    def _call(self, at: float, place: int) -> int:
        """The ventanilla calls its next one: its id, 0 for nobody that waits now."""
        line = self._choose(at, place)
        if line is None:
            self.idle.add(place)
            return 0
        ticket_id = self.lines[line].popleft()[1]
        self.called.setdefault(ticket_id, at)
        if ticket_id in self.room.ghosts:  # somebody who might come takes no time of those who did
            heappush(self.events, (at, place))
            return ticket_id
        service, preferente, _ = self.room.kinds[line]
        self.since[place] = self.since[place] + 1 if preferente else 0
        heappush(self.events, (at + self.times.busy(service), place))
        return ticket_id

    def _choose(self, at: float, place: int) -> int | None:
        every, limit_s, lines = self.room.every, self.room.limit_s, self.lines
        due = every > 0 and self.since[place] >= every - 1
        best: tuple[int, Head] | None = None
        chosen = None
        for line, ranks in self.room.ranks[place].items():
            if lines[line]:
                head = lines[line][0]
                ranked = (ranks[due][at - head[0] > limit_s], head)
                if best is None or ranked < best:
                    best, chosen = ranked, line
        return chosen


class _Times:
    """What was seen, ready to be drawn from."""

    def __init__(self, seen: Seen):
        self.seen = seen
        self.all = [seconds for times in seen.services.values() for seconds in times]
        self.of = {name: times if len(times) >= MIN_OBSERVED else self.all for name, times in seen.services.items()}
        self.doubt = {name: _doubt(times) for name, times in self.of.items()}
        self.pauses = seen.pauses if len(seen.pauses) >= MIN_OBSERVED else PAUSES_S

    def drawn(self, random: Random) -> _Drawn:
        return _Drawn(self, random)


def _doubt(times: Sequence[float]) -> float:
    """How far the mean of what was seen may be from what is to come, as a share."""
    mean = sum(times) / len(times)
    spread = sum((seconds - mean) ** 2 for seconds in times) / len(times)
    return math.sqrt(spread / len(times)) / mean if mean else 0.0


class _Drawn:
    """Times drawn for one future: a pace for the day, a doubt for each service, then person by person."""

    def __init__(self, times: _Times, random: Random):
        self.times, self.seen, self.random = times, times.seen, random
        pace = math.exp(random.gauss(0.0, PACE)) if len(set(times.all)) > 1 else 1.0
        self.factor = {name: pace * math.exp(random.gauss(0.0, doubt)) for name, doubt in times.doubt.items()}

    def busy(self, service: str) -> float:
        """From calling somebody until the next may be called."""
        if self.random.random() < self.seen.absent:
            return self._one(self.seen.missed) + self.between()
        return self._one(self.seen.coming) + self._service(service) + self.between()

    def between(self) -> float:
        pause = self._one(self.times.pauses) if self.random.random() < self.seen.pausing else 0.0
        return self._one(self.seen.between) + pause

    def left(self, busy: Busy) -> float:
        """Until a ventanilla may call, from what it is doing now."""
        if busy.paused:
            return self._rest(self.times.pauses, busy.for_s)
        if busy.service is None:
            return self._one(self.seen.between)
        if busy.attending:
            factor = self.factor.get(busy.service, 1.0)
            times = self.times.of.get(busy.service, self.times.all)
            return factor * self._rest(times, busy.for_s / factor) + self.between()
        return max(self.busy(busy.service) - busy.for_s, 0.0)

    def _service(self, service: str) -> float:
        return self.factor.get(service, 1.0) * self._one(self.times.of.get(service, self.times.all))

    def _one(self, seen: Sequence[float]) -> float:
        return seen[int(self.random.random() * len(seen))] if seen else 0.0

    def _rest(self, seen: Sequence[float], passed_s: float) -> float:
        """What is left of something that has lasted so long: of those seen that lasted longer."""
        longer = [seconds for seconds in seen if seconds > passed_s]
        return self._one(longer) - passed_s if longer else self._one(seen) / 2
