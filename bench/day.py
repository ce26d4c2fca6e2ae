"""Days of a CAC as they might be: who comes, how long each attention takes, clerks that pause, people that left.

Nothing of the wait estimate is used here, only the calling policy: a day is the truth that the estimate is held against."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from random import Random

from core.clock import LIMA
from ticketing.moves import Move
from ticketing.observed import OPEN, PAUSED, Shift, Step
from ticketing.policy import Desk, Waiting, next_turn
from ticketing.rules import DEFAULT, Policy

OPENS = datetime(2026, 11, 20, 8, 0, tzinfo=LIMA)
HOURS_S = 8 * 3600.0
CLOSED, LEAVING = "cerrada", "se_va"

# service: share of the visits, minutes of an attention, spread of its logarithm
SERVICES = {
    "A": (0.34, 2.4, 0.55),
    "B": (0.12, 4.8, 0.75),
    "C": (0.08, 6.5, 0.70),
    "D": (0.08, 3.6, 0.60),
    "E": (0.26, 2.6, 0.65),
    "F": (0.12, 3.2, 0.85),
}
# what each of twelve ventanillas attends, its own service first
DESKS = ("AF", "AF", "AE", "AEF", "EA", "EF", "EA", "BC", "BC", "CDB", "DBF", "FDE")
PREFERENTES = 0.25
COMING_S, MISSED_S, BETWEEN_S = (
    (4, 35),
    (60, 110),
    (4, 30),
)  # from, to: a person walks, is given up, the clerk calls the next
PAUSE_EVERY_S, PAUSE_S = 2.0 * 3600, (240.0, 900.0)
LEFT, LEFT_A_MINUTE = 0.03, 0.002  # share of the called who are gone, and how it grows with each minute waited
PACE, CLERK = 0.06, 0.12  # spread of the day's pace and of the clerks'


@dataclass(frozen=True, slots=True)
class Kind:
    """`rate`: visits a second at second `at` of the day; `closing`: a ventanilla and the second at which it closes for good."""

    name: str
    rate: Callable[[float], float]
    closing: tuple[int, float] | None = None


def capacity() -> float:
    """Visits a second that twelve ventanillas can attend, were they interchangeable and never idle."""
    person = sum(share * minutes * 60 * math.exp(spread**2 / 2) for share, minutes, spread in SERVICES.values())
    return len(DESKS) / (person + sum(COMING_S) / 2 + sum(BETWEEN_S) / 2)


def _rush(at: float) -> float:
    return 0.80 + 0.55 * math.exp(-(((at - 2.6 * 3600) / 3600) ** 2))


KINDS = (
    Kind("estable", lambda at: 1.00 * capacity()),
    Kind("hora punta", lambda at: _rush(at) * capacity()),
    Kind("una ventanilla cierra", lambda at: 0.93 * capacity(), closing=(9, 3 * 3600.0)),
)


@dataclass(slots=True)
class Place:
    """A ventanilla and its clerk. `state` is a ventanilla's; `since` when it began with what it does now."""

    desk: Desk
    speed: float
    pause_at: float
    state: str = OPEN
    service: str | None = None  # of the person in front
    attending: bool = False
    since: float = 0.0
    idle: bool = False


