"""The loop that talks with the centre: by itself, for ever, never over 30 s between tries."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from datetime import datetime

from cabinas.device import Device
from cabinas.enrolment.queries import NotPaired
from cabinas.sync import actions, queries
from cabinas.sync.client import LinkDown, Talk, offset_s
from cabinas.sync.pulling import take_back
from core.clock import now_utc
from core.wire import MAX_BACKOFF_S, POLL_S, Event
from storage import Store, StoreError

GATHER_S = 0.2  # after an event: what follows at once goes in the same batch
FIRST_RETRY_S = 1.0

log = logging.getLogger(__name__)


class SyncLoop:
    """`failing_since` and `problem` are of now and for people; what must last is in the database."""

    def __init__(
        self,
        store: Store,
        device: Device,
        *,
        talk: Talk,
        clock: Callable[[], datetime] = now_utc,
        poll_s: float = POLL_S,
    ):
        self._store, self._device, self._talk, self._clock, self._poll_s = store, device, talk, clock, poll_s
        self._wake, self._stopped = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self.failing_since: datetime | None = None
        self.problem = ""
        self.tried = False
        self._unsure: Event | None = None  # the last event of a batch that nobody knows to have arrived
        device.on_event = self._wake.set

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="sync", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(5)
        self._talk.close()

    def exchange(self) -> bool:
        """One batch out, its answer in; True when there is more to send. Raises LinkDown, NotPaired, StoreError.

        After a batch whose answer was lost the centre is asked first whether it holds that batch's last event: on a bad link a
        question is cheap. By its hash, for another PC may have gone on with a copy of this disk."""
        with self._store.read() as session:
            out = queries.outgoing(session, machine=self._device.machine, asking=self._unsure, now=self._clock())
        self._unsure = out.batch.events[-1] if out.batch.events else self._unsure
        reply = self._talk.send(out.batch, centre_url=out.centre_url, centre_key=out.centre_key)
        now = self._clock()
        more = self._store.write(
            actions.take_reply,
            reply,
            offset_s=offset_s(out.batch, reply, now),
            device=self._device,
            proven=out.batch.asked_seq == 0 or reply.asked_held,
            now=now,
        )
        self._unsure = None
        return self._pull_back() or more

    def _pull_back(self) -> bool:
        """One step of what this database lacks of the cabin's own history; True when there may be more."""
        with self._store.read() as session:
            wanted = queries.missing(session)
        if wanted is None:
            return False
        reply = self._talk.pull(wanted.request, centre_url=wanted.centre_url, centre_key=wanted.centre_key)
        return self._store.write(
            take_back,
            reply.events,
            epoch=reply.epoch,
            device_key=wanted.device_key,
            device=self._device,
            now=self._clock(),
        )

    def _run(self) -> None:
        failures = 0
        while not self._stopped.is_set():
            self._wake.clear()
            try:
                more = self.exchange()
                failures, self.failing_since, self.problem, self.tried = 0, None, "", True
                if not more and self._wake.wait(self._poll_s):
                    self._stopped.wait(GATHER_S)
            except (LinkDown, StoreError, NotPaired) as error:
                failures += 1
                self._failed(str(error))
                self._stopped.wait(backoff_s(failures))
            except Exception:  # the till must go on talking whatever one exchange suffered
                log.exception("sync failed")
                failures += 1
                self._failed("error interno")
                self._stopped.wait(backoff_s(failures))

    def _failed(self, problem: str) -> None:
        self.failing_since = self.failing_since or self._clock()
        self.problem, self.tried = problem, True


def backoff_s(failures: int) -> float:
    """Seconds to wait after so many failures in a row: doubling, with jitter, never over MAX_BACKOFF_S."""
    longest = min(MAX_BACKOFF_S, FIRST_RETRY_S * 2 ** min(failures - 1, 10))
    return longest * random.uniform(0.5, 1.0)
