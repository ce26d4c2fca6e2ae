"""The demo municipality as its users have it: real processes, real ports, data of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests

ROOT = Path(__file__).resolve().parents[1]
START_S = 60.0
STOP_S = 20.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Program:
    """One process of ours, known well when it answers `/health`."""

    def __init__(self, *arguments: str, url: str, log: Path, env: dict[str, str] | None = None):
        self.url, self._log = url, log
        self._arguments, self._env = arguments, clean_environment(env)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Program:
        with self._log.open("ab") as log:
            command = [sys.executable, "run.py", *self._arguments]
            self._process = subprocess.Popen(command, cwd=ROOT, env=self._env, stdout=log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + START_S
        while True:
            try:
                if requests.get(f"{self.url}/health", timeout=2).status_code == 200:
                    return self
            except requests.ConnectionError:
                pass
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"{' '.join(self._arguments)} did not start:\n{self._log.read_text()[-3000:]}")
            time.sleep(0.1)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it and wait; its exit code."""
        if self._process is None:
            return 0
        if self._process.poll() is None:
            self._process.send_signal(how)
        try:
            return self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise AssertionError(f"{self._arguments} did not stop:\n{self._log.read_text()[-3000:]}") from None


class Demo:
    """`run.py demo --prepare` in `folder`, its centre and its cabin started and stopped at will."""

    def __init__(self, folder: Path):
        self.folder = folder
        port, cabina_port = free_port(), free_port()
        run("demo", "--dir", str(folder), "--port", str(port), "--cabina-port", str(cabina_port), "--prepare")
        centre_env = {"CAC_DATA_DIR": str(folder / "centro"), "CAC_PUBLIC_URL": f"http://127.0.0.1:{port}"}
        self.centre = Program(
            "serve", "--port", str(port), url=f"http://127.0.0.1:{port}", log=folder / "centro.log", env=centre_env
        )
        cabina = ("cabina", "--dir", str(folder / "cabina"), "--port", str(cabina_port))
        self.cabina = Program(*cabina, url=f"http://127.0.0.1:{cabina_port}", log=folder / "cabina.log")
        self._env = centre_env
        self._tokens: dict[str, str] = {}

    def run(self, *arguments: str) -> str:
        """A command on the centre's data; its output."""
        return run(*arguments, env=self._env)

    def token(self, role: str) -> str:
        if role not in self._tokens:
            self._tokens[role] = self.run("token", "create", "--role", role, "--name", f"{role} de prueba").strip()
        return self._tokens[role]

    def call(self, role: str) -> Api:
        """The centre's API as a program with this role; "" for none."""
        return Api(self.centre.url, self.token(role) if role else "")

    def till(self) -> Api:
        """The cabin's API as its operator."""
        token = run("cabina", "token", "--dir", str(self.folder / "cabina")).strip()
        return Api(self.cabina.url, token)

    def paper(self, printer: str) -> list[Path]:
        """What came out of a virtual printer, oldest first."""
        return sorted((self.folder / "papel" / printer).glob("*.bin"), key=lambda path: path.stat().st_mtime_ns)

    def stop(self) -> None:
        for program in (self.cabina, self.centre):
            program.stop()


class Api:
    """JSON over HTTP. Each POST carries a fresh Idempotency-Key unless told which ("" for none)."""

    def __init__(self, url: str, token: str):
        self.url = url
        self._session = requests.Session()
        if token:
            self._session.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, **kw: Any) -> requests.Response:
        return self._session.get(f"{self.url}/api/v1{path}", timeout=30, **kw)

    def post(self, path: str, body: Any = None, *, key: str | None = None, **kw: Any) -> requests.Response:
        key = uuid4().hex if key is None else key
        headers = {**kw.pop("headers", {}), **({"Idempotency-Key": key} if key else {})}
        return self._session.post(f"{self.url}/api/v1{path}", json=body or {}, headers=headers, timeout=30, **kw)


def run(*arguments: str, env: dict[str, str] | None = None, fails: bool = False) -> str:
    """Run one command to its end; its standard output (standard error when it should fail)."""
    command = [sys.executable, "run.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=clean_environment(env), capture_output=True, text=True, timeout=120)
    assert (done.returncode != 0) is fails, f"{arguments}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stderr if fails else done.stdout


def clean_environment(extra: dict[str, str] | None = None) -> dict[str, str]:
    """This process's environment without any CAC_ setting of its own."""
    return {name: value for name, value in os.environ.items() if not name.startswith("CAC_")} | (extra or {})


def eventually(check: Any, *, within_s: float = 20.0, what: str = "") -> Any:
    """The first true answer of `check()`; fails with its last one when the deadline passes."""
    deadline = time.monotonic() + within_s
    while True:
        answer = check()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"not within {within_s} s: {what or check} gave {answer!r}"
        time.sleep(0.05)
