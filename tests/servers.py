"""Servers that tests start as real processes, wait for, and end by their own process id."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

import requests

from tests.databases import die_with_parent, free_port, missing

ROOT = Path(__file__).resolve().parents[1]
START_S = 120.0  # a deadline for a starved machine, not a pace
LISTENS = re.compile(r"(https?://\S+:\d+)")


def environment_with(extra: dict[str, str]) -> dict[str, str]:
    """This process's environment without settings of its own, and `extra`."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CAC_")}
    return inherited | {"PYTHONUNBUFFERED": "1"} | extra


def run_cli(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`run.py ARGUMENTS` to its end, output captured."""
    command = [sys.executable, str(ROOT / "run.py"), *arguments]
    return subprocess.run(
        command,
        env=environment_with(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
    )


class LiveServer:
    """`run.py serve` (or `cabina`) on a free port, until `stop`; `url` is where it listens, `output` what it printed. `program` is
    the folder of another version of it."""

    def __init__(
        self,
        *arguments: str,
        health: str = "/health",
        program: Path = ROOT,
        inside: tuple[str, ...] = (),
        **environment: str,
    ):
        """`inside`: the command it runs under, as `ip netns exec NAME`."""
        command = [*inside, sys.executable, str(program / "run.py"), *arguments]
        self.output: list[str] = []
        self.process = subprocess.Popen(
            command,
            env=environment_with(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=die_with_parent,
        )
        self._listens = threading.Event()
        self.url = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self._wait(health)
        except BaseException:
            self.kill()
            raise

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.output.append(line)
            if not self.url and (found := LISTENS.search(line)):
                self.url = found[1]
                self._listens.set()
        self._listens.set()

    def _wait(self, health: str) -> None:
        until = time.monotonic() + START_S
        self._listens.wait(START_S)
        while self.url and time.monotonic() < until and self.process.poll() is None:
            with suppress(requests.RequestException):
                if requests.get(self.url + health, timeout=10, verify=False).status_code < 500:
                    return
            time.sleep(0.05)
        raise RuntimeError("the server did not start:\n" + "".join(self.output[-40:]))

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    def stop(self) -> int:
        """SIGTERM; returns its exit code."""
        self.process.terminate()
        return self._ended()

    def kill(self) -> int:
        """As a power cut would."""
        self.process.kill()
        return self._ended()

    def _ended(self) -> int:
        code = self.process.wait(60)
        self._reader.join(60)
        return code


class PrivateRedis:
    """A Redis of the test run's own on a free port, with nothing kept."""

    def __init__(self) -> None:
        program = shutil.which("redis-server")
        if program is None:
            missing("Redis", "apt-get install redis-server")
        self._dir = tempfile.mkdtemp(prefix="cac-redis-")
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", self._dir]
        self._process = subprocess.Popen(
            [program, *options], stdout=subprocess.DEVNULL, preexec_fn=die_with_parent, stdin=subprocess.DEVNULL
        )
        until = time.monotonic() + START_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("Redis did not start")
            time.sleep(0.05)

    def _answers(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=10) as link:
            link.sendall(b"PING\r\n")
            return link.recv(16).startswith(b"+PONG")
        return False

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(60)
        shutil.rmtree(self._dir, ignore_errors=True)


class Demo:
    """A copy of the demonstration's data, and the centre on it when asked for."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.centro, self.cabina, self.papel = folder / "centro", folder / "cabina", folder / "papel"
        self._running: list[LiveServer] = []

    def serve(self, *arguments: str, port: int = 0, **environment: str) -> LiveServer:
        """The centre as a process, on a free port unless told which."""
        environment = {"CAC_DATA_DIR": str(self.centro)} | environment
        return self._keep(LiveServer("serve", "--port", str(port), *arguments, **environment))

    def token(self, role: str, *options: str) -> str:
        """A token made by the command line while the centre runs or not."""
        made = run_cli(
            "token", "create", "--role", role, "--name", f"{role} de prueba", *options, CAC_DATA_DIR=str(self.centro)
        )
        assert made.returncode == 0, made.stderr
        return made.stdout.strip()

    def _keep(self, server: LiveServer) -> LiveServer:
        self._running.append(server)
        return server

    def close(self) -> None:
        for server in self._running:
            if server.process.poll() is None:
                server.stop()


def copy_demo(model: Path, folder: Path) -> Demo:
    """A demonstration of one's own, without the papers that others printed: the model's printers are in its own folder."""
    shutil.copytree(model, folder, ignore=shutil.ignore_patterns("*.bin", "*.png"))
    return Demo(folder)


def prepare_demo(folder: Path) -> Path:
    """The demonstration's data, made once by its own command."""
    made = run_cli("demo", "--dir", str(folder), "--port", str(free_port()), "--prepare")
    assert made.returncode == 0, made.stdout + made.stderr
    return folder