class Day:
    """A day being lived. `live()` stops after each issue, so that whoever measures may look around."""

    def __init__(self, kind: Kind, seed: int, *, policy: Policy = DEFAULT, opens: datetime = OPENS):
        self.kind, self.policy, self.opens = kind, policy, opens
        self.waiting: dict[int, Waiting] = {}
        self.issued: dict[int, float] = {}
        self.waited: dict[int, float] = {}  # seconds until the call
        self.steps: list[Step] = []
        self.shifts: list[Shift] = []
        self.times: dict[str, list[float]] = {name: [] for name in SERVICES}
        self._dice = Random(seed)
        self._pace = self._spread(PACE)
        self._events: list[tuple[float, int, Callable[[float], Waiting | None]]] = []
        self._order, self._ids = count(), count(1)
        self.places = {number: self._place(number, letters) for number, letters in enumerate(DESKS, 1)}

    def now(self, at: float) -> datetime:
        return self.opens + timedelta(seconds=at)

    def live(self) -> Iterator[Waiting]:
        """Each newcomer, just issued. The day ends when nobody waits any more."""
        for number in self.places:
            self._later(0.0, self._free, number)
        if self.kind.closing:
            self._later(self.kind.closing[1], self._closing, self.kind.closing[0])
        self._expect(0.0)
        while self._events:
            at, _, happens = heappop(self._events)
            newcomer = happens(at)
            if newcomer is not None:
                yield newcomer

    def _place(self, number: int, letters: str) -> Place:
        return Place(Desk(number, tuple(letters)), self._spread(CLERK), self._dice.expovariate(1 / PAUSE_EVERY_S))

    def _later(self, at: float, happens: Callable[[float, int], Waiting | None], number: int = 0) -> None:
        heappush(self._events, (at, next(self._order), lambda then: happens(then, number)))

    def _expect(self, at: float) -> None:
        """The next arrival: drawn at the day's highest rate, and kept as often as the rate of that moment asks."""
        most = max(self.kind.rate(at + step * 300.0) for step in range(100))
        while (at := at + self._dice.expovariate(most)) < HOURS_S:
            if self._dice.random() < self.kind.rate(at) / most:
                self._later(at, self._issue)
                return

    def _issue(self, at: float, _: int) -> Waiting:
        number = next(self._ids)
        service = self._dice.choices(list(SERVICES), [share for share, _, _ in SERVICES.values()])[0]
        preferente = self._dice.random() < PREFERENTES
        ticket = Waiting(number, f"{'P' if preferente else service}-{number:03d}", service, preferente, self.now(at))
        self.waiting[number], self.issued[number] = ticket, at
        self._step(Move.ISSUE, ticket, None, at)
        able = [n for n, place in self.places.items() if place.idle and place.desk.may_call(ticket)]
        if able:
            self.places[able[0]].idle = False
            self._later(at + self._dice.uniform(*BETWEEN_S), self._call, able[0])
        self._expect(at)
        return ticket

    def _free(self, at: float, number: int) -> None:
        """Nobody is in front: the clerk leaves, pauses, or calls the next one in a moment."""
        place = self.places[number]
        place.service, place.since = None, at
        if place.state == LEAVING:
            self._shift(number, CLOSED, at)
        elif at >= place.pause_at:
            place.pause_at = at + self._dice.expovariate(1 / PAUSE_EVERY_S)
            self._shift(number, PAUSED, at)
            self._later(at + self._dice.uniform(*PAUSE_S), self._back, number)
        else:
            self._later(at + self._dice.uniform(*BETWEEN_S), self._call, number)

    def _back(self, at: float, number: int) -> None:
        if self.places[number].state == PAUSED:
            self._shift(number, OPEN, at)
            self._later(at + self._dice.uniform(*BETWEEN_S), self._call, number)

    def _closing(self, at: float, number: int) -> None:
        place = self.places[number]
        if place.service is None:
            self._shift(number, CLOSED, at)
        else:
            place.state = LEAVING

    def _call(self, at: float, number: int) -> None:
        place = self.places[number]
        if place.state == CLOSED:
            return
        choice = next_turn(self.waiting.values(), place.desk, policy=self.policy, now=self.now(at))
        place.idle = choice is None
        if choice is None:
            return
        ticket = self.waiting.pop(choice.ticket.ticket_id)
        waited = self.waited[ticket.ticket_id] = at - self.issued[ticket.ticket_id]
        place.desk = place.desk.having_called(ticket.preferente)
        place.service, place.since, place.attending = ticket.service, at, False
        self._step(Move.CALL, ticket, number, at, waited)
        if self._dice.random() < LEFT + LEFT_A_MINUTE * waited / 60:
            self._later(at + self._dice.uniform(*MISSED_S), lambda then, _: self._miss(then, number, ticket))
        else:
            self._later(at + self._dice.uniform(*COMING_S), lambda then, _: self._start(then, number, ticket))

    def _miss(self, at: float, number: int, ticket: Waiting) -> None:
        self._step(Move.ABSENT, ticket, number, at)
        self._free(at, number)

    def _start(self, at: float, number: int, ticket: Waiting) -> None:
        place = self.places[number]
        place.since, place.attending = at, True
        self._step(Move.START, ticket, number, at)
        _, minutes, spread = SERVICES[ticket.service]
        lasts = 60 * minutes * math.exp(self._dice.gauss(0, spread)) * place.speed * self._pace
        self._later(at + lasts, lambda then, _: self._finish(then, number, ticket))

    def _finish(self, at: float, number: int, ticket: Waiting) -> None:
        self.times[ticket.service].append(at - self.places[number].since)
        self._step(Move.FINISH, ticket, number, at)
        self._free(at, number)

    def _step(self, move: Move, ticket: Waiting, number: int | None, at: float, seconds: float | None = None) -> None:
        row = Step(ticket.ticket_id, move, ticket.service, ticket.preferente, number, seconds, self.now(at))
        self.steps.append(row)

    def _shift(self, number: int, state: str, at: float) -> None:
        self.places[number].state = state
        self.shifts.append(Shift(number, state, self.now(at)))

    def _spread(self, spread: float) -> float:
        return math.exp(self._dice.gauss(0, spread))
