"""Asking a printer how it is before a job, and whether it got to the end after it.

Source: ESC/POS command reference. DLE EOT n is answered at once, out of turn; GS r 1 waits its turn in the printer's
buffer, so its answer after the cut says that everything before it was processed."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Protocol

from printing.outcome import Health, NotReady, Outcome, State, reason

ASK_OFFLINE_CAUSE, ASK_PAPER = b"\x10\x04\x02", b"\x10\x04\x04"
ASK_AFTER_THE_CUT = b"\x1dr\x01"

PREFLIGHT_S = 1.0
PREFLIGHT_MUTE_S = 0.2  # a printer that did not answer the first time is not waited for again
CHUNK_BYTES = 4096
BARRIER_S = 10.0
SLOWEST_BYTES_PER_S = 480  # half of 9600 baud


LOW_PAPER = "A la impresora le queda poco papel."
SILENT = Health(warning="La impresora no dice cómo está: después de cada papel se preguntará a una persona si salió.")


class MayHaveLeft(OSError):
    """A write failed and the device does not say how many of its bytes it took: nobody may call them not sent."""


class Stream(Protocol):
    """Bytes to and from a device. `write` returns how many were taken, at least one; `read` returns b"" when nothing came
    in time. Both raise OSError (TimeoutError is one) when the device fails or goes; MayHaveLeft where some of a failed
    write may have arrived."""

    def write(self, data: bytes, timeout_s: float) -> int: ...

    def read(self, timeout_s: float) -> bytes: ...

    def close(self) -> None: ...


@dataclass(slots=True)
class Answers:
    """Sorts what a printer says: real-time answers, the queued one, and automatic status, which is four bytes."""

    realtime: list[int]
    queued: list[int]
    asb_left: int = 0

    @classmethod
    def none(cls) -> Answers:
        return cls([], [])

    def take(self, data: bytes) -> None:
        for byte in data:
            if self.asb_left and byte & 0x90 == 0x00:
                self.asb_left -= 1
            elif byte & 0x93 == 0x12:
                self.realtime.append(byte)
            elif byte & 0x93 == 0x10:
                self.asb_left = 3
            elif byte & 0x90 == 0x00:
                self.queued.append(byte)


def preflight(stream: Stream, wait_s: float) -> tuple[Health, int]:
    """(what it says, how many of the two answers are still owed). Raises NotReady when it says that it cannot print."""
    answers = Answers.none()
    try:
        _write_all(stream, ASK_OFFLINE_CAUSE + ASK_PAPER, time.monotonic() + wait_s)
        until = time.monotonic() + wait_s
        while len(answers.realtime) < 2 and (left := until - time.monotonic()) > 0:
            answers.take(stream.read(left))
    except OSError as error:
        raise NotReady(f"La impresora cortó la comunicación antes de empezar ({reason(error)}).") from error
    health = read_health(answers.realtime) if len(answers.realtime) == 2 else SILENT
    if health.problem:
        raise NotReady(health.problem)
    return health, 2 - len(answers.realtime)


def read_health(realtime: list[int]) -> Health:
    """The answers to DLE EOT 2 and DLE EOT 4, in words."""
    cause, paper = realtime
    if paper & 0x60 or cause & 0x20:
        return Health(problem="La impresora no tiene papel.")
    if cause & 0x04:
        return Health(problem="La impresora tiene la tapa abierta.")
    if cause & 0x40:
        return Health(problem="La impresora señala un error. Apáguela y vuelva a encenderla.")
    return Health(warning=LOW_PAPER if paper & 0x0C else None)


def send(stream: Stream, data: bytes, *, answers: bool, owed: int = 0) -> Outcome:
    """Send a whole job and wait for the answer queued behind it. `owed` real-time answers may still arrive first."""
    return Exchange(stream, answers, owed).send(data)


@dataclass(slots=True)
class Exchange:
    """One job on one stream: its bytes, then the printer's word, in time or late."""

    stream: Stream
    answers: bool
    owed: int = 0
    wait_s: float | None = None  # for the answer behind the job; BARRIER_S
    sent: int = 0
    open: bool = False  # the question behind the job was asked and its answer may still come
    _heard: Answers = field(default_factory=Answers.none)

    def send(self, data: bytes) -> Outcome:
        wait_s = BARRIER_S if self.wait_s is None else self.wait_s
        deadline = time.monotonic() + wait_s + len(data) / SLOWEST_BYTES_PER_S
        try:
            while self.sent < len(data):
                chunk = data[self.sent : self.sent + CHUNK_BYTES]
                self.sent += self.stream.write(chunk, deadline - time.monotonic())
        except MayHaveLeft as error:
            return self._unknown(f"La comunicación se cortó mientras imprimía ({reason(error)}).")
        except OSError as error:
            if self.sent == 0:
                return Outcome(State.NOT_SENT, f"La impresora no recibió nada ({reason(error)}).")
            return self._unknown(f"La comunicación se cortó a la mitad ({reason(error)}).")
        if not self.answers:
            return self._unknown("Esta impresora no avisa cuando termina.")
        try:
            _write_all(self.stream, ASK_AFTER_THE_CUT, deadline)
            self.open = True
            said = self._answer(deadline)
        except OSError as error:
            self.open = False
            return self._unknown(f"La comunicación se cortó antes de que la impresora contestara ({reason(error)}).")
        return said or self._unknown("La impresora no contestó a tiempo.")

    def late(self, wait_s: float) -> Outcome | None:
        """After the deadline: its word, if it comes within `wait_s`. A printer refilled with paper goes on and answers."""
        try:
            return self._answer(time.monotonic() + wait_s)
        except OSError:
            self.open = False
            return None

    def _answer(self, deadline: float) -> Outcome | None:
        while (left := deadline - time.monotonic()) > 0:
            self._heard.take(self.stream.read(left))
            # Some clones answer GS r with the shape of a real-time answer: believed only when none of those is owed.
            answer = self._heard.queued[:1] or self._heard.realtime[self.owed : self.owed + 1]
            if answer and not self._heard.asb_left:
                self.open = False
                if answer == self._heard.queued[:1] and answer[0] & 0x0C:
                    return self._unknown("El papel se acabó durante la impresión.")
                return Outcome(State.CONFIRMED, "La impresora confirmó.", self.sent)
        return None

    def _unknown(self, detail: str) -> Outcome:
        return Outcome(State.UNKNOWN, detail, self.sent)


def _write_all(stream: Stream, data: bytes, deadline: float) -> None:
    while data:
        data = data[stream.write(data, deadline - time.monotonic()) :]
