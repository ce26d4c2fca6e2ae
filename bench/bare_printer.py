"""A printer that takes everything and answers at once: `python -m bench.bare_printer` prints its port, ends with its input."""

from __future__ import annotations

import socket
import sys
import threading

from printing.handshake import ASK_AFTER_THE_CUT, ASK_OFFLINE_CAUSE, ASK_PAPER


def serve(link: socket.socket) -> None:
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with link:
        while data := link.recv(65536):
            asked = data.count(ASK_OFFLINE_CAUSE) + data.count(ASK_PAPER)
            if asked:
                link.sendall(b"\x12" * asked)
            if data.endswith(ASK_AFTER_THE_CUT):
                link.sendall(b"\x00")


def accept(server: socket.socket) -> None:
    while True:
        link, _ = server.accept()
        threading.Thread(target=serve, args=(link,), daemon=True).start()


if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=accept, args=(listener,), daemon=True).start()
    print(listener.getsockname()[1], flush=True)
    sys.stdin.read()
