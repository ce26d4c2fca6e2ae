from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cabinas import schema
from cabinas.app import create_app
from cabinas.device import Device, key_to_pair
from cabinas.enrolment.actions import enrol
from cabinas.operators.actions import add_operator, hash_pin, make_token
from cabinas.paper.actions import set_printer
from cabinas.sync.client import Talk, pair
from cabinas.sync.loop import SyncLoop
from cabinas.till import Till
from core import clock
from storage import Store
from tests.cabinas.stand_in import StandIn
from web.settings import Settings

NOW = datetime(2026, 11, 20, 15, 42, tzinfo=UTC)  # Friday 10:42 in Lima
PIN_HASH = hash_pin("demo-cabina")


@pytest.fixture(autouse=True)
def lima_friday() -> Iterator[None]:
    """The process clock starts on Friday 20 November 2026 at 10:42 in Lima."""
    clock.set_start(NOW)
    yield
    clock.set_start(datetime.now(UTC))


@pytest.fixture
def centre() -> Iterator[StandIn]:
    centre = StandIn()
    centre.start()
    yield centre
    centre.stop()


@dataclass
class Cabin:
    """A paired cabin in this process: its store, its API and its exchange with the centre, step by step."""

    folder: Path
    store: Store
    device: Device
    till: Till
    sync: SyncLoop
    http: FlaskClient
    token: str
    sent: list[Any] = field(default_factory=list)

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def get(self, path: str) -> Any:
        return self.http.get(f"/api/v1{path}", headers=self.bearer)

    def post(self, path: str, body: Any, *, key: str | None = None) -> Any:
        headers = self.bearer | {"Idempotency-Key": key or uuid4().hex}
        return self.http.post(f"/api/v1{path}", json=body, headers=headers)

    def file(self, tramite: str = "RC-01", **changes: Any) -> Any:
        return self.post("/expedientes", filing(tramite, **changes))

    def talk(self) -> None:
        """Until there is nothing more to send."""
        while self.sync.exchange():
            pass

    @property
    def held(self) -> int:
        return self.get("/caja").json["municipal_held_centimos"]


def filing(tramite: str = "RC-01", **changes: Any) -> dict[str, Any]:
    body: dict[str, Any] = {
        "tramite": tramite,
        "applicant": {"document_type": "DNI", "document_number": "10117410", "name": "Nélida Chuquimango Soto"},
        "subject": "Partida de nacimiento",
        "sheets": 1,
        "missing": [],
        "payment": {"method": "efectivo"},
    }
    return body | changes


def make_cabin(folder: Path, centre: StandIn, *, pair_it: bool = True) -> Cabin:
    settings = Settings(data_dir=folder, database_url=f"sqlite:///{folder / 'cabina.db'}")
    folder.mkdir(parents=True, exist_ok=True)
    store = Store(settings.store_url)
    device = Device(key_to_pair(settings.keys_dir, ()), folder / "marca")
    if pair_it:
        with store._write_engine.begin() as connection:
            schema.metadata.create_all(connection)
        answer = pair(centre.url, centre.code, key=device.key, machine="", version="", verify=True)
        now = clock.now_utc()
        store.write(enrol, centre_url=centre.url, answer=answer, device_key=device.public_key, now=now)
        store.write(set_printer, f"folder://{folder / 'papel'}")
        store.write(add_operator, login="cabina1", name="Elva Rojas", pin_hash=PIN_HASH, now=now)
    sync = SyncLoop(store, device, talk=Talk(device.key))
    till = Till(store, device, folder, sync)
    app = create_app(till, settings)
    app.testing = True
    token = store.write(make_token, name="Elva R.", now=clock.now_utc())
    return Cabin(folder, store, device, till, sync, app.test_client(), token)


@pytest.fixture
def cabin(tmp_path: Path, centre: StandIn) -> Iterator[Cabin]:
    cabin = make_cabin(tmp_path / "cabina", centre)
    yield cabin
    cabin.sync.stop()
    cabin.store.close()


def later(**lapse: int) -> datetime:
    """The process clock moves on by that much, or back; what it reads then."""
    moved = clock.now_utc() + timedelta(**lapse)
    clock.set_start(moved)
    return moved


def csrf(page: TestResponse) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found
    return found[1]


@pytest.fixture
def operator(cabin: Cabin) -> FlaskClient:
    """The till's pages, signed in."""
    return signed_in(cabin)


def signed_in(cabin: Cabin) -> FlaskClient:
    page = cabin.http.get("/entrar")
    form = {"csrf_token": csrf(page), "usuario": "cabina1", "pin": "demo-cabina"}
    assert cabin.http.post("/entrar", data=form).status_code == 302
    return cabin.http


def send(http: FlaskClient, page: str, action: str, **fields: object) -> TestResponse:
    opened = http.get(page)
    key = re.search(r'name="_key" value="([^"]+)"', opened.text)
    assert key
    return http.post(action, data={"csrf_token": csrf(opened), "_key": key[1], **fields})
