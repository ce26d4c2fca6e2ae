"""A real server killed with no warning, a real port for a printer: once, or a question, never twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests

from cac.access.actions import SYSTEM, create_token
from cac.paper.actions import add_printer
from core.clock import now_utc
from printing.decoder import decode
from storage import Store
from tests.databases import free_port
from tests.printing.fault_printer import FaultPrinter
from web.settings import Settings

ROOT = Path(__file__).resolve().parents[3]
pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]


class Centre:
    """The demonstration's centre, on a port of its own, with one TCP printer for tickets."""

    def __init__(self, folder: Path):
        self.folder, self.port = folder, free_port()
        self.token = self.write(create_token, role="ventanilla", name="Rosa Huamán")
        self.process: subprocess.Popen[bytes] | None = None

    def write(self, verb: Callable[..., Any], **values: Any) -> Any:
        """While no server runs."""
        store = Store(Settings(data_dir=self.folder / "centro", database_url="").store_url)
        try:
            return store.write(verb, **values, now=now_utc())
        finally:
            store.close()

    def add_printer(self, name: str, url: str) -> None:
        self.write(add_printer, name=name, url=url, principal=SYSTEM)

    def start(self) -> None:
        env = {"PATH": os.environ["PATH"], "CAC_DATA_DIR": str(self.folder / "centro")}
        command = [sys.executable, "run.py", "serve", "--port", str(self.port)]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.wait_for(lambda: self.answers())

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        assert self.process is not None
        self.process.send_signal(how)
        self.process.wait(60)
        self.process = None

    def answers(self) -> bool:
        try:
            return requests.get(f"http://127.0.0.1:{self.port}/health", timeout=10).ok
        except requests.RequestException:
            return False

    def get(self, path: str) -> dict:
        headers = {"Authorization": f"Bearer {self.token}"}
        return requests.get(f"http://127.0.0.1:{self.port}/api/v1{path}", headers=headers, timeout=60).json()

    def post(self, path: str, body: object = None) -> dict:
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": uuid4().hex}
        url = f"http://127.0.0.1:{self.port}/api/v1{path}"
        answer = requests.post(url, json=body or {}, headers=headers, timeout=60)
        assert answer.ok, answer.text
        return answer.json()

    def state(self, job: int) -> str:
        return self.get(f"/impresiones/{job}")["state"]

    @staticmethod
    def wait_for(condition, seconds: float = 120) -> None:
        until = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < until, "it did not happen"
            time.sleep(0.05)


@pytest.fixture
def centre(demo):
    centre = Centre(demo.folder)
    yield centre
    if centre.process:
        centre.kill()


def test_a_cut_before_the_first_byte_prints_once_at_the_next_start(centre):
    printer = FaultPrinter(port=free_port())
    centre.add_printer("kiosko", printer.url)
    centre.start()
    ticket = centre.post("/tickets", {"service": "A"})
    job = ticket["print_job"]
    centre.wait_for(lambda: centre.state(job) in ("en_cola", "no_enviada"))
    centre.kill()
    with printer:
        centre.start()
        centre.wait_for(lambda: centre.state(job) == "confirmada")
        paper = decode(printer.paper)
        assert paper.cuts == 1 and ticket["code"] in paper.lines and "REIMPRESIÓN" not in paper.text


def test_a_cut_while_printing_asks_and_a_no_prints_a_marked_copy(centre):
    with FaultPrinter("mute") as printer:
        centre.add_printer("kiosko", printer.url)
        centre.start()
        ticket = centre.post("/tickets", {"service": "A"})
        job = ticket["print_job"]
        centre.wait_for(lambda: centre.state(job) == "enviando")
        centre.wait_for(lambda: printer.paper.count(b"\x1dV") == 1)
        centre.kill()
        printer.behaviour = "ok"
        centre.start()
        centre.wait_for(lambda: centre.state(job) == "desconocida")
        behind = centre.post("/tickets", {"service": "A"})["print_job"]
        centre.wait_for(lambda: centre.state(behind) == "confirmada")
        assert printer.paper.count(b"\x1dV") == 2, "it was printed again by itself, before the one behind it"
        copy = centre.post(f"/impresiones/{job}/respuestas", {"salio": False})["print_job"]
        centre.wait_for(lambda: centre.state(copy) == "confirmada")
        papers = decode(printer.paper)
        assert papers.cuts == 3
        assert papers.text.count("REIMPRESIÓN 1") == 1 and papers.lines.count(ticket["code"]) == 2


def test_a_printer_that_never_reads_delays_nobody_and_ends_as_a_question(centre):
    with FaultPrinter("stalled") as stalled, FaultPrinter() as good:
        centre.add_printer("kiosko", f"{stalled.url}?wait=1")
        centre.add_printer("cargos", good.url)
        centre.start()
        job = centre.post("/tickets", {"service": "A"})["print_job"]
        before = centre.state(job)
        centre.post("/tickets", {"service": "B"})
        assert before in ("en_cola", "enviando"), "issuing waited for the printer"
        centre.wait_for(lambda: centre.state(job) == "desconocida")
        centre.kill(signal.SIGTERM)
