"""Serve an application until the process is told to stop."""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Callable
from typing import Any

import gevent
import gevent.threadpool
from gevent import monkey

from storage import Store
from web.server import make_server

DRAIN_S = 5.0  # patience with answers under way when told to stop


def open_store(url: str, key: str | None = None) -> Store:
    """A store that suits this process: SQLite under gevent writes in a native thread of its own, so the loop never waits."""
    if url.startswith("sqlite") and monkey.is_module_patched("threading"):
        return Store(url, key, run=gevent.threadpool.ThreadPool(1).apply)
    return Store(url, key)


def serve_until_stopped(
    app: Any, *, host: str, port: int, ready: Callable[[int], None], ssl: dict[str, Any] | None = None
) -> None:
    """Serve `app`; `ready(port)` once it listens. Returns after SIGTERM or Ctrl-C, answers under way finished."""
    server = make_server(app, host, port, ssl=ssl)
    server.start()
    stop = gevent.event.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, stop.set)
    sys.setswitchinterval(0.0005)  # the SQLite thread gives the loop its turn sooner
    gc.freeze()  # what was loaded to start is never garbage: p99 without the pauses
    ready(server.server_port)
    stop.wait()
    server.stop(DRAIN_S)
