"""Serve an application until the process is told to stop."""

from __future__ import annotations

import gc
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any

import gevent
import gevent.threadpool
from gevent import monkey

from storage import Store, directly
from web.server import make_server

DRAIN_S = 5.0  # patience with answers under way when told to stop


def open_store(url: str, key: str | None = None) -> Store:
    """A store that suits this process: SQLite under gevent writes, and folds its WAL, in native threads of their own, so the
    loop never waits."""
    if url.startswith("sqlite") and monkey.is_module_patched("threading"):
        own = gevent.threadpool.ThreadPool
        return Store(url, key, run=own(1).apply, fold=own(1).apply)
    return Store(url, key, fold=directly)


def own_thread() -> Callable[..., Any]:
    """`run(call, *args)` in a native thread kept for its holder, so that a device that stalls does not stop the loop;
    without gevent, the caller's thread is one already."""
    if not monkey.is_module_patched("threading"):
        return lambda call, *args: call(*args)
    pool = gevent.threadpool.ThreadPool(1)

    def run(call: Callable[..., Any], *args: Any) -> Any:
        error, value = pool.apply(_caught, (call, args))
        if error is not None:
            raise error
        return value

    return run


def _caught(call: Callable[..., Any], args: tuple[Any, ...]) -> tuple[Exception | None, Any]:
    """What the call gave or raised: gevent would print the traceback of a printer that is merely off."""
    try:
        return None, call(*args)
    except Exception as error:
        return error, None


def serve_until_stopped(
    app: Any,
    listener: socket.socket,
    *,
    ready: Callable[[int], None],
    ssl: dict[str, Any] | None = None,
    stop: gevent.event.Event | None = None,
) -> None:
    """Serve `app`; `ready(port)` once it answers. Returns after SIGTERM, Ctrl-C or `stop` is set, answers under way finished."""
    server = make_server(app, listener, ssl=ssl)
    server.start()
    stop = stop or gevent.event.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, stop.set)
    sys.setswitchinterval(0.0005)  # the SQLite thread gives the loop its turn sooner
    gc.freeze()  # what was loaded to start is never garbage: p99 without the pauses
    ready(server.server_port)
    stop.wait()
    server.stop(DRAIN_S)
