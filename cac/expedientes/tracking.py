"""Public tracking, for the API and the page: the key of the cargo opens a case, wrong tries are limited.

Few for one number from one address, many for an address. They are kept in memory: a try is worth no write, and who knows
the key is never counted. Ten thousand addresses are remembered; beyond it the oldest is forgotten."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from cac.expedientes import queries
from cac.expedientes.papers import Letterhead, cargo
from cac.sync.queries import in_verification
from core.clock import lima_day
from core.errors import TooMany
from core.ids import ExpedienteNumber, normalize_key
from printing.papers import CargoPaper
from storage import Store

WINDOW = timedelta(minutes=15)
PER_NUMBER = 5
PER_ADDRESS = 60  # a cabin or a family shares one address
REMEMBERED = 10_000

Found = TypeVar("Found")


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


class Tracking:
    """What a citizen may ask with number and key, from `address`. One in a process: `app.extensions["tracking"]`."""

    def __init__(self, store: Store):
        self._store, self._tries = store, WrongTries()

    def case(self, number: str, key: str, *, address: str, now: datetime) -> dict[str, Any]:
        """Where the case is and what is next: `queries.track`. Raises NotTracked, TooMany."""
        return self._try(_case, number, key, address=address, now=now)

    def cargo(self, number: str, key: str, *, address: str, letterhead: Letterhead, now: datetime) -> CargoPaper:
        """Its cargo, to be drawn as a PDF. Raises NotTracked, TooMany."""

        def read(session: Session, number: str, key: str, now: datetime) -> CargoPaper:
            return cargo(session, queries.tracked_number(session, number, key), letterhead=letterhead)

        return self._try(read, number, key, address=address, now=now)

    def _try(
        self,
        read: Callable[[Session, str, str, datetime], Found],
        number: str,
        key: str,
        *,
        address: str,
        now: datetime,
    ) -> Found:
        try:
            with self._store.read() as session:
                return read(session, number, key, now)
        except queries.NotTracked:
            self._tries.note(address, _same_spelling(number), now=now)
            raise


def _case(session: Session, number: str, key: str, now: datetime) -> dict[str, Any]:
    try:
        return queries.track(session, number, key, today=lima_day(now))
    except queries.NotTracked:
        held = in_verification(session, _same_spelling(number), key=normalize_key(key))
        if held is None:
            raise
        return queries.being_verified(held.number, f"Cabina {held.cabina}", held.received_at)


def _same_spelling(number: str) -> str:
    """One number is one number however it is typed."""
    try:
        return str(ExpedienteNumber.parse(number))
    except ValueError:
        return number[:40]
