"""Wakes this process's worker of a printer when a job of it was committed. Losing a ring costs a poll, nothing more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

_listeners: dict[int, list[Callable[[], None]]] = defaultdict(list)


def listen(printer_id: int, wake: Callable[[], None]) -> None:
    _listeners[printer_id].append(wake)


def forget(printer_id: int, wake: Callable[[], None]) -> None:
    if wake in _listeners[printer_id]:
        _listeners[printer_id].remove(wake)


def ring(printer_id: int) -> None:
    """There is a job for this printer."""
    for wake in tuple(_listeners.get(printer_id, ())):
        wake()
