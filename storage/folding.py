"""SQLite's WAL folded back into the database beside the writer.

By itself SQLite does it in the COMMIT that passes the limit: two or three fsyncs more, while everybody behind that batch waits. A
connection of its own does the same without the write lock. Nothing is less durable: a commit is in the WAL and on the disk before
it is answered, whoever folds it and whenever."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy import make_url
from sqlcipher3 import dbapi2 as sqlcipher

from storage.engine import unlock

FOLD_PAGES = 1_000  # as SQLite does by itself
GUARD_PAGES = 10_000  # beyond it the writer does it: who folds is dead, or commits never let it finish
PAUSE_S = 0.05  # between two looks

log = logging.getLogger(__name__)


class Folding:
    """`run(function, args)` says in which thread its SQL runs: never the writer's."""

    def __init__(self, url: str, key: str | None, run: Callable[..., Any]):
        self._database, self._key, self._run = make_url(url).database or "", key, run
        self._link: Any = None  # from the first commit on
        self._committed, self._stopped = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._loop, name="store-folding", daemon=True)
        self._thread.start()

    def committed(self) -> None:
        """The writer wrote: it may be time."""
        self._committed.set()

    def close(self) -> None:
        self._stopped.set()
        self._committed.set()
        self._thread.join()
        if self._link is not None:
            self._link.close()

    def _loop(self) -> None:
        while self._committed.wait() and not self._stopped.is_set():
            self._committed.clear()
            self._run(self._fold, ())
            self._stopped.wait(PAUSE_S)

    def _fold(self) -> None:
        try:
            self._link = self._link or self._open()
            _, written, folded = self._link.execute("PRAGMA wal_checkpoint(NOOP)").fetchone()
            if written - folded >= FOLD_PAGES:
                self._link.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        except sqlcipher.Error:  # a full disk: the next commit tells who must know
            log.warning("the WAL was not folded", exc_info=True)

    def _open(self) -> Any:
        link = sqlcipher.connect(self._database, isolation_level=None, check_same_thread=False)
        unlock(link, self._key)
        link.execute("PRAGMA synchronous = FULL")  # the WAL is on the disk before the database changes
        return link
