"""What the worker asks of any printer: a port that is a description, and a link for one job."""

from __future__ import annotations

from typing import Protocol

from printing.outcome import Health, Outcome


class Link(Protocol):
    """One printer, open, for one job."""

    def send(self, job_id: str, data: bytes) -> Outcome: ...

    @property
    def hears(self) -> bool:
        """Whether a word on a job whose outcome is unknown may still come."""

    def late(self, wait_s: float) -> Outcome | None:
        """That word, if it comes within `wait_s`."""

    def close(self) -> None: ...


class SaysNoMore:
    """A link whose first word is its last."""

    __slots__ = ()

    @property
    def hears(self) -> bool:
        return False

    def late(self, wait_s: float) -> Outcome | None:
        return None

    def close(self) -> None:
        pass


class Port(Protocol):
    """`open` raises NotReady when nothing can be sent. `check` asks how the printer is, without a job; raises NotReady."""

    def open(self) -> Link: ...

    def check(self) -> Health: ...
