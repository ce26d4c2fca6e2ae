"""The access log of personal data: noted at once in memory, written together a second later.

A look must not cost a write of its own; a cut loses at most the last second of looks, never a change."""

from __future__ import annotations

from collections import OrderedDict, deque
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import insert
from sqlalchemy.orm import Session

from cac.audit.models import ReadEntry
from storage import Store
from web.access import Principal, current_principal

EVERY_S = 1.0
MAX_WAITING = 20_000  # looks kept in memory; beyond it the oldest are dropped, which a full disk alone can cause
SAME_LOOK = timedelta(minutes=1)  # a page that refreshes itself is one look

_APPEND = insert(ReadEntry)


class ReadLog:
    """Looks not yet written. `note` is called by routes, `flush` by one loop and at the end of the process."""

    def __init__(self, store: Store):
        self._store = store
        self._waiting: deque[dict[str, object]] = deque(maxlen=MAX_WAITING)
        self._noted: OrderedDict[tuple[str, str], datetime] = OrderedDict()

    def note(self, principal: Principal, subject: str, *, now: datetime) -> None:
        """`principal` was shown `subject`, e.g. `expediente:2026-MPA-000124-7`; once a minute is enough."""
        look = (principal.key, subject)
        if (before := self._noted.get(look)) is not None and before <= now < before + SAME_LOOK:
            return
        self._noted[look] = now
        self._noted.move_to_end(look)
        if len(self._noted) > MAX_WAITING:
            self._noted.popitem(last=False)
        self._waiting.append({"at": now, "principal": principal.key, "name": principal.name, "subject": subject})

    def flush(self) -> int:
        """Write what waits; returns how many. What cannot be written stays waiting."""
        rows = [self._waiting.popleft() for _ in range(len(self._waiting))]
        if rows:
            try:
                self._store.write(_append, rows)
            except BaseException:
                self._waiting.extendleft(reversed(rows))
                raise
        return len(rows)


def looked_at(subject: str, *, now: datetime) -> None:
    """Who asks now is shown `subject`: for routes that show a person's data or a case to staff."""
    reads: ReadLog = current_app.extensions["reads"]
    reads.note(current_principal(), subject, now=now)


def _append(session: Session, rows: list[dict[str, object]]) -> None:
    session.execute(_APPEND, rows)
