"""What nobody should have to remember at a till: answers kept for repeated requests are forgotten after their 48 hours."""

from __future__ import annotations

import logging
import threading

from cabinas.base import replies
from core.clock import now_utc
from storage import Store, StoreError
from storage.idempotency import MAX_PURGED, purge

EVERY_S = 3600.0

log = logging.getLogger(__name__)


class UpkeepLoop:
    def __init__(self, store: Store):
        self._store = store
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="upkeep", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join(5)

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                done = self._store.write(purge, replies, now=now_utc())
            except StoreError as error:
                log.warning("upkeep: %s", error)
                done = 0
            if done < MAX_PURGED:
                self._stopped.wait(EVERY_S)
