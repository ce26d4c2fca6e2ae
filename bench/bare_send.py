"""The floor of telling screens: whatever one connection sends, a bare loop sends to all the others.

`python -m bench.bare_send` prints its port and serves until its input closes. The first byte of a connection says what it
is: `S` a screen, `C` the caller."""

from __future__ import annotations

import socket
import sys

import gevent
from gevent.server import StreamServer

from bench.sockets import read_line

screens: list[socket.socket] = []


def serve(link: socket.socket, _address: object) -> None:
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if link.recv(1) == b"S":
        screens.append(link)
        link.sendall(b"ready\n")
        gevent.sleep(3600)
    while line := read_line(link):
        for screen in screens:
            screen.sendall(line)


if __name__ == "__main__":
    server = StreamServer(("127.0.0.1", 0), serve)
    server.start()
    print(server.server_port, flush=True)
    gevent.get_hub().threadpool.apply(sys.stdin.read)
