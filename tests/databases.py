"""The databases tests run on: a SQLite file, and a private PostgreSQL that the tests start and stop themselves."""

from __future__ import annotations

import ctypes
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import NoReturn

import psycopg
import pytest
from sqlalchemy import MetaData

import storage

GIVEN_POSTGRES = "CAC_TEST_POSTGRES"  # set for a child test run, which then uses its parent's server
SERVER_SETTINGS = ("fsync=off", "synchronous_commit=on", "full_page_writes=off", "max_connections=200")
NO_MIGRATIONS = Path("no-migrations")
NOTHING = MetaData()


def missing(what: str, install: str) -> NoReturn:
    """Tests that need `what` are skipped on a person's machine and fail in CI, where nothing may be skipped."""
    reason = f"{what} not found: {install}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


LOWEST_PORT, EPHEMERAL = 15_000, Path("/proc/sys/net/ipv4/ip_local_port_range")


def free_port() -> int:
    """A port for a server that starts later or comes back: below those that the system gives to connections by itself.

    One of the system's own would go to any connection meanwhile, even to a client that tries the dead server's port."""
    highest = int(EPHEMERAL.read_text().split()[0]) if EPHEMERAL.exists() else 32_768
    for port in random.SystemRandom().sample(range(LOWEST_PORT, highest), 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no port is free")


def die_with_parent() -> None:
    """In a child before exec: be interrupted when the test run is killed, so that nothing is left running."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGINT)


def postgres_programs() -> Path | None:
    """The newest installed server's directory of programs; Debian keeps them out of PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


class PrivatePostgres:
    """One server for a test run, on a free port of 127.0.0.1, with data of its own that is deleted at the end."""

    def __init__(
        self,
        programs: Path,
        *,
        settings: Sequence[str] = SERVER_SETTINGS,
        environment: Mapping[str, str] | None = None,
    ):
        self._dir, self._environment = Path(tempfile.mkdtemp(prefix="cac-postgres-")), environment
        self._account = _other_account()  # PostgreSQL refuses to run as root
        if self._account:
            os.chown(self._dir, self._account.pw_uid, self._account.pw_gid)
        self.port = free_port()
        self.url = f"postgresql+psycopg://cac@127.0.0.1:{self.port}/postgres"
        data = str(self._dir / "data")
        init: list[Path | str] = [
            programs / "initdb",
            "-D",
            data,
            "-U",
            "cac",
            "-A",
            "trust",
            "--no-sync",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        ]
        self._start(init).check_returncode_after_wait()
        given = [f"-c{one}" for one in (*settings, f"port={self.port}", "listen_addresses=127.0.0.1")]
        self._server = self._start([programs / "postgres", "-D", data, "-k", str(self._dir), *given])
        self._wait_until_it_answers()

    def _start(self, command: list[Path | str]) -> _Child:
        return _Child([str(part) for part in command], self._account, self._dir, self._environment)

    def _wait_until_it_answers(self, patience_s: float = 120) -> None:
        until = time.monotonic() + patience_s
        while True:
            try:
                return psycopg.connect(self.url.replace("+psycopg", "")).close()
            except psycopg.OperationalError:
                if self._server.poll() is not None or time.monotonic() > until:
                    raise RuntimeError((self._dir / "log").read_text()) from None
                time.sleep(0.05)

    def stop(self) -> None:
        self._server.send_signal(signal.SIGINT)  # its fast shutdown
        self._server.wait(60)
        shutil.rmtree(self._dir, ignore_errors=True)


class _Child(subprocess.Popen):
    def __init__(
        self,
        command: list[str],
        account: pwd.struct_passwd | None,
        directory: Path,
        environment: Mapping[str, str] | None,
    ):
        with open(directory / "log", "ab") as log:
            super().__init__(
                command,
                cwd=directory,
                env=None if environment is None else {**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=account.pw_uid if account else None,
                group=account.pw_gid if account else None,
                extra_groups=[] if account else None,
                preexec_fn=die_with_parent,
            )
        self._log = directory / "log"

    def check_returncode_after_wait(self) -> None:
        if self.wait(180):
            raise RuntimeError(self._log.read_text())


def _other_account() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("no account to run PostgreSQL as")


class Databases:
    """Gives each test a database of its own with a schema, copied from one made once."""

    def __init__(self, directory: Path):
        self._directory = directory
        self._server: PrivatePostgres | None = None
        self._made: dict[tuple[str, int], str] = {}
        self._number = count(1)
        self._run = f"t{os.getpid()}"

    def fresh(self, kind: str, schema: MetaData) -> str:
        """The URL of a new `sqlite` or `postgresql` database that has the tables of `schema`."""
        return self._sqlite(schema) if kind == "sqlite" else self._postgres(schema)

    def empty(self, kind: str) -> str:
        """The URL of a new database without a table: what a server of ours that starts on it makes by its migrations."""
        return self.fresh(kind, NOTHING)

    def _sqlite(self, schema: MetaData) -> str:
        model, path = self._made.get(("sqlite", id(schema))), self._directory / f"{next(self._number)}.db"
        if model is None:
            model = self._made["sqlite", id(schema)] = str(self._directory / f"model{next(self._number)}.db")
            storage.upgrade(f"sqlite:///{model}", NO_MIGRATIONS, metadata=schema)
        shutil.copyfile(model, path)
        return f"sqlite:///{path}"

    def _postgres(self, schema: MetaData) -> str:
        model = self._made.get(("postgresql", id(schema)))
        if model is None:
            model = self._made["postgresql", id(schema)] = f"{self._run}_model{next(self._number)}"
            self._create(model, "template0")
            storage.upgrade(self._address(model), NO_MIGRATIONS, metadata=schema)
        name = f"{self._run}_{next(self._number)}"
        self._create(name, model)
        return self._address(name)

    def _create(self, name: str, template: str) -> None:
        with psycopg.connect(self.server_url.replace("+psycopg", ""), autocommit=True) as link:
            link.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')

    def _address(self, name: str) -> str:
        return self.server_url.rsplit("/", 1)[0] + "/" + name

    @property
    def server_url(self) -> str:
        """The PostgreSQL server's own URL; starts it the first time."""
        if given := os.environ.get(GIVEN_POSTGRES):
            return given
        if self._server is None:
            programs = postgres_programs()
            if programs is None:
                missing("PostgreSQL", "apt-get install postgresql")
            self._server = PrivatePostgres(programs)
        return self._server.url

    def drop(self, url: str) -> None:
        """Give back the space of a database of ours, nobody connected any more."""
        if url.startswith("sqlite"):
            for end in ("", "-wal", "-shm"):
                Path(url.removeprefix("sqlite:///") + end).unlink(missing_ok=True)
        else:
            with psycopg.connect(self.server_url.replace("+psycopg", ""), autocommit=True) as link:
                link.execute(f'DROP DATABASE IF EXISTS "{url.rsplit("/", 1)[1]}" WITH (FORCE)')

    def close(self) -> None:
        if self._server:
            self._server.stop()
