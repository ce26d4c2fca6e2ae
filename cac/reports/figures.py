"""The figures of turns, pure: what is counted, how it is kept for a day that is over, how days are added up.

Definitions are in docs/glossary.md. Times are whole minutes, rounded; a median and a 90th percentile are nearest ranks, so
they are minutes that somebody really waited, and adding up days loses nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from typing import Any

from core.clock import LIMA
from ticketing.moves import Move, State

CLASS, HOUR, PLACE, CLERK = "class", "hour", "place", "clerk"
CUTS = (CLASS, HOUR, PLACE, CLERK)  # by what the figures of a service are told apart
COUNTED = ("issued", "finished", "absent", "abandoned", "left", "forwarded")

COUNTED_AS: dict[str, str] = {
    Move.ISSUE: "issued",
    Move.FINISH: "finished",
    Move.ABSENT: "absent",
    Move.FORWARD: "forwarded",
    Move.CANCEL: "abandoned",
    Move.LEAVE: "left",
}


@dataclass(frozen=True, slots=True)
class Moved:
    """One move as the figures need it. `place` is the ventanilla's id, `clerk` who moved it."""

    move: str
    from_state: str | None
    service: int
    preferente: bool
    place: int | None
    clerk: str
    seconds: int | None
    at: datetime


@dataclass(slots=True)
class Tally:
    """Counts, and times as minutes with how many had each."""

    issued: int = 0
    finished: int = 0
    absent: int = 0
    abandoned: int = 0
    left: int = 0
    forwarded: int = 0
    waits: Counter[int] = field(default_factory=Counter)
    services: Counter[int] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        for name in COUNTED:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.waits.update(other.waits)
        self.services.update(other.services)

    @property
    def called(self) -> int:
        """People called for the first time: the n of their wait."""
        return self.waits.total()

    @property
    def wait_median(self) -> int | None:
        return rank(self.waits, 0.5)

    @property
    def wait_p90(self) -> int | None:
        return rank(self.waits, 0.9)

    @property
    def service_median(self) -> int | None:
        return rank(self.services, 0.5)

    @property
    def service_p90(self) -> int | None:
        return rank(self.services, 0.9)

    @property
    def any(self) -> bool:
        return bool(self.waits or any(getattr(self, name) for name in COUNTED))


Cut = dict[str, dict[str, Tally]]  # CUTS -> its values -> what was counted
Day = dict[int, Cut]  # by service id


def minutes(seconds: int) -> int:
    return (seconds + 30) // 60


def rank(times: Counter[int], share: float) -> int | None:
    """The nearest-rank percentile: the smallest time that `share` of all do not exceed; None with none."""
    total, passed = times.total(), 0
    wanted = ceil(round(total * share, 6))
    for time in sorted(times):
        passed += times[time]
        if passed >= wanted:
            return time
    return None


def fold(moves: Iterable[Moved]) -> Day:
    """The figures of a day's moves."""
    day: Day = {}
    for moved in moves:
        name = counted_as(moved)
        if name:
            cuts = day.setdefault(moved.service, {})
            for cut, value in _where(moved).items():
                tally = cuts.setdefault(cut, {}).setdefault(value, Tally())
                if name == "called":
                    tally.waits[minutes(moved.seconds or 0)] += 1
                    continue
                setattr(tally, name, getattr(tally, name) + 1)
                if name == "finished":
                    tally.services[minutes(moved.seconds or 0)] += 1
    return day


def counted_as(moved: Moved) -> str:
    """What one move adds to: one of COUNTED, "called" for a first call, "" for nothing."""
    if moved.move == Move.CALL:
        return "called" if moved.seconds is not None else ""
    if moved.move in (Move.CANCEL, Move.LEAVE) and moved.from_state != State.WAITING:
        return ""
    return COUNTED_AS.get(moved.move, "")


def _where(moved: Moved) -> dict[str, str]:
    where = {CLASS: "p" if moved.preferente else "g", HOUR: f"{moved.at.astimezone(LIMA).hour:02d}"}
    # who issues a ticket, and who gives up its turn, is at no ventanilla
    if moved.place is not None and moved.move not in (Move.ISSUE, Move.CANCEL, Move.LEAVE):
        where |= {PLACE: str(moved.place), CLERK: moved.clerk}
    return where


def to_json(day: Day) -> dict[str, Any]:
    return {
        str(service): {
            cut: {value: _tally_to_json(tally) for value, tally in values.items()} for cut, values in cuts.items()
        }
        for service, cuts in day.items()
    }


def from_json(kept: dict[str, Any]) -> Day:
    return {
        int(service): {
            cut: {value: _tally_from_json(tally) for value, tally in values.items()} for cut, values in cuts.items()
        }
        for service, cuts in kept.items()
    }


def _tally_to_json(tally: Tally) -> list[Any]:
    return [[getattr(tally, name) for name in COUNTED], _pairs(tally.waits), _pairs(tally.services)]


def _tally_from_json(kept: list[Any]) -> Tally:
    counts, waits, services = kept
    return Tally(
        **dict(zip(COUNTED, counts, strict=True)), waits=Counter(dict(waits)), services=Counter(dict(services))
    )


def _pairs(times: Counter[int]) -> list[list[int]]:
    return [[time, times[time]] for time in sorted(times)]


@dataclass(slots=True)
class Period:
    """Days added up: the whole, by day, and by each cut."""

    whole: Tally = field(default_factory=Tally)
    days: dict[Any, Tally] = field(default_factory=dict)
    by_service: dict[int, Tally] = field(default_factory=dict)
    cuts: Cut = field(default_factory=lambda: {cut: {} for cut in CUTS})

    def add(self, on: Any, day: Day, *, services: frozenset[int]) -> None:
        """One more day, of these services."""
        of_day = self.days.setdefault(on, Tally())
        for service in services & day.keys():
            for cut, values in day[service].items():
                for value, tally in values.items():
                    self.cuts[cut].setdefault(value, Tally()).add(tally)
                    if cut == CLASS:  # every move has one class: together they are all of them
                        of_day.add(tally)
                        self.by_service.setdefault(service, Tally()).add(tally)
        self.whole.add(of_day)
