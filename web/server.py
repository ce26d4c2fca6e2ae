"""The one web server of a process: gevent's WSGI server with the Nagle delay switched off.

gevent's `pywsgi` leaves TCP_NODELAY off on accepted sockets, and a keep-alive POST then waits 40 ms for the peer's delayed
ACK; with it on, the same request takes under one."""

from __future__ import annotations

import socket
from typing import Any

from gevent.pool import Pool
from gevent.pywsgi import WSGIServer

MAX_CONNECTIONS = 4_000  # open connections of one process; the next waits to be accepted


class PromptServer(WSGIServer):
    def do_handle(self, *args: Any) -> None:
        args[0].setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().do_handle(*args)


def make_server(app: Any, host: str, port: int, *, ssl: dict[str, Any] | None = None) -> PromptServer:
    """A server ready for `serve_forever()`; `stop(timeout)` ends it. `ssl`: certfile and keyfile."""
    return PromptServer((host, port), app, spawn=Pool(MAX_CONNECTIONS), log=None, **(ssl or {}))
