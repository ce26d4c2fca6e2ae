"""The demonstration as its users have it: the centre and the cabin as processes that come and go, and programs that call them."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests

from tests.databases import free_port
from tests.servers import Demo, LiveServer, run_cli


class Town(Demo):
    """`run.py demo --prepare` in `folder`; the centre keeps its port, so the cabin finds it again.

    `clock`: the instant it begins at; time goes on while nothing runs."""

    def __init__(self, folder: Path, *, clock: str = ""):
        super().__init__(folder)
        self.port, self.cabina_port = free_port(), free_port()
        ports = ("--port", str(self.port), "--cabina-port", str(self.cabina_port))
        self._began, self._began_at = datetime.fromisoformat(clock) if clock else None, time.monotonic()
        run("demo", "--dir", str(folder), *ports, "--prepare", **self._clock)
        self.url, self.cabina_url = f"http://127.0.0.1:{self.port}", f"http://127.0.0.1:{self.cabina_port}"
        self.env = {"CAC_DATA_DIR": str(self.centro), "CAC_PUBLIC_URL": self.url}
        self._tokens: dict[str, str] = {}

    @property
    def _clock(self) -> dict[str, str]:
        if self._began is None:
            return {}
        return {"CAC_CLOCK": (self._began + timedelta(seconds=time.monotonic() - self._began_at)).isoformat()}

    def start_centre(self) -> LiveServer:
        return self.serve(port=self.port, CAC_PUBLIC_URL=self.url, **self._clock)

    def start_cabina(self) -> LiveServer:
        folder = ("--dir", str(self.cabina), "--port", str(self.cabina_port))
        return self._keep(LiveServer("cabina", *folder, **self._clock))

    def run(self, *arguments: str) -> str:
        """A command on the centre's data; its output."""
        return run(*arguments, **self.env, **self._clock)

    def call(self, role: str, **options: str) -> Api:
        """The centre's API as a program with this role; "" for none."""
        extra = [text for name, value in options.items() for text in (f"--{name}", value)]
        key = " ".join([role, *extra])
        if role and key not in self._tokens:
            made = self.run("token", "create", "--role", role, "--name", f"{role} de prueba", *extra)
            self._tokens[key] = made.strip()
        return Api(self.url, self._tokens.get(key, ""))

    def till(self) -> Api:
        """The cabin's API as its operator."""
        return Api(self.cabina_url, run("cabina", "token", "--dir", str(self.cabina)).strip())

    def paper(self, printer: str) -> list[Path]:
        """What came out of a virtual printer, oldest first."""
        return sorted((self.papel / printer).glob("*.bin"), key=lambda path: path.stat().st_mtime_ns)


class Api:
    """JSON over HTTP. Each POST carries a fresh Idempotency-Key unless told which ("" for none)."""

    def __init__(self, url: str, token: str):
        self.url, self.token = url, token
        self._session = requests.Session()
        if token:
            self._session.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, **kw: Any) -> requests.Response:
        return self._session.get(f"{self.url}/api/v1{path}", timeout=30, **kw)

    def post(self, path: str, body: Any = None, *, key: str | None = None, **kw: Any) -> requests.Response:
        key = uuid4().hex if key is None else key
        headers = {**kw.pop("headers", {}), **({"Idempotency-Key": key} if key else {})}
        return self._session.post(f"{self.url}/api/v1{path}", json=body or {}, headers=headers, timeout=30, **kw)


def run(*arguments: str, **environment: str) -> str:
    """Run one command that must succeed; its standard output."""
    done = run_cli(*arguments, **environment)
    assert done.returncode == 0, f"{arguments}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def eventually(check: Callable[[], Any], *, within_s: float = 30.0, what: str = "") -> Any:
    """The first true answer of `check()`; fails with its last one when the deadline passes."""
    deadline = time.monotonic() + within_s
    while True:
        answer = check()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"not within {within_s} s: {what or check} gave {answer!r}"
        time.sleep(0.05)
