"""Where a measurement happens: a demonstration's data made anew, and the centre on it as a process of its own."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlcipher3 import dbapi2 as sqlcipher

from bench.disk import Disk

ROOT = Path(__file__).resolve().parent.parent
LISTENS = re.compile(r"http://([\d.]+):(\d+)")


class Place:
    """A copy of the demonstration's data without printers, so that only what is measured uses the disk."""

    def __init__(self, folder: Path, disk: Disk):
        self.data, self._disk = folder / "centro", disk
        self.environment = {**os.environ, **disk.environment, "CAC_DATA_DIR": str(self.data)}

    def command(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "run.py", *arguments],
            cwd=ROOT,
            env={**self.environment, "LD_PRELOAD": ""},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def token(self, role: str) -> str:
        return self.command("token", "create", "--role", role, "--name", "medición", "--sala", "principal")

    @contextmanager
    def server(self) -> Iterator[tuple[str, int]]:
        """The centre while it runs: its address."""
        log = tempfile.TemporaryFile("w+")  # noqa: SIM115 - as long as the process
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "bench.server"],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        assert process.stdout
        try:
            listens = LISTENS.search(process.stdout.readline())
            if listens is None:
                log.seek(0)
                raise RuntimeError(f"the server did not start:\n{log.read()[-3000:]}")
            yield listens[1], int(listens[2])
        finally:
            process.terminate()
            process.wait(30)


@contextmanager
def model() -> Iterator[Path]:
    """The demonstration's data, made once for all measurements, without its paper."""
    with tempfile.TemporaryDirectory(prefix="cac-bench-") as folder:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [sys.executable, "run.py", "demo", "--dir", folder, "--port", str(port), "--prepare"]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        yield Path(folder)


@contextmanager
def place(of: Path, disk: Disk) -> Iterator[Place]:
    """A fresh copy of `of`, on `disk`, deleted afterwards."""
    with tempfile.TemporaryDirectory(prefix="cac-bench-") as folder:
        shutil.copytree(of / "centro", Path(folder) / "centro")
        link = sqlcipher.connect(f"{folder}/centro/cac.db")
        link.execute("DELETE FROM printer_route")
        link.commit()
        link.close()
        yield Place(Path(folder), disk)
