"""Wrong tries of public tracking: few for one number from one address, many for an address.

They are kept in memory: a try is worth no write, and who knows the key is never counted. Ten thousand addresses are
remembered; beyond it the oldest is forgotten."""

from __future__ import annotations

from collections import OrderedDict, deque
from datetime import datetime, timedelta
from threading import Lock

from core.errors import TooMany

WINDOW = timedelta(minutes=15)
PER_NUMBER = 5
PER_ADDRESS = 60  # a cabin or a family shares one address
REMEMBERED = 10_000


class WrongTries:
    def __init__(self) -> None:
        self._at: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._lock = Lock()

    def note(self, address: str, number: str, *, now: datetime) -> None:
        """One more wrong try. Raises TooMany once they are used up."""
        with self._lock:
            of_number = self._add(f"{address} {number}", PER_NUMBER, now)
            of_address = self._add(address, PER_ADDRESS, now)
        if of_number > PER_NUMBER or of_address > PER_ADDRESS:
            raise TooMany(retry_after_s=int(WINDOW.total_seconds()))

    def _add(self, key: str, limit: int, now: datetime) -> int:
        tries = self._at.setdefault(key, deque(maxlen=limit + 1))
        self._at.move_to_end(key)
        while tries and tries[0] <= now - WINDOW:
            tries.popleft()
        tries.append(now)
        if len(self._at) > REMEMBERED:
            self._at.popitem(last=False)
        return len(tries)
