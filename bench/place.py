"""Where a measurement happens: a sala made for it, and the centre on it as a process of its own."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from urllib.request import urlopen

from sqlalchemy import select
from sqlalchemy.orm import Session

import run  # noqa: F401 - every feature's tables
from bench.disk import Disk
from cac.access.actions import create_token
from cac.base import Base
from cac.desk import demo
from cac.desk.models import Sala, Service, Ventanilla, VentanillaService
from cac.paper.actions import add_printer, route_papers
from cac.serve import MIGRATIONS
from core.clock import now_utc
from storage import Store, upgrade
from tests.databases import PrivatePostgres, free_port, postgres_programs
from ticketing.policy import Attends
from web.access import Principal

ROOT = Path(__file__).resolve().parent.parent
LISTENS = re.compile(r"http://([\d.]+):(\d+)")
SALA = "principal"
ROLES = ("kiosko", "ventanilla", "pantalla")
US = Principal("staff", 0, "medición", "admin")
DURABLE = ("fsync=on", "synchronous_commit=on", "max_connections=200")


class Server:
    """The centre as a process: its address, and how it ends."""

    def __init__(self, environment: dict[str, str]):
        self._log: IO[str] = tempfile.TemporaryFile("w+")  # noqa: SIM115 - as long as the process
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-m", "bench.server"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        assert self.process.stdout
        listens = LISTENS.search(self.process.stdout.readline())
        if listens is None:
            self.kill()
            self._log.seek(0)
            raise RuntimeError(f"the server did not start:\n{self._log.read()[-3000:]}")
        self.address = listens[1], int(listens[2])

    def memory_kib(self) -> int:
        """What it keeps in memory now and shares with nobody."""
        told = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        return sum(int(line.split()[1]) for line in told.splitlines() if line.startswith("Private_"))

    def slices_ms(self) -> list[float]:
        """How long each slice of a cabin's events has held the writer since this was asked last, in order."""
        with urlopen("http://{}:{}/api/v1/bench/slices".format(*self.address)) as answer:
            return sorted(json.load(answer))

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)

    def kill(self) -> None:
        """As a power cut ends it."""
        self.process.kill()
        self.process.wait(30)


class Place:
    """One database that a measurement may fill: its server, and a token of each role."""

    def __init__(self, folder: Path, disk: Disk, tokens: dict[str, str], database_url: str = ""):
        self.data, self._tokens = folder / "centro", tokens
        self.url = database_url or f"sqlite:///{self.data / 'cac.db'}"
        of_database = {"CAC_DATABASE_URL": database_url} if database_url else {}
        self._environment = {**os.environ, **disk.environment, **of_database, "CAC_DATA_DIR": str(self.data)}

    def token(self, role: str) -> str:
        asked = ("token", "create", "--role", role, "--name", "medición", "--sala", SALA)
        return self._tokens.get(role) or self.command(*asked)

    def command(self, *arguments: str) -> str:
        """What `run.py ARGUMENTS` prints on this data."""
        environment = {**self._environment, "LD_PRELOAD": ""}
        run_py = [sys.executable, "run.py", *arguments]
        done = subprocess.run(run_py, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def start(self) -> Server:
        return Server(self._environment)

    @contextmanager
    def server(self) -> Iterator[Server]:
        """The centre while it runs."""
        running = self.start()
        try:
            yield running
        finally:
            running.stop()


@dataclass(frozen=True, slots=True)
class Model:
    """A sala made once for several measurements."""

    folder: Path
    tokens: dict[str, str]


@contextmanager
def model(*, ventanillas: int = demo.VENTANILLAS) -> Iterator[Model]:
    """Services A to F and so many ventanillas that attend them all. Its printer is on another PC that is off: a ticket's paper is
    queued with its bytes, and nothing else uses the disk."""
    with tempfile.TemporaryDirectory(prefix="cac-bench-") as folder:
        data = Path(folder) / "centro"
        data.mkdir()
        yield Model(Path(folder), furnish(f"sqlite:///{data / 'cac.db'}", ventanillas=ventanillas))


@contextmanager
def place(of: Model, disk: Disk) -> Iterator[Place]:
    """A fresh copy of `of`, on `disk`, deleted afterwards."""
    with tempfile.TemporaryDirectory(prefix="cac-bench-") as folder:
        shutil.copytree(of.folder / "centro", Path(folder) / "centro")
        yield Place(Path(folder), disk, of.tokens)


@contextmanager
def demonstration(disk: Disk = Disk("este disco", {})) -> Iterator[Place]:  # noqa: B008  frozen value
    """The demonstration's data on `disk`, with its people who sign in; deleted afterwards."""
    with tempfile.TemporaryDirectory(prefix="cac-bench-") as folder:
        command = [sys.executable, "run.py", "demo", "--dir", folder, "--port", str(free_port()), "--prepare"]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        yield Place(Path(folder), disk, {})


@contextmanager
def postgres_place(disk: Disk) -> Iterator[Place | None]:
    """A sala on a PostgreSQL of its own, whose disk is `disk`; None where PostgreSQL is not installed."""
    programs = postgres_programs()
    if programs is None:
        print("sin PostgreSQL no se puede medir con él: apt-get install postgresql")
        yield None
        return
    server = PrivatePostgres(programs, settings=DURABLE, environment=disk.environment)
    try:
        with tempfile.TemporaryDirectory(prefix="cac-bench-") as folder:
            tokens = furnish(server.url, ventanillas=demo.VENTANILLAS)
            yield Place(Path(folder), Disk(disk.name, {}), tokens, server.url)
    finally:
        server.stop()


def furnish(url: str, *, ventanillas: int) -> dict[str, str]:
    """The schema and the sala on an empty database; a token of each role."""
    upgrade(url, MIGRATIONS, metadata=Base.metadata)
    store, now = Store(url), now_utc()
    try:
        store.write(demo.seed, now)
        store.write(_add_ventanillas, ventanillas, now=now)
        store.write(add_printer, name="otra PC", url="agent://otra-pc", principal=US, now=now)
        store.write(route_papers, purpose="tickets", sala=None, printer="otra PC", principal=US, now=now)
        return {role: store.write(create_token, **_program(role), now=now) for role in ROLES}
    finally:
        store.close()


def _program(role: str) -> dict[str, Any]:
    return {"role": role, "name": "medición", "sala": SALA, "area": None, "printer": None}


def _add_ventanillas(session: Session, count: int, *, now: datetime) -> None:
    sala = session.scalars(select(Sala)).one()
    services = session.scalars(select(Service).order_by(Service.position)).all()
    for number in range(demo.VENTANILLAS + 1, count + 1):
        one = Ventanilla(sala_id=sala.id, number=number, state="cerrada", attends=Attends.ALL, state_at=now)
        session.add(one)
        session.flush()
        for position, service in enumerate(services):
            session.add(VentanillaService(ventanilla_id=one.id, service_id=service.id, position=position))
