"""Wrong tries in a sliding window, kept in the memory of one process: enough to make guessing hopeless, no more."""

from __future__ import annotations

from collections import OrderedDict, deque
from datetime import datetime, timedelta

MAX_KEYS = 10_000  # the one that tried longest ago is forgotten first


class Tries:
    """`limit` wrong tries of a key (an address, a number) within `window`."""

    def __init__(self, *, limit: int, window: timedelta):
        self._limit, self._window = limit, window
        self._of: OrderedDict[str, deque[datetime]] = OrderedDict()

    def too_many(self, key: str, *, now: datetime) -> bool:
        tries = self._of.get(key)
        while tries and tries[0] <= now - self._window:
            tries.popleft()
        return tries is not None and len(tries) >= self._limit

    def note(self, key: str, *, now: datetime) -> None:
        """One more wrong try."""
        self._of.setdefault(key, deque(maxlen=self._limit)).append(now)
        self._of.move_to_end(key)
        while len(self._of) > MAX_KEYS:
            self._of.popitem(last=False)
