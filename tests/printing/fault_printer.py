"""A TCP printer with faults, on a real port: what a port must survive, told by how it behaves."""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import dataclass, field


@dataclass
class FaultPrinter:
    """`behaviour`: ok, mute (reads, never answers), stalled (never reads), no_paper, paper_out (it ends while printing),
    late (its last answer waits for `may_answer`).
    `delay_s` delays the last answer, `bytes_per_s` the reading. `reset_after` breaks the connection after that many bytes of one
    connection; after `paper_out_after` of them it does nothing more until it is refilled (`may_answer`)."""

    behaviour: str = "ok"
    reset_after: int | None = None
    paper_out_after: int | None = None
    delay_s: float = 0.0
    may_answer: threading.Event = field(default_factory=threading.Event)
    bytes_per_s: int | None = None
    received: list[bytes] = field(default_factory=list)
    port: int = 0

    def __enter__(self) -> FaultPrinter:
        self.server = socket.socket()
        self.server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.server.bind(("127.0.0.1", self.port))
        self.server.listen(8)
        self.port = self.server.getsockname()[1]
        self.open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()
        self.hang_up()

    def hang_up(self) -> None:
        """Every connection ends; new ones are accepted as before."""
        for sock in self.open:
            sock.close()

    @property
    def url(self) -> str:
        return f"tcp://127.0.0.1:{self.port}"

    @property
    def paper(self) -> bytes:
        """Everything that was printed, status requests left out."""
        data = b"".join(self.received)
        for request in (b"\x10\x04\x02", b"\x10\x04\x04", b"\x1dr\x01"):
            data = data.replace(request, b"")
        return data

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self.server.accept()
            except OSError:
                return
            self.open.append(sock)
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        if self.behaviour == "stalled":
            return
        seen = 0
        with sock:
            while True:
                try:
                    data = sock.recv(64)
                except OSError:
                    return
                if not data:
                    return
                self.received.append(data)
                seen += len(data)
                if self.bytes_per_s:
                    time.sleep(len(data) / self.bytes_per_s)
                if self.reset_after is not None and seen >= self.reset_after:
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
                    return
                if self.paper_out_after is not None and seen >= self.paper_out_after:
                    self.may_answer.wait(60)
                self._answer(sock, data)

    def _answer(self, sock: socket.socket, data: bytes) -> None:
        if self.behaviour == "mute":
            return
        for _ in range(data.count(b"\x10\x04\x02")):
            sock.sendall(b"\x32" if self.behaviour == "no_paper" else b"\x12")
        for _ in range(data.count(b"\x10\x04\x04")):
            sock.sendall(b"\x72" if self.behaviour == "no_paper" else b"\x12")
        if data.endswith(b"\x1dr\x01"):
            time.sleep(self.delay_s)
            if self.behaviour == "late":
                self.may_answer.wait(60)
            sock.sendall(b"\x0c" if self.behaviour == "paper_out" else b"\x00")
