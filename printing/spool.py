"""The spool worker: one a printer, one job at a time, told by a port what is known and never claiming more.

The jobs live in somebody's rows (the centre's, a cabin's, the agent's over HTTP) behind `JobSource`."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from printing.link import Link, Port
from printing.outcome import Health, NotReady, Outcome, State

POLL_S = 1.0
CHECK_S = 4.0  # a pulled cable is noticed within five seconds, not by the next customer
RETRY_S = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
SETTLE_RETRY_S = 2.0
LATE_S = 60.0  # a printer refilled or closed again within this says how its job ended
LATE_BEHIND_S = 15.0  # no longer when other papers wait behind it
LATE_SLICE_S = 0.5

Run = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Job:
    """`id` names the job on every retry; `attempt` is the number of this try, from 1."""

    id: str
    data: bytes
    attempt: int = 1


class JobSource(Protocol):
    """The rows of one printer's jobs. Every method is durable when it returns."""

    def recover(self) -> None:
        """At start: what was being sent when the last worker died is now `desconocida`."""

    def claim(self) -> Job | None:
        """The next job that may be printed now; nothing is promised yet."""

    def mark(self, job: Job) -> bool:
        """Before its first byte, `enviando` by a conditional write; False when another took it or it was withdrawn."""

    def result(self, job: Job, outcome: Outcome) -> None:
        """What is known of it. `no_enviada` leaves it to be claimed again."""

    def health(self, health: Health) -> None:
        """The printer's own word, told only when it changes."""


def directly(call: Callable[..., Any], *args: Any) -> Any:
    return call(*args)


@dataclass(slots=True)
class Worker:
    """`run` carries the calls that touch the device: a server on one loop gives them a thread of this printer's own."""

    source: JobSource
    port: Port
    run: Run = directly
    on_error: Callable[[Exception], None] = lambda error: None
    failures: int = 0
    _wake: threading.Event = field(default_factory=threading.Event)
    _stopped: threading.Event = field(default_factory=threading.Event)
    _health: Health | None = None
    _checked_at: float = -CHECK_S

    def wake(self) -> None:
        """There may be a job. Safe from any thread."""
        self._wake.set()

    def stop(self) -> None:
        """Finish the job at hand and return from `loop`."""
        self._stopped.set()
        self._wake.set()

    @property
    def stopped(self) -> bool:
        return self._stopped.is_set()

    def loop(self) -> None:
        """Until stopped. A source that fails (a busy database, a dead link) is asked again later."""
        recovered = False
        while not self.stopped:
            self._wake.clear()
            try:
                if not recovered:
                    self.source.recover()
                    recovered = True
                pause = 0.0 if self.step() else self._idle()
            except Exception as error:  # the loop outlives whatever its source suffers
                self.on_error(error)
                recovered, pause = False, SETTLE_RETRY_S
            if self.failures:
                pause = max(pause, RETRY_S[min(self.failures, len(RETRY_S)) - 1])
                self._stopped.wait(pause)
            elif pause:
                self._wake.wait(pause)

    def step(self) -> bool:
        """Print at most one job; whether there was one."""
        job = self.source.claim()
        if job is None:
            self.failures = 0
            return False
        try:
            link = self.run(self.port.open)
        except NotReady as problem:
            self._settle(job, Outcome(State.NOT_SENT, str(problem)))
            self._tell(Health(problem=str(problem)))
            self.failures += 1
            return True
        try:
            if not self.source.mark(job):
                return True
            outcome = self.run(link.send, job.id, job.data)
            self._report(job, outcome)
            if outcome.state is State.UNKNOWN:
                self._listen(job, link)
        finally:
            self.run(link.close)
        return True

    def _report(self, job: Job, outcome: Outcome) -> None:
        self._settle(job, outcome)
        confirmed = outcome.state is State.CONFIRMED
        self.failures = self.failures + 1 if outcome.state is State.NOT_SENT else 0
        self._checked_at = time.monotonic()
        self._tell(replace(self._health or Health(), problem=None if confirmed else outcome.detail))

    def _listen(self, job: Job, link: Link) -> None:
        """A person is already asked; a late word of the printer may still answer first."""
        begun = time.monotonic()
        while link.hears and not self.stopped and (waited := time.monotonic() - begun) < LATE_S:
            said = self.run(link.late, LATE_SLICE_S)
            if said is not None:
                return self._report(job, said)
            if waited >= LATE_BEHIND_S and self.source.claim() is not None:
                return None
        return None

    def _settle(self, job: Job, outcome: Outcome) -> None:
        """The result must arrive: a worker that forgot it would have to ask a person about paper it saw come out."""
        while True:
            try:
                return self.source.result(job, outcome)
            except Exception as error:  # as in loop
                self.on_error(error)
                if self._stopped.wait(SETTLE_RETRY_S):
                    return None

    def _idle(self) -> float:
        """Ask the printer how it is from time to time; how long to wait for a job."""
        if time.monotonic() - self._checked_at >= CHECK_S:
            try:
                health = self.run(self.port.check)
            except NotReady as problem:
                health = Health(problem=str(problem))
            self._checked_at = time.monotonic()
            self._tell(health)
        return POLL_S

    def _tell(self, health: Health) -> None:
        if health != self._health:
            self.source.health(health)
            self._health = health
