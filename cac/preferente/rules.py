"""Waits and coverage of preferentes, pure.

Ley 27408 as amended by Ley 28683: preferential attention (art. 1), and a mechanism for complaints (art. 2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from statistics import median
from typing import Protocol

from ticketing.moves import State
from ticketing.policy import Attends

OPEN = "abierta"
SHORTEST_GAP = timedelta(seconds=1)  # a ventanilla that opens by its call does so some milliseconds after the ticket


@dataclass(frozen=True, slots=True)
class Span:
    since: datetime
    until: datetime

    @property
    def length(self) -> timedelta:
        return self.until - self.since


@dataclass(frozen=True, slots=True)
class Waits:
    """Minutes from the ticket to its first call; None when nobody was called. `uncalled` left, or the day ended first."""

    n: int
    median: float | None
    p90: float | None
    longest: float | None
    uncalled: int = 0


class Step(Protocol):
    """Somebody or something, from `at` on."""

    @property
    def at(self) -> datetime: ...
    @property
    def counts(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Placed:
    """A ticket from `at` on: where it stood and in which class."""

    at: datetime
    state: str
    preferente: bool

    @property
    def counts(self) -> bool:
        return self.preferente and self.state == State.WAITING


@dataclass(frozen=True, slots=True)
class Stood:
    """A ventanilla from `at` on."""

    at: datetime
    state: str
    attends: str

    @property
    def counts(self) -> bool:
        """Open, and preferentes are called there."""
        return self.state == OPEN and self.attends != Attends.GENERAL


def waits(seconds: Sequence[int], *, uncalled: int = 0) -> Waits:
    """The figures of a group of waits; p90 is the smallest wait that 90 % did not pass (nearest rank)."""
    if not seconds:
        return Waits(0, None, None, None, uncalled)
    ordered = sorted(seconds)
    p90 = ordered[ceil(0.9 * len(ordered)) - 1]
    return Waits(len(ordered), _minutes(median(ordered)), _minutes(p90), _minutes(ordered[-1]), uncalled)


def spans(steps: Sequence[Step], *, since: datetime, until: datetime) -> list[Span]:
    """When what the steps tell of counted, between `since` and `until`; each step lasts until the next."""
    found = []
    ends = [step.at for step in steps[1:]] + [until]
    for step, end in zip(steps, ends, strict=True):
        start, end = max(step.at, since), min(end, until)
        if step.counts and start < end:
            found.append(Span(start, end))
    return found


def union(spans: Iterable[Span]) -> list[Span]:
    """The same time as spans that do not touch, in order."""
    joined: list[Span] = []
    for span in sorted(spans, key=lambda span: span.since):
        if joined and span.since <= joined[-1].until:
            joined[-1] = Span(joined[-1].since, max(joined[-1].until, span.until))
        else:
            joined.append(span)
    return joined


def uncovered(waiting: Iterable[Span], attended: Iterable[Span]) -> list[Span]:
    """When some preferente waited and no ventanilla that calls preferentes was open, for a second or more."""
    gaps, covers = [], union(attended)
    for span in union(waiting):
        start = span.since
        for cover in covers:
            if cover.until <= start or cover.since >= span.until:
                continue
            if cover.since > start:
                gaps.append(Span(start, cover.since))
            start = max(start, cover.until)
        if start < span.until:
            gaps.append(Span(start, span.until))
    return [gap for gap in gaps if gap.length >= SHORTEST_GAP]


def _minutes(seconds: float) -> float:
    return round(seconds / 60, 1)
