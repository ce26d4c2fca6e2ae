"""How far the wait told at issue can be believed, pure: what each citizen was told, against what then happened."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import fmean, median

from core.clock import lima_day

LEAST, MOST = 0.75, 0.90  # of the true waits lie inside a range that promises eight of ten
MIN_TOLD = 30  # below it nothing is judged: three lucky turns are no proof
OBSERVED = 60  # latest attentions whose mean the simple count takes
OPEN = "abierta"


@dataclass(frozen=True, slots=True)
class Told:
    """What one citizen was told at issue, and the true wait until the first call. Seconds."""

    service: str
    at: datetime
    low_s: float
    high_s: float
    likely_s: float
    true_s: float
    simple_s: float | None  # people ahead by mean attention among open ventanillas; None: nothing to count with


@dataclass(frozen=True, slots=True)
class Calibration:
    """The figures of some of them; shares of 1, errors in minutes, None where there is nobody to tell of."""

    n: int
    inside: float | None
    below: float | None  # called before the range began
    above: float | None  # called after the range ended
    error: float | None  # median, of the middle of what was told
    simple_error: float | None  # median, of the simple count, over those that have one
    nearer: float | None  # how much nearer the estimate is than the simple count, over the same people

    @property
    def judged(self) -> bool | None:
        """Whether the range holds what it promises; None: too few to say."""
        return None if self.n < MIN_TOLD or self.inside is None else LEAST <= self.inside <= MOST


@dataclass(frozen=True, slots=True)
class Finished:
    at: datetime
    seconds: float


@dataclass(frozen=True, slots=True)
class Turned:
    """A ventanilla opened, paused or closed."""

    at: datetime
    ventanilla: int
    state: str


class SimpleCount:
    """The count anybody could make, instant by instant: people ahead x mean attention / open ventanillas."""

    def __init__(self, finished: Iterable[Finished], turned: Iterable[Turned]):
        """Both oldest first."""
        self._finished, self._turned = deque(finished), deque(turned)
        self._lately: deque[float] = deque(maxlen=OBSERVED)
        self._states: dict[int, str] = {}

    def at(self, now: datetime, ahead: int) -> float | None:
        """Seconds; asked in the order of time. None: nobody attended yet, or no ventanilla is open."""
        while self._finished and self._finished[0].at <= now:
            self._lately.append(self._finished.popleft().seconds)
        while self._turned and self._turned[0].at <= now:
            turn = self._turned.popleft()
            self._states[turn.ventanilla] = turn.state
        desks = sum(state == OPEN for state in self._states.values())
        return ahead * fmean(self._lately) / desks if desks and self._lately else None


def calibrate(told: Sequence[Told]) -> Calibration:
    if not told:
        return Calibration(0, None, None, None, None, None, None)
    both = [one for one in told if one.simple_s is not None]
    simple = median(abs(_simple(one) - one.true_s) for one in both) if both else None
    ours = median(abs(one.likely_s - one.true_s) for one in both) if both else None
    return Calibration(
        n=len(told),
        inside=fmean(one.low_s <= one.true_s <= one.high_s for one in told),
        below=fmean(one.true_s < one.low_s for one in told),
        above=fmean(one.true_s > one.high_s for one in told),
        error=median(abs(one.likely_s - one.true_s) for one in told) / 60,
        simple_error=simple / 60 if simple is not None else None,
        nearer=1 - ours / simple if ours is not None and simple else None,
    )


def week_of(at: datetime) -> date:
    """The Monday of its week, in Lima."""
    day = lima_day(at)
    return day - timedelta(days=day.weekday())


def _simple(one: Told) -> float:
    assert one.simple_s is not None, "only those that have a simple count are compared"
    return one.simple_s
