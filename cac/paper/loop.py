"""The spool of a server process: a worker for each printer it may serve, under a lease of that printer.

Each worker runs in a thread (a greenlet under gevent); what touches the device runs in a native thread of its own, so a
stalled printer stops neither the server nor another printer."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import Any

from flask import Flask

from cac.base import loop_leases
from cac.paper import actions, bell, queries
from core.clock import now_utc
from printing.outcome import Health, Outcome
from printing.ports import open_port
from printing.spool import Job, Worker
from storage import Stopped, Store
from storage.leases import LeaseLost, release, still_holds, take
from storage.loops import Task, holder_name
from web.serving import own_thread

LEASE = timedelta(seconds=45)  # longer than a job takes
RENEW_S = 10.0
BEAT_S = 2.0  # a new printer, or a new address of one, is served this soon
EXPIRE_S = 60.0
STOP_S = 20.0  # patience with the job at hand when the process stops

log = logging.getLogger(__name__)


@dataclass(slots=True)
class PrinterJobs:
    """The rows of one printer as its worker sees them. Each write checks the lease: a worker that slept while another
    took over sends nothing."""

    store: Store
    printer_id: int
    holder: str
    only: int | None = None  # a command prints just its own job
    _fence: int | None = None
    _renew_at: float = 0.0

    @property
    def lease(self) -> str:
        return f"printer:{self.printer_id}"

    def recover(self) -> None:
        self._fence, self._renew_at = None, 0.0  # the next hold recovers

    def claim(self) -> Job | None:
        if not self.hold():
            return None
        with self.store.read() as session:
            if self.only is not None:
                return queries.waiting_job(session, self.only)
            return queries.next_job(session, self.printer_id, now=now_utc())

    def mark(self, job: Job) -> bool:
        try:
            return self.store.write(self._fenced, actions.mark_sending, int(job.id), attempt=job.attempt, now=now_utc())
        except LeaseLost:
            self._fence = None
            return False

    def result(self, job: Job, outcome: Outcome) -> None:
        self.store.write(actions.keep_result, int(job.id), outcome, attempt=job.attempt, now=now_utc())

    def health(self, health: Health) -> None:
        self.store.write(actions.note_health, self.printer_id, health, now=now_utc())

    def hold(self) -> bool:
        """Whether this process serves the printer now; on taking it over, settles what the last one left."""
        if self._fence is not None and monotonic() < self._renew_at:
            return True
        before = self._fence
        now = now_utc()
        named = {"name": self.lease, "holder": self.holder}
        self._fence = self.store.write(take, loop_leases, now=now, lasts=LEASE, **named)
        self._renew_at = monotonic() + RENEW_S
        if self._fence is not None and self._fence != before and self.only is None:
            self.store.write(self._fenced, actions.recover, self.printer_id, now=now)
        return self._fence is not None

    def let_go(self) -> None:
        if self._fence is not None:
            self._fence = None
            self.store.write(release, loop_leases, name=self.lease, holder=self.holder, now=now_utc())

    def _fenced(self, session: Any, verb: Callable[..., Any], *args: Any, **kw: Any) -> Any:
        if self._fence is None:
            raise LeaseLost()
        still_holds(session, loop_leases, name=self.lease, fence=self._fence)
        return verb(session, *args, **kw)


@dataclass(slots=True)
class _Served:
    url: str
    jobs: PrinterJobs
    worker: Worker
    thread: threading.Thread


@dataclass(slots=True)
class Spool:
    """All the printers that this process serves. `beat` follows the printers' table; `stop` finishes the jobs at hand."""

    store: Store
    holder: str = ""
    _served: dict[int, _Served] = field(default_factory=dict)
    _expire_at: float = 0.0

    def __post_init__(self) -> None:
        self.holder = self.holder or holder_name(self.store)

    def task(self) -> Task:
        return Task("paper.spool", BEAT_S, lambda fence: self.beat(), leased=False)

    def beat(self) -> None:
        """Start, change and end workers as printers come, change and go; let old papers expire."""
        now = now_utc()
        with self.store.read() as session:
            wanted = queries.served_here(session)
            late = monotonic() >= self._expire_at and queries.has_expired(session, now=now)
        if late:
            self.store.write(actions.expire, now=now)
        self._expire_at = monotonic() + EXPIRE_S if not late else 0.0
        for printer_id, served in list(self._served.items()):
            if wanted.get(printer_id, ("", ""))[1] != served.url:
                self._end(printer_id)
        for printer_id, (name, url) in wanted.items():
            if printer_id not in self._served:
                self._begin(printer_id, name, url)

    def stop(self) -> None:
        """No new jobs; those at hand are finished and their results stored."""
        for served in self._served.values():
            served.worker.stop()
        for printer_id in list(self._served):
            self._end(printer_id)

    def state(self) -> dict[str, Any]:
        """For `/health`: which printers cannot print, in their own words."""
        with self.store.read() as session:
            troubles = queries.troubles(session)
        if not self._served:
            return {"ok": not troubles, "printers": troubles, "reason": "este proceso no atiende impresoras"}
        return {"ok": not troubles, "printers": troubles}

    def _begin(self, printer_id: int, name: str, url: str) -> None:
        jobs = PrinterJobs(self.store, printer_id, self.holder)
        worker = Worker(jobs, open_port(url), run=own_thread(), on_error=partial(_log_error, name))
        thread = threading.Thread(target=_serve, args=(jobs, worker), name=f"printer-{name}", daemon=True)
        self._served[printer_id] = _Served(url, jobs, worker, thread)
        bell.listen(printer_id, worker.wake)
        thread.start()

    def _end(self, printer_id: int) -> None:
        served = self._served.pop(printer_id)
        bell.forget(printer_id, served.worker.wake)
        served.worker.stop()
        served.thread.join(STOP_S)


def start_spool(app: Flask, store: Store) -> None:
    """Give the server process its spool: begun with the loops, ended with them, asked by /health."""
    spool = Spool(store)
    app.extensions["health.spool"] = spool.state
    app.extensions.setdefault("tasks", []).append(spool.task())
    app.extensions.setdefault("at_stop", []).append(spool.stop)


def _serve(jobs: PrinterJobs, worker: Worker) -> None:
    worker.loop()
    try:
        jobs.let_go()
    except Stopped:
        log.info("the store closed before the lease of %s was given back", jobs.lease)


def _log_error(printer: str, error: Exception) -> None:
    log.warning("printer %s will try again: %s: %s", printer, type(error).__name__, error)
