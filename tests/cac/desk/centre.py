"""A started centre with the demonstration's sala, and programs that speak to it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import requests

from cac.access.actions import create_token
from cac.access.roles import ROLES
from cac.base import Base
from cac.desk import demo
from cac.serve import MIGRATIONS
from core.clock import now_utc
from storage import Store, upgrade
from tests.databases import Databases
from tests.servers import LiveServer


class Program:
    """A kiosk or clerk with connection and token of its own."""

    def __init__(self, url: str, token: str):
        self.url, self.token, self._session = url, token, requests.Session()
        self._session.headers["Authorization"] = f"Bearer {token}"

    def post(self, path: str, body: dict | None = None, key: str | None = None) -> requests.Response:
        headers = {"Idempotency-Key": key or uuid4().hex}
        return self._session.post(f"{self.url}/api/v1{path}", json=body or {}, headers=headers, timeout=30)

    def get(self, path: str) -> requests.Response:
        return self._session.get(f"{self.url}/api/v1{path}", timeout=30)


class Centre:
    """`centre("ventanilla")` is a program with that role; the server is a process of its own."""

    def __init__(
        self,
        server: LiveServer,
        store_url: str,
        tokens: dict[str, str],
        start: Callable[[], LiveServer] | None = None,
    ):
        self.server, self.url, self.store_url, self.tokens, self._start = server, server.url, store_url, tokens, start

    def cut_power(self) -> None:
        """The server dies in the middle of what it does, and starts again on the same data."""
        assert self._start
        self.server.kill()
        self.server = self._start()
        self.url = self.server.url

    def __call__(self, role: str) -> Program:
        return Program(self.url, self.tokens[role])

    @contextmanager
    def store(self) -> Iterator[Store]:
        """A second door to its data, as the command line has."""
        store = Store(self.store_url)
        yield store
        store.close()


@contextmanager
def started(kind: str, databases: Databases, folder: Path, **environment: str) -> Iterator[Centre]:
    url = databases.empty(kind)
    upgrade(url, MIGRATIONS, metadata=Base.metadata)
    store = Store(url)
    store.write(demo.seed, now=now_utc())
    tokens = {role: store.write(create_token, role=role, name=role, now=now_utc()) for role in ROLES}
    store.close()

    def start() -> LiveServer:
        return LiveServer("serve", "--port", "0", "--database-url", url, CAC_DATA_DIR=str(folder), **environment)

    centre = Centre(start(), url, tokens, start)
    yield centre
    centre.server.stop()
    databases.drop(url)


def eventually(condition: Callable[[], object], *, within_s: float = 30.0) -> None:
    until = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)


def empty(centre: Centre) -> None:
    """Nobody waits and nobody is called any more."""
    clerk = centre("ventanilla")
    for number in range(1, 5):
        while (call := clerk.post(f"/ventanillas/{number}/llamados")).status_code in (200, 201):
            clerk.post(f"/tickets/{call.json()['ticket']['id']}/ausencias")
