"""Screens in miniature: the least of WebSocket and Socket.IO that hears a board, for hundreds in one process."""

from __future__ import annotations

import json
import os
import struct
from typing import Any

from gevent import socket

CONNECTED, TEXT, PING = 101, 1, 9


def read_line(link: Any) -> bytes:
    """Up to and with the newline; empty when the other end closed."""
    got = b""
    while not got.endswith(b"\n"):
        part = link.recv(65536)
        if not part:
            return b""
        got += part
    return got


class Screen:
    """One connection to `namespace` with its `auth`; `next_message` waits for its next event."""

    def __init__(self, address: tuple[str, int], namespace: str, auth: dict[str, Any]):
        self._link = socket.create_connection(address)
        self._link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = self._link.makefile("rb")
        self._link.sendall(
            b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
        )
        status = int(self._reader.readline().split()[1])
        while self._reader.readline() not in (b"\r\n", b""):
            pass
        if status != CONNECTED:
            raise RuntimeError(f"no WebSocket: {status}")
        self._read()  # the handshake of Engine.IO
        self._send(f"40{namespace},{json.dumps(auth)}")
        while not (answer := self._read()).startswith(f"40{namespace}"):  # its first event may come before the yes
            if answer.startswith("44"):
                raise RuntimeError(f"refused: {answer[:200]}")
        self._event = f"42{namespace},"

    def next_message(self) -> str:
        """The next event as it came, `42/salas,["tablero",{...}]`; answers the server's pings meanwhile."""
        while True:
            message = self._read()
            if message == "2":
                self._send("3")
            elif message.startswith(self._event):
                return message

    def close(self) -> None:
        self._reader.close()
        self._link.close()

    def _read(self) -> str:
        while True:
            first, length = self._reader.read(2)
            if length == 126:
                (length,) = struct.unpack(">H", self._reader.read(2))
            elif length == 127:
                (length,) = struct.unpack(">Q", self._reader.read(8))
            content = self._reader.read(length)
            if first & 0x0F == TEXT:
                return str(content, "utf-8")
            if first & 0x0F != PING:
                raise ConnectionError("the server closed the connection")

    def _send(self, message: str) -> None:
        content, mask = message.encode(), os.urandom(4)
        length = bytes([0x80 | len(content)]) if len(content) < 126 else b"\xfe" + struct.pack(">H", len(content))
        masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(content))
        self._link.sendall(bytes([0x80 | TEXT]) + length + mask + masked)
