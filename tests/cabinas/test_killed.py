"""The real process, killed at random points while it files: all of a case is there, or nothing of it."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from uuid import uuid4

import pytest
import requests
from sqlalchemy import select

from cabinas.filing.models import Counter, Expediente
from cabinas.money import queries as money
from cabinas.money.models import LedgerEntry
from cabinas.outbox.models import EventRow
from cabinas.paper.models import PrintJob
from core import clock, ledger, wire
from core.ids import ExpedienteNumber
from storage import Store
from tests.cabinas.conftest import filing
from tests.cabinas.stand_in import StandIn, make_catalogue
from tests.databases import free_port
from tests.demo import eventually

RUN = Path(__file__).resolve().parents[2] / "run.py"
KILLS = 4
CLIENTS = 3

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]


@pytest.fixture(autouse=True)
def lima_friday() -> None:
    """Processes of their own keep the true hour."""


class Process:
    """`run.py cabina` on its own, paired with the stand-in."""

    def __init__(self, folder: Path, centre: StandIn):
        self.folder, self.port = folder, free_port()
        self.run("pair", "--centre", centre.url, "--code", centre.code, "--printer", f"folder://{folder / 'papel'}")
        self.token = self.run("token").strip()
        self.url = f"http://127.0.0.1:{self.port}/api/v1"

    def run(self, *arguments: str) -> str:
        command = [sys.executable, str(RUN), "cabina", *arguments, "--dir", str(self.folder)]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=240).stdout

    def start(self) -> None:
        command = [sys.executable, str(RUN), "cabina", "--dir", str(self.folder), "--port", str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        for _ in range(600):
            try:
                if requests.get(f"{self.url}/sync", headers=self.headers(), timeout=10).ok:
                    return
            except requests.RequestException:
                time.sleep(0.05)
        raise AssertionError("the till did not start")

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Idempotency-Key": uuid4().hex}

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()


def test_a_till_killed_while_filing_keeps_all_of_each_case_or_nothing(tmp_path: Path):
    centre = StandIn(clock=clock.now_utc)
    centre.catalogue = make_catalogue(guarantee_centimos=100_000_000)
    centre.numbers = 100_000
    centre.start()
    till = Process(tmp_path / "cabina", centre)
    acknowledged: set[str] = set()
    rest = random.Random(7)
    for _ in range(KILLS):
        till.start()
        dead = threading.Event()

        def file_until_dead(dead: threading.Event = dead) -> None:
            while not dead.is_set():
                try:
                    answer = requests.post(f"{till.url}/expedientes", json=filing(), headers=till.headers(), timeout=60)
                except requests.RequestException:
                    return
                assert answer.status_code == 201, answer.text
                acknowledged.add(answer.json()["number"])

        clients = [threading.Thread(target=file_until_dead) for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        told = len(acknowledged)
        eventually(lambda told=told: len(acknowledged) > told + 1)
        time.sleep(rest.uniform(0, 0.6))  # not a wait: the moment of the cut is what is tried
        till.kill()
        dead.set()
        for client in clients:
            client.join()
        check_whole(till.folder, acknowledged)
    till.start()
    eventually(lambda: centre.last_seq() >= len(kept(till.folder)))
    till.kill()
    centre.stop()
    assert not centre.forks
    assert {payload["number"] for payload in centre.held("expediente")} == set(kept(till.folder)) >= acknowledged
    assert len(acknowledged) > KILLS


def kept(folder: Path) -> list[str]:
    store = Store(f"sqlite:///{folder / 'cabina.db'}")
    with store.read() as session:
        numbers = list(session.scalars(select(Expediente.number).order_by(Expediente.id)))
    store.close()
    return numbers


def check_whole(folder: Path, acknowledged: set[str]) -> None:
    """Number, case, ledger, event and paper are of the same cases, gapless, balanced, chained."""
    store = Store(f"sqlite:///{folder / 'cabina.db'}")
    with store.read() as session:
        numbers = set(session.scalars(select(Expediente.number)))
        events = [json.loads(row) for row in session.scalars(select(EventRow.signed).order_by(EventRow.seq))]
        papers = set(session.scalars(select(PrintJob.subject).where(PrintJob.copy == 0)))
        charged = set(session.scalars(select(LedgerEntry.subject).where(LedgerEntry.kind == ledger.EntryKind.CHARGE)))
        last = session.scalar(select(Counter.last)) or 0
        balance, summed = money.balances(session), money.summed_balances(session)
    store.close()
    assert acknowledged <= numbers
    assert numbers == papers == charged == {event["payload"]["number"] for event in events}
    assert sorted(ExpedienteNumber.parse(number).sequence for number in numbers) == list(range(1, last + 1))
    assert [event["header"]["seq"] for event in events] == list(range(1, len(events) + 1))
    assert balance == summed and sum(balance.values()) == 0
    assert ledger.municipal_held(balance) == 1_100 * len(numbers)
    previous = wire.GENESIS
    for event in map(wire.Event.model_validate, events):
        wire.check_follows(event, previous)
        previous = event.hash
