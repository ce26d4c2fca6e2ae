"""A process that keeps a centre's store and does what clerks press, until it is killed: what a server is to the queue.

It is forked from a process that has everything imported, so that a test may kill it many times."""

from __future__ import annotations

import multiprocessing
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any

from cac.access.actions import SYSTEM
from cac.base import replies
from cac.desk import actions
from core.errors import Conflict, Invalid, NotFound
from storage import Store
from storage.idempotency import once

REFUSED = "refused"
CLERKS = 4
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([__name__])


@dataclass(frozen=True, slots=True)
class Command:
    """One press. Its `key` makes its repetition the same press, and is the reason noted with it."""

    key: str
    verb: str
    now: datetime
    given: dict[str, Any] = field(default_factory=dict)


class Counter:
    """A running process on the database `url`. `answers` holds what it answered, by key; `kill` loses the rest."""

    def __init__(self, url: str):
        self._link, theirs = _FORKS.Pipe()
        self._process = _FORKS.Process(target=_serve, args=(url, theirs), daemon=True)
        self._process.start()
        theirs.close()

    def send(self, command: Command) -> None:
        self._link.send(command)

    def answered(self, wanted: set[str], *, within_s: float = 30.0) -> dict[str, Any]:
        """Its answers to these keys, once all have come or it has died."""
        found: dict[str, Any] = {}
        while wanted - set(found):
            try:
                assert self._link.poll(within_s), "the process does not answer"
                key, answer = self._link.recv()
            except (EOFError, ConnectionResetError):
                return found
            assert not isinstance(answer, Exception), answer
            found[key] = answer
        return found

    def kill(self) -> None:
        self._process.kill()

    def stop(self) -> None:
        self.kill()
        self._process.join(30)
        self._link.close()


def _serve(url: str, link: Connection) -> None:
    store, answering = Store(url), threading.Lock()

    def do(command: Command) -> None:
        answer = _do(store, command)
        with answering:
            link.send((command.key, answer))

    with ThreadPoolExecutor(CLERKS) as clerks:
        while True:
            try:
                clerks.submit(do, link.recv())
            except EOFError:
                return


def _do(store: Store, command: Command) -> Any:
    """The verb's answer, as over HTTP: kept with it, and given again to the same key."""
    verb = getattr(actions, command.verb)
    args: tuple[Any, ...] = ()
    if command.verb == "issue":
        kwargs = command.given | {"principal": SYSTEM, "now": command.now, "public_url": "http://x"}
    elif command.verb == "close_days":
        args, kwargs = (command.now,), {}
    else:
        args, kwargs = (actions.Press(SYSTEM, command.now, reason=command.key, **command.given),), {}
    same = {"scope": "test", "key": command.key, "request_hash": command.key, "now": command.now}
    try:
        return store.write(once, replies, verb=verb, args=args, kwargs=kwargs, **same)
    except (Conflict, Invalid, NotFound):
        return REFUSED
    except Exception as broken:  # to be raised where the test is
        return broken
