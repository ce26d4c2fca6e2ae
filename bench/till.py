"""A cabin's PC as a process that feels its own disk: `python -m bench.till URL CODE TOKEN QUEUED SECONDS` files, drains and sends
again against the centre at URL, while a kiosk there issues tickets, and prints what it measured as JSON."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlcipher3 import dbapi2 as sqlcipher

from bench.kiosk import kiosk
from cabinas import schema
from cabinas.device import Device, key_to_pair
from cabinas.enrolment.actions import enrol, take_lease
from cabinas.enrolment.queries import terms
from cabinas.filing import actions as filing
from cabinas.outbox import queries as outbox
from cabinas.paper.actions import set_printer
from cabinas.sync.client import Talk, pair
from cabinas.sync.loop import SyncLoop
from cabinas.sync.queries import Outgoing, outgoing
from core import wire
from core.clock import now_utc
from core.ids import random_token
from intake.request import FilingRequest
from storage import Store
from web.access import Principal

OPERATOR = Principal("token", 1, "Elva R.", "operador")
AGAIN = 20  # times a batch is sent again
PEOPLE = 500  # who come in turn
NAMES = ("Nélida Chuquimango Soto", "Wilmer Huamán Tafur", "Rosa Elvira Cachi", "Segundo Ñontol Quispe")


@dataclass(frozen=True, slots=True)
class Measured:
    """Per second, but what says otherwise. `rows`: of one filing. `again_ms`: the same batch whole; `asked_ms`: what a till sends
    after a lost answer; `bare_ms`: the same bytes, signed, to a route that does nothing."""

    rows: int
    floor: float
    filed: float
    sent: float
    ticket_p99_ms: float
    first_ms: float
    again_ms: float
    asked_ms: float
    bare_ms: float


@dataclass(frozen=True, slots=True)
class Cabin:
    store: Store
    device: Device
    sync: SyncLoop
    talk: Talk

    def file(self, number: int = 0) -> None:
        self.store.write(filing.file, request_of(number), principal=OPERATOR, device=self.device, now=now_utc())


def request_of(number: int) -> FilingRequest:
    """The trámite of one of PEOPLE."""
    person = number % PEOPLE
    return FilingRequest.model_validate(
        {
            "tramite": "RC-01",
            "applicant": {
                "document_type": "DNI",
                "document_number": f"{40_000_000 + person}",
                "name": f"{NAMES[person % len(NAMES)]} {person}",
            },
            "subject": "Partida de nacimiento",
            "sheets": 1,
            "payment": {"method": "efectivo"},
        }
    )


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
        _lease_without_end(store, key)
        store.write(set_printer, f"folder://{folder}/papel")
        device, talk = Device(key, Path(folder) / "marca"), Talk(key)
        try:
            yield Cabin(store, device, SyncLoop(store, device, talk=talk), talk)
        finally:
            talk.close()
            store.close()


def _lease_without_end(store: Store, key: Ed25519PrivateKey) -> None:
    """One that no measurement exhausts, nor renews in each exchange."""
    with store.read() as session:
        lease = terms(session).lease
    store.write(take_lease, wire.seal(key, lease.model_copy(update={"last": 9_000_000})), now=now_utc())


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
    till.file(1)
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
            began = time.perf_counter()
            insert()
            between = time.perf_counter()
            till.file(len(filed))
            bare.append(between - began)
            filed.append(time.perf_counter() - between)
        link.close()
    return len(bare) / sum(bare), len(filed) / sum(filed)


def pending(till: Cabin) -> int:
    with till.store.read() as session:
        return outbox.pending(session)


def drain(till: Cabin, address: tuple[str, int], token: str) -> tuple[float, float]:
    """Events a second that reach the centre and are applied, and the p99 of a ticket's milliseconds at its kiosk meanwhile."""
    total = pending(till)
    with kiosk(address, token) as hall:
        began = time.perf_counter()
        while till.sync.exchange():
            pass
        lasted = time.perf_counter() - began
    return total / lasted, hall.p99_ms


def sent_again(till: Cabin) -> tuple[float, float, float, float]:
    """Milliseconds of a full batch the first time, of the same sent again whole, of what a till sends after a lost answer, and of
    the least that can cost: the same signed and posted to a bare route."""
    _lease_without_end(till.store, till.device.key)  # the centre gave its own while it drained
    while pending(till) < wire.MAX_BATCH_EVENTS:
        till.file()
    with till.store.read() as session:
        whole = outgoing(session, now=now_utc())
        asked = outgoing(session, asking=whole.batch.events[-1], now=now_utc())

    def send(out: Outgoing) -> float:
        batch = out.batch.model_copy(update={"nonce": random_token()})
        began = time.perf_counter()
        till.talk.send(batch, centre_url=out.centre_url, centre_key=out.centre_key)
        return (time.perf_counter() - began) * 1000

    def bare() -> float:
        began = time.perf_counter()
        body = wire.canonical(wire.seal(till.device.key, asked.batch).plain())
        till.talk._session.post(
            f"{asked.centre_url}/api/v1/bench", data=body, headers={"Content-Type": "application/json"}
        )
        return (time.perf_counter() - began) * 1000

    first, times = send(whole), range(AGAIN)
    again, told = median(send(whole) for _ in times), median(send(asked) for _ in times)
    return first, again, told, median(bare() for _ in times)


def main(url: str, code: str, token: str, queued: int, seconds: float) -> None:
    parts = urlsplit(url)
    assert parts.hostname and parts.port
    with cabin(url, code) as till:
        rows = rows_of(till)
        floor, filed = floor_and_filings(till, rows, seconds=seconds)
        number = 0
        while pending(till) < queued:
            till.file(number := number + 1)
        sent, ticket_p99_ms = drain(till, (parts.hostname, parts.port), token)
        first, again, asked, bare = sent_again(till)
    measured = Measured(len(rows), floor, filed, sent, ticket_p99_ms, first, again, asked, bare)
    print(json.dumps(asdict(measured)))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), float(sys.argv[5]))
