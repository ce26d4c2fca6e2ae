"""What the desk tells the rest of the process once a change is durable. Screens listen; a verb knows none of them."""

from __future__ import annotations

from collections.abc import Callable

Listener = Callable[[str, bool], None]
_listeners: list[Listener] = []


def board_changed(sala: str, call: bool) -> None:
    """The sala's queue changed; `call`: somebody was called, so the room must know at once."""
    for listener in tuple(_listeners):
        listener(sala, call)


def listen(listener: Listener) -> None:
    _listeners.append(listener)


def forget(listener: Listener) -> None:
    _listeners.remove(listener)
