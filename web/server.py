"""The one web server of a process: gevent's WSGI server with the Nagle delay switched off.

gevent's `pywsgi` leaves TCP_NODELAY off on accepted sockets, and a keep-alive POST then waits 40 ms for the peer's delayed
ACK; with it on, the same request takes under one."""

from __future__ import annotations

import errno
import socket
from typing import Any

import click
from gevent.baseserver import parse_address
from gevent.pool import Pool
from gevent.pywsgi import WSGIHandler, WSGIServer

MAX_CONNECTIONS = 4_000  # open connections of one process; the next waits to be accepted


class Refused(click.ClickException):
    """Why a server does not start: one clear line, exit 2."""

    exit_code = 2


class QuietHandler(WSGIHandler):
    def log_request(self) -> None:
        """No access log: gevent would format a line for each request and throw it away."""


class PromptServer(WSGIServer):
    handler_class = QuietHandler

    def do_handle(self, *args: Any) -> None:
        args[0].setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().do_handle(*args)


def listen(host: str, port: int) -> socket.socket:
    """The socket a server accepts on; port 0 takes a free one. Raises Refused."""
    family, address = parse_address((host, port))
    try:
        return PromptServer.get_listener(address, family=family)
    except OSError as error:
        raise Refused(_why_not(host, port, error.errno)) from None


def make_server(app: Any, listener: socket.socket, *, ssl: dict[str, Any] | None = None) -> PromptServer:
    """A server ready for `serve_forever()`; `stop(timeout)` ends it. `ssl`: certfile and keyfile."""
    return PromptServer(listener, app, spawn=Pool(MAX_CONNECTIONS), log=None, **(ssl or {}))


def _why_not(host: str, port: int, number: int | None) -> str:
    if number == errno.EADDRINUSE:
        return f"Otro programa ya usa el puerto {port} de {host}. Deténgalo o elija otro con --port."
    if number == errno.EACCES:
        return f"Este usuario no puede usar el puerto {port}. Elija uno desde 1024 con --port."
    return f"No se puede escuchar en {host}:{port}. Revise la dirección."
