"""The real centre and real cabins in one process, joined by a link whose faults are on order."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests
from apiflask import APIFlask
from requests.adapters import BaseAdapter
from sqlalchemy import func, select

from cabinas import schema
from cabinas.app import create_app as create_till
from cabinas.device import Device, key_to_pair, load_key
from cabinas.enrolment.actions import enrol, history_to_pair
from cabinas.enrolment.queries import device_keys, terms
from cabinas.filing.models import Expediente
from cabinas.money.queries import balances as till_balances
from cabinas.money.queries import summed_balances
from cabinas.operators.actions import make_token
from cabinas.outbox.models import EventRow
from cabinas.outbox.queries import written
from cabinas.sync import actions as sync
from cabinas.sync.client import LinkDown, Talk
from cabinas.sync.loop import SyncLoop
from cabinas.till import Till
from cac.access.actions import SYSTEM
from cac.expedientes.models import Expediente as Case
from cac.sync.actions import Terms, add_cabina, give_pairing_code
from cac.sync.keys import centre_key
from cac.sync.models import Cabina, InboxEvent
from cac.treasury.ledger import balances as owed_balances
from core import ledger, wire
from core.clock import now_utc
from storage import Store
from tests.cabinas.conftest import Cabin
from web.settings import Settings

RUC = "20512333797"


class Refused(Exception):
    """The centre's answer to a pairing: its code."""


URL = "http://127.0.0.1:9"  # nobody is there: the link goes to the application


