"""What a cabin adds to its cases: cures as of the day they were made, scans whose bytes come later and once."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from cac.expedientes.actions import lapse_observed
from cac.expedientes.models import Expediente, RefundOrder
from cac.sync import queries
from core import clock, wire
from core.clock import LIMA, now_utc
from storage.contents import path_of

FILED = datetime(2026, 3, 31, 9, 0, tzinfo=LIMA)  # observed until 6 April
SCAN = b"%PDF-1.4 " + bytes(range(256)) * 100
MISSING = {"request": {"missing": ["2", "3"]}}


@pytest.fixture(autouse=True)
def lima():
    clock.set_start(FILED)
    yield
    clock.set_start(datetime.now(LIMA))


def days_later(days: int) -> datetime:
    moved = FILED + timedelta(days=days)
    clock.set_start(moved)
    return moved


def cured(till: Any, number: str, *presented: str, at: datetime, **changes: Any) -> None:
    values: dict[str, Any] = {
        "at": at,
        "operator": "Elva R.",
        "id": uuid4().hex,
        "number": number,
        "presented": presented,
        "sheets": 2,
    }
    till.append(wire.ObservationCured(**values | changes))


def announced(till: Any, number: str, data: bytes = SCAN, **changes: Any) -> None:
    values: dict[str, Any] = {
        "at": now_utc(),
        "operator": "Elva R.",
        "id": uuid4().hex,
        "number": number,
        "name": "DNI.pdf",
        "media_type": "application/pdf",
        "sha256": wire.sha256(data),
        "bytes": len(data),
    }
    till.append(wire.AttachmentAnnounced(**values | changes))


def send(till: Any, offset: int, piece: bytes, data: bytes = SCAN) -> Any:
    sent = wire.AttachmentPiece.of("C01", sha256=wire.sha256(data), offset=offset, piece=piece)
    answer = till.client.post("/api/v1/cabinas/C01/adjuntos", json=wire.seal(till.key, sent).plain())
    if answer.status_code != 200:
        return answer
    sealed = wire.Sealed[wire.AttachmentHeld].model_validate(answer.json)
    return wire.open_sealed(till.centre, sealed, wire.AttachmentHeld)


def show(caller: Any, number: str) -> Any:
    return caller("ventanilla").get(f"/expedientes/{number}").json


def lapse(session: Any, *, now: datetime) -> list[str]:
    return lapse_observed(session, now=now, synced_until=queries.synced_until(session))


def test_a_cure_at_the_cabin_counts_from_the_day_it_was_brought(till, caller):
    fact = till.file(**MISSING)
    till.sync()
    cured(till, fact.number, "3", at=FILED + timedelta(hours=2))
    cured(till, fact.number, "2", at=FILED + timedelta(days=6))
    days_later(9)
    assert till.sync().quarantined == ()
    case = show(caller, fact.number)
    assert (case["state"], case["received_on"], case["clock_start_on"]) == ("recibido", "2026-03-31", "2026-04-07")
    assert [document["kind"] for document in case["documents"]] == ["solicitud", "subsanacion", "subsanacion"]


def test_c19_a_cure_made_in_time_and_told_late_undoes_the_lapse_and_its_refund(till, store, caller):
    fact = till.file(**MISSING)
    till.sync()
    days_later(7)
    till.sync()  # it had nothing left to tell, so the case lapses
    assert store.write(lapse, now=now_utc()) == [fact.number]
    cured(till, fact.number, "2", "3", at=FILED + timedelta(days=1))
    assert till.sync().quarantined == ()
    case = show(caller, fact.number)
    assert case["state"] == "recibido" and case["observed"] is None
    assert [move["kind"] for move in case["movements"]][-3:] == ["lapso", "reposicion", "subsanacion"]
    with store.read() as session:
        assert session.scalars(select(RefundOrder.state)).all() == ["cancelada"]


def test_a_lapse_whose_refund_was_paid_is_left_to_people(till, store):
    fact = till.file(**MISSING)
    till.sync()
    days_later(7)
    till.sync()
    store.write(lapse, now=now_utc())
    store.write(lambda session: session.execute(update(RefundOrder).values(state="pagada")) and None)
    cured(till, fact.number, "2", at=FILED + timedelta(days=1))
    assert [each.code for each in till.sync().quarantined] == ["expediente.devolucion_pagada"]


def test_what_is_brought_too_late_or_was_cured_elsewhere_joins_the_case_as_one_more_paper(till, caller):
    fact = till.file(**MISSING)
    till.sync()
    caller("ventanilla").post(f"/expedientes/{fact.number}/subsanaciones", {"sheets": 1})
    cured(till, fact.number, "2", at=FILED + timedelta(hours=1))
    days_later(10)
    cured(till, fact.number, "3", at=FILED + timedelta(days=10))
    assert till.sync().quarantined == ()
    names = [document["name"] for document in show(caller, fact.number)["documents"]]
    assert names[-2:] == [
        "Subsanación en la cabina de lo que ya no faltaba",
        "Subsanación presentada fuera de plazo en la cabina",
    ]


def test_the_centre_tells_the_day_when_the_cabins_clock_is_in_doubt(till, caller):
    fact = till.file(**MISSING)
    till.sync()
    behind = days_later(1)
    cured(till, fact.number, "2", "3", at=behind - timedelta(days=400), clock_doubtful=True)
    till.sync(sent_at=behind - timedelta(days=400))
    case = show(caller, fact.number)
    assert (case["state"], case["clock_start_on"]) == ("recibido", "2026-04-06")


def test_a_scan_is_on_its_way_until_its_last_byte_and_then_on_the_case(till, caller, person, settings):
    fact = till.file()
    announced(till, fact.number)
    assert till.sync().quarantined == ()
    clerk = person("ventanilla")
    page = clerk.get(f"/expedientes/{fact.number}").get_data(as_text=True)
    assert "Adjunto en camino" in page and "DNI.pdf" in page
    assert send(till, 0, b"").held == 0
    assert (send(till, 0, SCAN[:9_000]).held, send(till, 0, SCAN[:9_000]).held) == (9_000, 9_000)
    assert "Adjunto en camino" in clerk.get(f"/expedientes/{fact.number}").get_data(as_text=True)
    last = send(till, 9_000, SCAN[9_000:])
    assert (last.held, last.whole) == (len(SCAN), True)
    assert "Adjunto en camino" not in clerk.get(f"/expedientes/{fact.number}").get_data(as_text=True)
    assert clerk.get(f"/expedientes/{fact.number}/documentos/2").data == SCAN
    assert send(till, 0, b"").whole
    assert path_of(settings.files_dir, wire.sha256(SCAN)).read_bytes() == SCAN
    assert len(show(caller, fact.number)["documents"]) == 2


def test_bytes_that_nobody_announced_or_of_another_pc_are_not_taken(till, settings):
    till.file()
    till.sync()
    unknown = send(till, 0, SCAN)
    assert (unknown.status_code, unknown.json["code"]) == (404, "sync.adjunto_no_anunciado")
    till.key = wire.new_key()
    forged = send(till, 0, SCAN)
    assert (forged.status_code, forged.json["code"]) == (401, "sync.firma_invalida")
    assert not settings.files_dir.exists() or not list(settings.files_dir.rglob("*"))


def test_a_piece_that_is_no_base64_or_far_too_long_is_refused(till):
    fact = till.file()
    announced(till, fact.number)
    till.sync()
    body = {"cabina": "C01", "nonce": "n", "sha256": wire.sha256(SCAN), "offset": 0, "data": "ñ"}
    signed = {"body": body, "signature": wire.sign(till.key, wire.AttachmentPiece.what, body)}
    answer = till.client.post("/api/v1/cabinas/C01/adjuntos", json=signed)
    assert (answer.status_code, answer.json["code"]) == (422, "sync.mensaje_invalido")
    body["data"] = base64.b64encode(bytes(wire.MAX_PIECE_BYTES * 2)).decode()
    signed = {"body": body, "signature": wire.sign(till.key, wire.AttachmentPiece.what, body)}
    assert till.client.post("/api/v1/cabinas/C01/adjuntos", json=signed).status_code == 413


def test_a_case_of_another_cabin_takes_nothing(till, store):
    fact = till.file()
    till.sync()
    store.write(lambda session: session.execute(update(Expediente).values(cabina="C02")) and None)
    announced(till, fact.number)
    cured(till, fact.number, "1", at=now_utc())
    assert [each.code for each in till.sync().quarantined] == ["sync.contenido_invalido"] * 2
