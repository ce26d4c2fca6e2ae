"""How many wrong PINs a login may give: five a minute. In memory: a till that restarts forgives."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

TRIES_MAX = 5
WINDOW = timedelta(minutes=1)
LOGINS_MAX = 1_000  # remembered at once


class Tries:
    def __init__(self) -> None:
        self._wrong: dict[str, deque[datetime]] = {}

    def note(self, login: str, now: datetime) -> None:
        if len(self._wrong) >= LOGINS_MAX:
            self._wrong.clear()
        self._wrong.setdefault(login, deque(maxlen=TRIES_MAX)).append(now)

    def exhausted(self, login: str, now: datetime) -> bool:
        wrong = self._wrong.get(login)
        return wrong is not None and len(wrong) >= TRIES_MAX and now - wrong[0] < WINDOW
