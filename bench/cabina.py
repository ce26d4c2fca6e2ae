"""A cabin's till against a bare durable insert of the same rows, and its day's work on the way to the centre over HTTP."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2 as sqlcipher

from bench.load import Client, at
from bench.place import demonstration
from bench.report import Line, Report
from cabinas import schema
from cabinas.device import Device, key_to_pair
from cabinas.enrolment.actions import enrol, take_lease
from cabinas.filing import actions as filing
from cabinas.outbox import queries as outbox
from cabinas.paper.actions import set_printer
from cabinas.sync.client import Talk, pair
from cabinas.sync.loop import SyncLoop
from cabinas.sync.queries import outgoing
from core import wire
from core.clock import now_utc
from core.ids import random_token
from intake.request import FilingRequest
from storage import Store

MIN_SHARE, MIN_DRAIN, MIN_AGAIN = 0.30, 2.0, 20.0
QUEUED, QUEUED_QUICK = 10_000, 600
AGAIN = 20  # times a batch is sent again
CABINA = (
    "C77",
    "--name",
    "Medición",
    "--partner",
    "Medición S.A.C.",
    "--ruc",
    "20512333797",
    "--guarantee",
    "900000.00",
)
REQUEST = FilingRequest.model_validate(
    {
        "tramite": "RC-01",
        "applicant": {"document_type": "DNI", "document_number": "10117410", "name": "Nélida Chuquimango Soto"},
        "subject": "Partida de nacimiento",
        "sheets": 1,
        "payment": {"method": "efectivo"},
    }
)


@dataclass(frozen=True, slots=True)
class Cabin:
    store: Store
    device: Device
    sync: SyncLoop
    talk: Talk

    def file(self) -> None:
        self.store.write(filing.file, REQUEST, operator="Elva R.", device=self.device, now=now_utc())


def run(*, seconds: float) -> Report:
    report = Report("cabina", "La caja de una cabina: registrar, enviar, enviar otra vez")
    queued = QUEUED if seconds >= 5 else QUEUED_QUICK
    with demonstration() as here, here.server() as server:
        address = server.address
        here.command("convenio", "add", *CABINA)
        code, token = here.command("convenio", "code", CABINA[0]), here.token("kiosko")
        with cabin(f"http://{address[0]}:{address[1]}", code) as till:
            rows = rows_of(till)
            floor, registered = floor_and_filings(till, rows, seconds=seconds)
            report.floor("las mismas filas, un COMMIT durable", per_second=floor)
            _line(report, "registrar, papel en cola", registered, floor)
            while pending(till) < queued:
                till.file()
            sent, issued = drain(till, address, token)
            _line(report, "enviar y aplicar", sent, floor, turno_p99_ms=at(issued, 0.99) * 1000)
            first, again = twice(till)
            report.add(Line("un lote otra vez", {"más rápido": first / again}, {"ms": again * 1000}))
    report.judge(
        f"registrar, {registered / floor:.0%} del piso (mínimo {MIN_SHARE:.0%})", registered / floor >= MIN_SHARE
    )
    report.judge(f"enviar, {sent / floor:.1f} veces el piso (mínimo {MIN_DRAIN:.0f})", sent / floor >= MIN_DRAIN)
    report.judge(
        f"un lote otra vez, {first / again:.0f} veces más rápido (mínimo {MIN_AGAIN:.0f})", first / again >= MIN_AGAIN
    )
    return report


def _line(report: Report, what: str, per_second: float, floor: float, **values: float) -> None:
    report.add(Line(what, {"del piso": per_second / floor}, {"por_segundo": per_second, **values}))


@contextmanager
def cabin(url: str, code: str) -> Iterator[Cabin]:
    """A paired cabin with a lease that no measurement exhausts; nothing runs beside it."""
    with tempfile.TemporaryDirectory(prefix="cac-bench-") as folder:
        store = Store(f"sqlite:///{folder}/cabina.db")
        with store._write_engine.begin() as connection:
            schema.metadata.create_all(connection)
        key = key_to_pair(Path(folder) / "keys", ())
        answer = pair(url, code, key=key, machine="", version="", verify=True)
        public = wire.public_text(key)
        store.write(enrol, centre_url=url, answer=answer, device_key=public, now=now_utc())
        lease = wire.unsealed(answer.lease, wire.Lease)
        store.write(take_lease, wire.seal(key, lease.model_copy(update={"last": 9_000_000})), now=now_utc())
        store.write(set_printer, f"folder://{folder}/papel")
        device, talk = Device(key, Path(folder) / "marca"), Talk(key)
        try:
            yield Cabin(store, device, SyncLoop(store, device, talk=talk), talk)
        finally:
            talk.close()
            store.close()


Rows = list[tuple[str, tuple[Any, ...]]]  # table, values


def rows_of(till: Cabin) -> Rows:
    """What one filing writes: the rows that are new or other than before, of every table."""

    def kept() -> dict[str, set[tuple[Any, ...]]]:
        with till.store.read() as session:
            link = session.connection()
            return {
                name: {tuple(row) for row in link.exec_driver_sql(f"SELECT * FROM {name}")}
                for name in schema.metadata.tables
            }

    till.file()  # the first one reads the catalogue
    before = kept()
    till.file()
    return [(name, row) for name, rows in kept().items() for row in rows - before[name]]


def floor_and_filings(till: Cabin, rows: Rows, *, seconds: float) -> tuple[float, float]:
    """The same rows by the bare driver, and filings, a second: in turns, so that both feel the same machine."""
    with tempfile.TemporaryDirectory(prefix="cac-bench-") as folder:
        link = sqlcipher.connect(f"{folder}/floor.db", isolation_level=None)
        for statement in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL"):
            link.execute(statement)
        statements = []
        for table, values in rows:
            columns = ", ".join(f"c{number}" for number in range(len(values)))
            link.execute(f"CREATE TABLE IF NOT EXISTS {table} (id INTEGER PRIMARY KEY, {columns})")
            statements.append((f"INSERT INTO {table} ({columns}) VALUES ({', '.join('?' * len(values))})", values))

        def insert() -> None:
            link.execute("BEGIN IMMEDIATE")
            for statement, values in statements:
                link.execute(statement, values)
            link.execute("COMMIT")

        bare: list[float] = []
        filed: list[float] = []
        until = time.perf_counter() + 2 * seconds
        while time.perf_counter() < until:
            for work, took in ((insert, bare), (till.file, filed)):
                began = time.perf_counter()
                work()
                took.append(time.perf_counter() - began)
        link.close()
    return len(bare) / sum(bare), len(filed) / sum(filed)


def pending(till: Cabin) -> int:
    with till.store.read() as session:
        return outbox.last_seq(session, 1)


def drain(till: Cabin, address: tuple[str, int], token: str) -> tuple[float, list[float]]:
    """Events a second that reach the centre and are applied, and how long a ticket took at its kiosk meanwhile, in order."""
    total, took, done = pending(till), [], threading.Event()

    def issue() -> None:
        client = Client(address, token)
        while not done.is_set():
            began = time.perf_counter()
            status, answer = client.post("/api/v1/tickets", b'{"service": "A"}')
            assert status == 201, answer
            took.append(time.perf_counter() - began)
            time.sleep(0.05)
        client.close()

    kiosk = threading.Thread(target=issue)
    kiosk.start()
    began = time.perf_counter()
    while till.sync.exchange():
        pass
    lasted = time.perf_counter() - began
    done.set()
    kiosk.join()
    return total / lasted, sorted(took)


def twice(till: Cabin) -> tuple[float, float]:
    """Seconds of a full batch the first time, and sent again."""
    while True:
        till.file()
        with till.store.read() as session:
            out = outgoing(session, now=now_utc())
        if len(out.batch.events) == wire.MAX_BATCH_EVENTS:
            break
    times = []
    for _ in range(1 + AGAIN):
        batch = out.batch.model_copy(update={"nonce": random_token()})
        began = time.perf_counter()
        till.talk.send(batch, centre_url=out.centre_url, centre_key=out.centre_key)
        times.append(time.perf_counter() - began)
    return times[0], sum(times[1:]) / AGAIN
