"""What is known about a job once a port has had it; nothing more is ever claimed."""

from __future__ import annotations

import errno
import socket
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """States of a print job. A port gives the three outcomes; the rest belong to its row."""

    QUEUED = "en_cola"
    SENDING = "enviando"
    CONFIRMED = "confirmada"
    NOT_SENT = "no_enviada"
    UNKNOWN = "desconocida"
    HELD = "retenida"
    EXPIRED = "vencida"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`confirmada`: the printer answered a status request queued after the cut. `no_enviada`: not one byte of the job left,
    it may be sent again. `desconocida`: some may have come out; only a person can tell. `detail` is for that person."""

    state: State
    detail: str
    sent_bytes: int = 0


WAITING = (State.QUEUED, State.NOT_SENT)


def settles(state: str, tried: int, attempt: int, outcome: Outcome) -> bool:
    """Whether a job in this state, tried so many times, still takes what came of that attempt: a late word, only while the
    job waits for one, because a person's answer stands."""
    if tried == attempt:
        return state in (State.SENDING, State.UNKNOWN)
    return tried == attempt - 1 and state in WAITING and outcome.state is State.NOT_SENT


@dataclass(frozen=True, slots=True)
class Health:
    """What a printer last said of itself. `problem` is None when it can print; `warning` what will soon stop it."""

    problem: str | None = None
    warning: str | None = None

    @property
    def kind(self) -> str:
        """The word for a printer's history."""
        return "problema" if self.problem else "aviso" if self.warning else "lista"


class NotReady(Exception):
    """The printer cannot take a job now; nothing of it was sent. The message is Spanish, for a person."""


_REASONS = {
    errno.ECONNREFUSED: "rechazó la conexión",
    errno.ECONNRESET: "cortó la conexión",
    errno.EPIPE: "cortó la conexión",
    errno.ETIMEDOUT: "no responde",
    errno.EHOSTUNREACH: "no hay red hasta ella",
    errno.ENETUNREACH: "no hay red hasta ella",
    errno.ENOENT: "no está conectada",
    errno.ENODEV: "no está conectada",
    errno.ENXIO: "no está conectada",
    errno.EACCES: "falta permiso para usarla",
    errno.EPERM: "falta permiso para usarla",
    errno.EBUSY: "otro programa la está usando",
    errno.ENOSPC: "no queda espacio",
    errno.EROFS: "solo se puede leer",
}


def reason(error: OSError) -> str:
    """Why a device failed, in words that go after "la impresora"."""
    if isinstance(error, TimeoutError):
        return "no responde"
    if isinstance(error, socket.gaierror):
        return "no se encuentra un equipo con ese nombre"
    return _REASONS.get(error.errno or 0, error.strerror or type(error).__name__)