class Link(BaseAdapter):
    """`fault` is asked for each request and may name what befalls it: `down`, `lost_reply`, `half`, `twice`, `late`."""

    def __init__(self, app: APIFlask):
        super().__init__()
        self.app, self.fault = app, lambda: ""
        self.late: list[tuple[str, Any, dict[str, str]]] = []
        self.sent: list[tuple[str, Any]] = []

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        path, body, headers = request.path_url, request.body or b"", dict(request.headers)
        fault = self.fault()
        if fault == "down":
            raise requests.ConnectionError("down")
        if fault == "late":
            self.late.append((path, body, headers))
            raise requests.Timeout("late")
        if fault == "half":
            self._deliver(path, body[: len(body) // 2], headers | {"Content-Length": str(len(body) // 2)})
            raise requests.ConnectionError("cut in the middle")
        answer = self._deliver(path, body, headers)
        if fault == "twice":
            answer = self._deliver(path, body, headers)
        if fault == "lost_reply":
            raise requests.Timeout("the reply was lost")
        return self._answer(request, answer)

    def deliver_late(self) -> None:
        """What was under way all this time arrives, the newest first."""
        while self.late:
            self._deliver(*self.late.pop())

    def _deliver(self, path: str, body: Any, headers: dict[str, str]) -> Any:
        headers = {name: value for name, value in headers.items() if name.lower() != "content-length"}
        return self.app.test_client().post(path, data=body, headers=headers)

    def _answer(self, request: requests.PreparedRequest, answer: Any) -> requests.Response:
        response = requests.Response()
        response.status_code, response.headers = (
            answer.status_code,
            requests.structures.CaseInsensitiveDict(answer.headers),
        )
        response.raw, response.request, response.url = io.BytesIO(answer.get_data()), request, request.url or ""
        return response

    def close(self) -> None: ...


class Town:
    """A centre and as many cabins as a test pairs. `agree()` is what must hold whatever happened."""

    def __init__(self, app: APIFlask, store: Store, settings: Settings, folder: Path):
        self.app, self.store, self.settings, self.folder = app, store, settings, folder
        self.cabins: list[Cabin] = []
        self.links: dict[int, Link] = {}

    @property
    def key(self) -> str:
        return wire.public_text(centre_key(self.settings.keys_dir))

    def convene(self, code: str, **terms: Any) -> None:
        values = {
            "name": f"Cabina {code}",
            "partner": "Los Sauces S.A.C.",
            "ruc": RUC,
            "guarantee_centimos": 90_000_000,
        }
        self.store.write(add_cabina, Terms(code=code, **(values | terms)), principal=SYSTEM, now=now_utc())

    def pair(self, code: str, folder: Path | None = None, *, machine: str = "", unseen: bool = False) -> Cabin:
        """A PC for the cabin, in a folder of its own unless told which. `unseen`: the till does not see what is wrong with it."""
        folder = folder or self.folder / f"{code}-{uuid4().hex[:6]}"
        folder.mkdir(parents=True, exist_ok=True)
        settings = Settings(data_dir=folder, database_url=f"sqlite:///{folder / 'cabina.db'}")
        given = self.store.write(give_pairing_code, code, centre_key=self.key, principal=SYSTEM, now=now_utc())
        store = Store(settings.store_url)
        with store._write_engine.begin() as connection:
            schema.metadata.create_all(connection)
        with store.read() as session:
            key = key_to_pair(settings.keys_dir, device_keys(session))
            history = written(session) if unseen else history_to_pair(session)
        asked = wire.PairingRequest(
            secret=wire.split_pairing_code(given)[0],
            device_key=wire.public_text(key),
            machine=machine,
            nonce=uuid4().hex,
            history=history,
        )
        headers = {"Idempotency-Key": uuid4().hex}
        said = self.app.test_client().post("/api/v1/cabinas/emparejamientos", json=asked.plain(), headers=headers)
        if said.status_code != 201:
            store.close()
            raise Refused(said.json["code"])
        answer = wire.open_sealed(self.key, wire.Sealed.model_validate(said.json), wire.PairingAnswer)
        store.write(enrol, centre_url=URL, answer=answer, device_key=asked.device_key, now=now_utc(), machine=machine)
        store.close()
        Device(key, folder / "marca").write_mark(wire.unsealed(answer.lease, wire.Lease).epoch, 0)
        return self.start(folder, machine=machine)

    def start(self, folder: Path, *, machine: str = "") -> Cabin:
        """The till on what its folder holds, as when the PC is switched on."""
        settings = Settings(data_dir=folder, database_url=f"sqlite:///{folder / 'cabina.db'}")
        store = Store(settings.store_url)
        with store.read() as session:
            key = load_key(settings.keys_dir, terms(session).identity.device_key)
        device = Device(key, folder / "marca", machine)
        store.write(sync.check_mark, device.read_mark(), device_key=device.public_key)
        store.write(sync.check_machine, machine)
        talk, link = Talk(device.key), Link(self.app)
        talk._session.mount("http://", link)
        loop = SyncLoop(store, device, talk=talk)
        till = Till(store, device, folder, loop)
        app = create_till(till, settings)
        app.testing = True
        token = store.write(make_token, name="Elva R.", now=now_utc())
        cabin = Cabin(folder, store, device, till, loop, app.test_client(), token)
        self.cabins.append(cabin)
        self.links[id(cabin)] = link
        return cabin

    def link(self, cabin: Cabin) -> Link:
        return self.links[id(cabin)]

    def stop(self, cabin: Cabin) -> Path:
        """Off; its folder may be copied, put back, started again."""
        self.cabins.remove(cabin)
        cabin.sync.stop()
        cabin.store.close()
        return cabin.folder

    def close(self) -> None:
        for cabin in list(self.cabins):
            self.stop(cabin)

    def owed(self, code: str) -> int:
        with self.store.read() as session:
            cabina_id = session.scalars(select(Cabina.id).where(Cabina.code == code)).one()
            return ledger.municipal_held(owed_balances(session, cabina_id))

    def held(self, code: str) -> int:
        """Events of the cabin at the centre."""
        with self.store.read() as session:
            of_it = select(func.count()).select_from(InboxEvent).join(Cabina, Cabina.id == InboxEvent.cabina_id)
            return session.scalar(of_it.where(Cabina.code == code)) or 0

    def cases(self, code: str) -> list[str]:
        """Numbers of the cases that came by a cabin."""
        with self.store.read() as session:
            return sorted(session.scalars(select(Case.number).where(Case.number.like(f"____-{code}_-%"))))

    def agree(self) -> None:
        """Of each cabin the centre has all and nothing else, no number twice, and what it owes is the same on both sides to the
        céntimo."""
        for cabin in self.cabins:
            with cabin.store.read() as session:
                code = terms(session).lease.cabina
                held = ledger.municipal_held(till_balances(session))
                events = session.scalar(select(func.count()).select_from(EventRow))
                assert till_balances(session) == summed_balances(session)
            numbers = numbers_of(cabin)
            assert len(numbers) == len(set(numbers)), "a number given twice"
            assert self.cases(code) == sorted(numbers)
            assert held == self.owed(code), f"{code} owes otherwise here and there"
            assert events == self.held(code)


def numbers_of(cabin: Cabin) -> list[str]:
    with cabin.store.read() as session:
        return list(session.scalars(select(Expediente.number).order_by(Expediente.id)))


def every(*faults: str) -> Callable[[], str]:
    """These faults one after another, then none for ever."""
    waiting = list(faults)
    return lambda: waiting.pop(0) if waiting else ""


def hear(town: Town, old: Cabin) -> None:
    """A replaced PC is heard and reads nothing: each try tells a little more."""
    for _ in range(4):
        with suppress(LinkDown):
            old.talk()
    town.stop(old)
