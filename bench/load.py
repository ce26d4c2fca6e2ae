"""Clients that ask over keep-alive connections as fast as they are answered, written on bare sockets so as to cost little."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4


@dataclass(frozen=True, slots=True)
class Load:
    """What `clients` saw: answers a second and how long one took, in milliseconds."""

    clients: int
    per_second: float
    p50_ms: float
    p99_ms: float


class Client:
    """One keep-alive connection."""

    def __init__(self, address: tuple[str, int], token: str):
        self._link = socket.create_connection(address)
        self._link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = self._link.makefile("rb")
        self._token = token

    def post(self, path: str, body: bytes = b"{}", *, key: str = "") -> tuple[int, bytes]:
        """Its status and body. `key`: of a request that may be a repetition; ConnectionError when the server is gone."""
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self._token}\r\n"
            f"Idempotency-Key: {key or uuid4().hex}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self._link.sendall(head.encode() + body)
        first = self._reader.readline()
        if not first:
            raise ConnectionError("no answer")
        status, length = int(first.split()[1]), 0
        while (line := self._reader.readline()) not in (b"\r\n", b""):
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        content = self._reader.read(length)
        if len(content) < length:
            raise ConnectionError("half an answer")
        return status, content

    def ask(self, path: str, body: dict[str, Any], *, key: str = "") -> Any:
        """What `path` answers, as values; None when it has nothing to say. Any refusal is an error."""
        status, answer = self.post(path, json.dumps(body).encode(), key=key)
        if status not in (200, 201, 204):
            raise RuntimeError(f"{path}: {status} {answer[:300]!r}")
        return json.loads(answer) if answer else None

    def close(self) -> None:
        self._reader.close()
        self._link.close()


def measure(
    address: tuple[str, int], token: str, path: str, body: dict[str, Any], *, clients: int, seconds: float
) -> Load:
    """POST `body` to `path` from `clients` connections for `seconds`. Any answer but 200 or 201 is an error."""
    content = json.dumps(body).encode()
    times: list[list[float]] = [[] for _ in range(clients)]
    start, stop = threading.Barrier(clients + 1), threading.Event()

    def ask(mine: list[float]) -> None:
        client = Client(address, token)
        start.wait()
        while not stop.is_set():
            before = time.perf_counter()
            status, answer = client.post(path, content)
            mine.append(time.perf_counter() - before)
            if status not in (200, 201):
                raise RuntimeError(f"{path}: {status} {answer[:300]!r}")
        client.close()

    threads = [threading.Thread(target=ask, args=(mine,)) for mine in times]
    for thread in threads:
        thread.start()
    start.wait()
    began = time.perf_counter()
    time.sleep(seconds)
    stop.set()
    for thread in threads:
        thread.join()
    lasted = time.perf_counter() - began
    took = sorted(one for mine in times for one in mine)
    return Load(clients, len(took) / lasted, at(took, 0.50) * 1000, at(took, 0.99) * 1000)


def at(ordered: list[float], share: float) -> float:
    """The value below which `share` of them lie."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def repeated(action: Callable[[], object], *, seconds: float) -> float:
    """How often a second `action` can be done, one after another."""
    began, done = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        action()
        done += 1
    return done / (time.perf_counter() - began)
