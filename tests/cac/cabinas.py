"""A cabin's PC by hand: it signs what a till would sign and posts it to the centre, in any order the test wants."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cac.access.actions import SYSTEM
from cac.sync import actions
from cac.sync.keys import centre_key
from cac.tupa.actions import import_tupa
from core import ledger, wire
from core.clock import LIMA, now_utc
from core.ids import ExpedienteNumber, tracking_key
from intake.fees import CabinFee
from intake.filing import decide
from intake.request import FilingRequest
from intake.tramite import tramite_from_json
from intake.tupa import parse_tupa
from storage import Store
from web.settings import Settings

RUC = "20512333797"
APPLICANT = {"document_type": "DNI", "document_number": "10117410", "name": "Nélida Chuquimango Soto"}


@pytest.fixture
def tupa(store: Store) -> None:
    text = Path("data/tupa.json").read_text(encoding="utf-8")
    store.write(import_tupa, parse_tupa(text), principal=SYSTEM, now=now_utc())


class Till:
    """One device of a cabin: its key, its lease, its chain of events."""

    def __init__(self, client: FlaskClient, code: str, centre: str):
        self.client, self.code, self.centre = client, code, centre
        self.key = wire.new_key()
        self.lease: wire.Lease | None = None
        self.catalogue: wire.Catalogue | None = None
        self.centre_epoch = 0
        self.events: list[wire.Event] = []
        self.sequence = 0
        self.held_centimos = 0

    def pair(self, pairing_code: str, *, idempotency_key: str | None = None) -> TestResponse:
        secret, fingerprint = wire.split_pairing_code(pairing_code)
        assert fingerprint == wire.fingerprint(self.centre)
        asked = wire.PairingRequest(secret=secret, device_key=wire.public_text(self.key), nonce=uuid4().hex)
        answer = self.client.post(
            "/api/v1/cabinas/emparejamientos",
            json=asked.plain(),
            headers={"Idempotency-Key": idempotency_key or uuid4().hex},
        )
        if answer.status_code == 201:
            sealed = wire.Sealed[wire.PairingAnswer].model_validate(answer.json)
            paired = wire.open_sealed(self.centre, sealed, wire.PairingAnswer)
            assert paired.nonce == asked.nonce
            self.lease = wire.open_sealed(self.centre, paired.lease, wire.Lease)
            self.catalogue = wire.open_sealed(self.centre, paired.catalogue, wire.Catalogue)
            self.centre_epoch = paired.centre_epoch
        return answer

    def clone(self) -> Till:
        """The same disk in another PC."""
        other = Till(self.client, self.code, self.centre)
        other.__dict__ |= self.__dict__ | {"events": list(self.events)}
        return other

    def append(self, fact: wire.Fact) -> wire.Event:
        assert self.lease is not None
        previous = self.events[-1].hash if self.events else wire.GENESIS
        event = wire.make_event(self.key, self.lease, seq=len(self.events) + 1, prev_hash=previous, payload=fact)
        self.events.append(event)
        return event

    def file(self, tramite: str = "RC-01", *, at: datetime | None = None, **changes: Any) -> wire.ExpedienteFiled:
        """A trámite at the till: decided by intake as at the centre, numbered in the lease, signed."""
        assert self.lease is not None and self.catalogue is not None
        at = at or now_utc()
        tupa = self.catalogue.tupa_on(at.astimezone(LIMA).date())
        assert tupa is not None
        entry = next(tramite_from_json(row) for row in tupa.tramites if row["code"] == tramite)
        convenio = self.catalogue.convenio
        asked = {
            "tramite": tramite,
            "applicant": APPLICANT,
            "subject": "Copia de partida",
            "sheets": 2,
            "payment": {"method": "efectivo"},
        }
        filing = decide(
            FilingRequest.model_validate(asked | changes.pop("request", {})),
            entry,
            received_at=at,
            calendar=self.catalogue.calendar.calendar(),
            channel="cabina",
            cabin_fee=CabinFee(convenio.service_centimos),
        )
        self.sequence += 1
        number = ExpedienteNumber(self.lease.year, self.code, self.lease.series, self.sequence)
        lines = {line.concept: line.centimos for line in filing.charges.lines}
        entry_of_money = ledger.charge(
            str(number),
            fee_centimos=lines.get("derecho", 0),
            rounding_centimos=-lines.get("redondeo", 0),
            service_centimos=lines.get("servicio_cabina", 0) or filing.charges.cabin_borne_centimos,
            fee_in_cash=filing.payment is not None and filing.payment.method == "efectivo",
            service_borne_by_citizen="servicio_cabina" in lines,
        )
        values: dict[str, Any] = {
            "at": at,
            "operator": "Elva R.",
            "id": uuid4().hex,
            "number": str(number),
            "track_key": tracking_key(),
            "tramite": tramite,
            "tupa_version": tupa.version,
            "calendar_version": self.catalogue.calendar.version,
            "state": filing.state,
            "received_on": filing.clock.received_on,
            "clock_start_on": filing.clock.clock_start_on,
            "due_on": filing.clock.due_on,
            "sap_on": filing.clock.sap_on,
            "observed": filing.observed and asdict(filing.observed),
            "applicant": asdict(filing.applicant),
            "subject": filing.subject,
            "sheets": filing.sheets,
            "annexes": filing.annexes,
            "payment": filing.payment and asdict(filing.payment),
            "charges": [asdict(line) for line in filing.charges.lines],
            "total_centimos": filing.charges.total_centimos,
            "cabin_borne_centimos": filing.charges.cabin_borne_centimos,
            "warnings": [asdict(notice) for notice in filing.warnings],
            "ledger": wire.LedgerEntry.of(entry_of_money) if entry_of_money else None,
        }
        fact = wire.ExpedienteFiled(**values | changes)
        self.append(fact)
        if entry_of_money:
            self.held_centimos += ledger.municipal_held(ledger.balances([entry_of_money]))
        return fact

    def remit(self, centimos: int, **changes: Any) -> wire.RemittanceDeclared:
        subject = uuid4().hex
        values: dict[str, Any] = {
            "at": now_utc(),
            "operator": "Elva R.",
            "id": subject,
            "centimos": centimos,
            "reference": "BN 0012345",
            "ledger": wire.LedgerEntry.of(ledger.declare_remittance(subject, centimos)),
        }
        fact = wire.RemittanceDeclared(**values | changes)
        self.append(fact)
        return fact

    def accept(self, sealed: wire.Sealed[wire.Confirmation], entry: ledger.Entry) -> None:
        self.append(
            wire.ConfirmationAccepted(at=now_utc(), operator="", confirmation=sealed, ledger=wire.LedgerEntry.of(entry))
        )

    def batch(self, events: Sequence[wire.Event] | None = None, **changes: Any) -> wire.Batch:
        """Of `events`, all it has unless told."""
        assert self.lease is not None and self.catalogue is not None
        values: dict[str, Any] = {
            "cabina": self.code,
            "nonce": uuid4().hex,
            "sent_at": now_utc(),
            "centre_epoch": self.centre_epoch,
            "epoch": self.lease.epoch,
            "events": tuple(self.events if events is None else events),
            "catalogue_version": self.catalogue.version,
            "lease_last": self.lease.last,
            "high_sequence": self.sequence,
            "high_year": self.lease.year,
            "pending": len(self.events if events is None else events),
            "municipal_held_centimos": self.held_centimos,
        }
        return wire.Batch(**values | changes)

    def post(self, events: Sequence[wire.Event] | None = None, **changes: Any) -> TestResponse:
        """Offer `events` in one signed batch."""
        sealed = wire.seal(self.key, self.batch(events, **changes))
        return self.client.post(f"/api/v1/cabinas/{self.code}/lotes", json=sealed.plain())

    def sync(self, events: Sequence[wire.Event] | None = None, **changes: Any) -> wire.BatchReply:
        """`post`, its reply opened with the centre's key."""
        answer = self.post(events, **changes)
        assert answer.status_code == 200, answer.json
        sealed = wire.Sealed[wire.BatchReply].model_validate(answer.json)
        return wire.open_sealed(self.centre, sealed, wire.BatchReply)


@pytest.fixture
def centre_public(settings: Settings) -> str:
    return wire.public_text(centre_key(settings.keys_dir))


@pytest.fixture
def convenio(store: Store, centre_public: str) -> Callable[..., str]:
    """`convenio("C01")` makes a cabin; answers its pairing code."""

    def make(code: str = "C01", **terms: Any) -> str:
        values = {"name": "Internet Los Sauces", "partner": "Los Sauces S.A.C.", "ruc": RUC} | terms
        store.write(actions.add_cabina, actions.Terms(code=code, **values), principal=SYSTEM, now=now_utc())
        return new_code(store, code, centre_public)

    return make


def new_code(store: Store, code: str, centre_public: str) -> str:
    given: str = store.write(actions.give_pairing_code, code, centre_key=centre_public, principal=SYSTEM, now=now_utc())
    return given


@pytest.fixture
def till(app: APIFlask, tupa: None, convenio: Callable[..., str], centre_public: str) -> Till:
    """C01's PC, paired."""
    till = Till(app.test_client(), "C01", centre_public)
    assert till.pair(convenio("C01")).status_code == 201
    return till
