"""A day gone through again with one thing changed: a ventanilla more, from an hour on.

The same people came at the same hour, each took a ventanilla as long as it took one then, and the sala's own policy calls. So the day as it
was is gone through too: the two are compared with each other, both made alike."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush

from ticketing.policy import Desk, Waiting, key
from ticketing.rules import Policy

QUARTER = 15  # minutes: a point of the picture


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody who came: `turn.turn_at` is when; `takes` a ventanilla so long. `gone_at`: left the queue by itself then, uncalled."""

    turn: Waiting
    takes: timedelta
    gone_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A ventanilla that was open from one moment to another."""

    desk: Desk
    since: datetime
    until: datetime


def replay(
    visits: Sequence[Visit], stretches: Sequence[Stretch], *, policy: Policy, until: datetime
) -> dict[int, timedelta]:
    """How long each visit waits until its call, by ticket id; whoever was not called by `until`, until then. Who left is absent."""
    day = _Day(visits, stretches, policy)
    day.run(until)
    gone = {visit.turn.ticket_id for visit in visits if visit.gone_at is not None}
    return {
        visit.turn.ticket_id: day.called.get(visit.turn.ticket_id, until) - visit.turn.turn_at
        for visit in visits
        if visit.turn.turn_at <= until and (visit.turn.ticket_id in day.called or visit.turn.ticket_id not in gone)
    }


class _Day:
    def __init__(self, visits: Sequence[Visit], stretches: Sequence[Stretch], policy: Policy):
        self.policy, self.stretches = policy, list(stretches)
        self.visits = {visit.turn.ticket_id: visit for visit in visits}
        turns = (visit.turn for visit in visits)
        self.coming = deque(sorted(turns, key=lambda turn: (turn.turn_at, turn.ticket_id)))
        self.lines: dict[tuple[str, bool, int | None], deque[Waiting]] = {}  # one a service and class, oldest first
        self.desks = {stretch.desk.number: stretch.desk for stretch in stretches}
        self.called: dict[int, datetime] = {}
        self.free = [(stretch.since, place) for place, stretch in enumerate(stretches)]  # when a stretch may call
        heapify(self.free)
        self.idle: set[int] = set()

    def run(self, until: datetime) -> None:
        while True:
            comes = [self.coming[0].turn_at] if self.coming else []
            calls = [self.free[0][0]] if self.free else []
            now = min([*comes, *calls], default=until)
            if now >= until:
                return
            if comes == [now]:
                self._come(self.coming.popleft(), now)
            else:
                self._call(*heappop(self.free))

    def _come(self, turn: Waiting, now: datetime) -> None:
        self.lines.setdefault((turn.service, turn.preferente, turn.only_ventanilla), deque()).append(turn)
        for place in sorted(self.idle):
            stretch = self.stretches[place]
            if now < stretch.until and stretch.desk.may_call(turn):
                self.idle.remove(place)
                heappush(self.free, (now, place))
                return

    def _call(self, now: datetime, place: int) -> None:
        stretch = self.stretches[place]
        if now >= stretch.until:
            return
        chosen = self._choose(stretch.desk, now)
        if chosen is None:
            self.idle.add(place)
            return
        self.called[chosen.ticket_id] = now
        number = stretch.desk.number
        self.desks[number] = self.desks[number].having_called(chosen.preferente)
        heappush(self.free, (now + self.visits[chosen.ticket_id].takes, place))

    def _choose(self, desk: Desk, now: datetime) -> Waiting | None:
        """As `policy.next_turn`: the first of each line, by the policy's key."""
        for line in self.lines.values():
            while line and self._gone(line[0], now):
                line.popleft()
        heads = [(line[0], line) for line in self.lines.values() if line and desk.may_call(line[0])]
        if not heads:
            return None
        counted = replace(desk, since_general=self.desks[desk.number].since_general)
        _, line = min(heads, key=lambda head: key(self.policy, counted, head[0], now))
        return line.popleft()

    def _gone(self, turn: Waiting, now: datetime) -> bool:
        gone_at = self.visits[turn.ticket_id].gone_at
        return gone_at is not None and gone_at <= now


def by_quarter(visits: Sequence[Visit], waits: dict[int, timedelta]) -> list[tuple[datetime, float]]:
    """Minutes waited on average by those who came in each quarter of an hour, in order; quarters in which nobody came are left out."""
    came: dict[datetime, list[float]] = {}
    for visit in visits:
        wait = waits.get(visit.turn.ticket_id)
        if wait is not None:
            at = visit.turn.turn_at
            quarter = at.replace(minute=at.minute // QUARTER * QUARTER, second=0, microsecond=0)
            came.setdefault(quarter, []).append(wait.total_seconds() / 60)
    return [(quarter, sum(minutes) / len(minutes)) for quarter, minutes in sorted(came.items())]
