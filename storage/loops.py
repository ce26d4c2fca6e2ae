"""Work that a process does by itself, again and again, under a lease: of all processes on one database, one does it.

A `Loop` is one verb in one write, and that write checks the lease: a process that slept while another took over changes
nothing. A `Task` does more than one write or other I/O (a printer, a network); it checks with `fence` inside each write.
`leased=False`: every process does its own (writing out what it noted in memory)."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from uuid import uuid4

from sqlalchemy import Table
from sqlalchemy.orm import Session

from core.clock import now_utc
from storage.errors import Stopped, StoreError
from storage.leases import LeaseLost, release, still_holds, take
from storage.store import Store

LEASE = timedelta(seconds=30)  # how long a killed process's work waits for another
RENEW_S = 10.0
STOP_S = 10.0  # patience with a beat that is under way when the process stops

log = logging.getLogger(__name__)

Fence = Callable[[Session], None]


def holder_name(store: Store) -> str:
    """Who holds leases in this process. One server writes one SQLite file, so after a crash it is the same holder and
    does not wait for its own lease to end."""
    if store.dialect == "sqlite":
        return "servidor"
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{uuid4().hex[:8]}"


@dataclass(frozen=True, slots=True)
class Loop:
    name: str
    every_s: float
    verb: Callable[..., object]  # verb(session, now=now)


@dataclass(frozen=True, slots=True)
class Task:
    name: str
    every_s: float
    run: Callable[[Fence], object]  # fence(session), called first in each write, raises LeaseLost
    leased: bool = True


class Runner:
    """Runs loops and tasks, a thread each (a greenlet under gevent), from `start` to `stop`."""

    def __init__(self, store: Store, leases: Table, work: Sequence[Loop | Task], *, holder: str | None = None):
        self._store, self._leases, self._work = store, leases, work
        self._holder = holder or holder_name(store)
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        for work in self._work:
            thread = threading.Thread(target=self._beat, args=(work,), name=f"loop-{work.name}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Finish the beats under way and let other processes take over at once."""
        self._stopping.set()
        until = monotonic() + STOP_S
        for thread in self._threads:
            thread.join(max(0.0, until - monotonic()))

    def _beat(self, work: Loop | Task) -> None:
        turn = _Turn(self._store, self._leases, work, self._holder)
        while not self._stopping.wait(work.every_s):
            try:
                turn.run()
            except Stopped:
                return
            except LeaseLost:
                log.info("%s was taken over by another process", work.name)
            except StoreError as error:
                log.warning("%s will try again: %s", work.name, error)
            except Exception:
                log.exception("%s failed; it goes on", work.name)
        turn.end()


class _Turn:
    """One process's hold on one piece of work."""

    def __init__(self, store: Store, leases: Table, work: Loop | Task, holder: str):
        self._store, self._leases, self._work, self._holder = store, leases, work, holder
        self._fence: int | None = None
        self._renew_at = 0.0

    def run(self) -> None:
        if isinstance(self._work, Task) and not self._work.leased:
            self._work.run(lambda session: None)
        elif self._holds():
            try:
                if isinstance(self._work, Loop):
                    self._store.write(self._once, now=now_utc())
                else:
                    self._work.run(self._check)
            except LeaseLost:
                self._fence = None
                raise

    def end(self) -> None:
        if self._fence is not None:
            named = {"name": self._work.name, "holder": self._holder}
            try:
                self._store.write(release, self._leases, now=now_utc(), **named)
            except StoreError as error:
                log.warning("%s keeps its lease until it ends: %s", self._work.name, error)

    def _holds(self) -> bool:
        if self._fence is None or monotonic() >= self._renew_at:
            named = {"name": self._work.name, "holder": self._holder}
            self._fence = self._store.write(take, self._leases, now=now_utc(), lasts=LEASE, **named)
            self._renew_at = monotonic() + RENEW_S
        return self._fence is not None

    def _check(self, session: Session) -> None:
        assert self._fence is not None
        still_holds(session, self._leases, name=self._work.name, fence=self._fence)

    def _once(self, session: Session, **kw: object) -> None:
        self._check(session)
        assert isinstance(self._work, Loop)
        self._work.verb(session, **kw)
