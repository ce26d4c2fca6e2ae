"""The cabin's side of the spool worker: its rows behind `printing.spool.JobSource`, and a thread for its printer."""

from __future__ import annotations

import logging
import threading

from cabinas.device import Device
from cabinas.paper import actions, queries
from core.clock import now_utc
from printing.outcome import Health, Outcome
from printing.ports import open_port
from printing.spool import Job, Run, Worker, directly
from storage import Store

log = logging.getLogger(__name__)


class TillJobs:
    """Jobs of this till's printer. `last_health` is what the printer last said, for the page."""

    def __init__(self, store: Store):
        self._store = store
        self.last_health: Health | None = None

    def recover(self) -> None:
        self._store.write(actions.recover, now=now_utc())

    def claim(self) -> Job | None:
        with self._store.read() as session:
            return queries.next_job(session, now=now_utc())

    def mark(self, job: Job) -> bool:
        return self._store.write(actions.mark_sending, int(job.id), attempt=job.attempt, now=now_utc())

    def result(self, job: Job, outcome: Outcome) -> None:
        self._store.write(actions.keep_result, int(job.id), outcome, attempt=job.attempt, now=now_utc())

    def health(self, health: Health) -> None:
        self.last_health = health
        self._store.write(actions.note_health, health, now=now_utc())


class Spooler:
    """The worker of this till's printer, in a thread of its own; idle when there is no printer."""

    def __init__(self, store: Store, device: Device, *, url: str | None, run: Run = directly):
        self.jobs = TillJobs(store)
        self._thread: threading.Thread | None = None
        self._worker: Worker | None = None
        if url:
            self._worker = Worker(self.jobs, open_port(url), run)
            self._worker.on_error = lambda error: log.warning("spool: %s", error)
            device.on_job = self._worker.wake

    def use(self, url: str) -> None:
        """From its next paper on the printer is as this address says."""
        if self._worker is not None:
            self._worker.port = open_port(url)

    @property
    def words(self) -> str:
        """The printer's state for the till's bar."""
        if self._worker is None:
            return "Sin impresora"
        health = self.jobs.last_health
        if health is None:
            return "Impresora por comprobar"
        return health.problem or health.warning or "Impresora lista"

    @property
    def ready(self) -> bool:
        health = self.jobs.last_health
        return self._worker is not None and health is not None and health.problem is None

    def start(self) -> None:
        if self._worker is not None:
            self._thread = threading.Thread(target=self._worker.loop, name="spool", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        if self._worker is not None and self._thread is not None:
            self._worker.stop()
            self._thread.join(10)
