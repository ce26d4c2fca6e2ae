"""Scans at the till: kept by their content, announced with the data, their bytes sent afterwards whatever the link does."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from cabinas.attachments.loop import AttachmentLoop
from cabinas.attachments.models import Adjunto
from cabinas.sync.client import LinkDown, Talk
from cabinas.upkeep_loop import forget_files
from core.clock import now_utc
from core.wire import sha256
from storage.contents import path_of
from tests.cabinas.conftest import Cabin, csrf, later
from tests.cabinas.stand_in import StandIn

SCAN = b"%PDF-1.4 " + bytes(range(256)) * 1_000


@pytest.fixture
def sender(cabin: Cabin) -> Iterator[AttachmentLoop]:
    loop = AttachmentLoop(cabin.store, cabin.device, talk=Talk(cabin.device.key), folder=cabin.till.files_dir)
    cabin.till.attachments = loop
    yield loop
    loop.stop()


def attach(cabin: Cabin, number: str, data: bytes = SCAN, name: str = "DNI.pdf", **form: str):
    form |= {"csrf_token": csrf(cabin.http.get("/nuevo?tramite=RC-01"))}
    return cabin.http.post(f"/registrado/{number}/adjuntos", data={"files": [(io.BytesIO(data), name)]} | form)


@pytest.fixture
def number(cabin: Cabin, operator: FlaskClient) -> str:
    return cabin.file().json["number"]


def send_all(sender: AttachmentLoop) -> None:
    while sender.exchange():
        pass


def test_a_scan_goes_after_the_data_in_pieces(cabin: Cabin, centre: StandIn, sender: AttachmentLoop, number: str):
    assert attach(cabin, number, sheets="2").status_code == 303
    assert not sender.exchange() and not centre.pieces  # data first
    page = cabin.http.get(f"/registrado/{number}").get_data(as_text=True)
    assert "DNI.pdf" in page and "Por enviar" in page
    cabin.talk()
    send_all(sender)
    told = centre.held("adjunto")[0]
    assert (told["number"], told["name"], told["sheets"], told["bytes"]) == (number, "DNI.pdf", 2, len(SCAN))
    assert centre.files[sha256(SCAN)] == SCAN
    assert len(centre.pieces) > 2
    assert "En el centro" in cabin.http.get(f"/registrado/{number}/adjuntos").get_data(as_text=True)


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_a_lost_reply_is_asked_about_and_the_rest_goes_on(
    cabin: Cabin, centre: StandIn, sender: AttachmentLoop, number: str, lost: int
):
    attach(cabin, number)
    cabin.talk()
    for _ in range(lost - 1):
        sender.exchange()
    centre.lose_replies = 1
    with pytest.raises(LinkDown):
        sender.exchange()
    send_all(sender)
    assert centre.files[sha256(SCAN)] == SCAN


def test_a_till_that_starts_again_goes_on_where_the_centre_is(
    cabin: Cabin, centre: StandIn, sender: AttachmentLoop, number: str
):
    attach(cabin, number)
    cabin.talk()
    sender.exchange()
    sender.exchange()
    here = len(centre.files[sha256(SCAN)])
    assert 0 < here < len(SCAN)
    sender.sent.clear()  # what a new process knows
    centre.pieces.clear()
    send_all(sender)
    assert centre.files[sha256(SCAN)] == SCAN
    assert min(piece.offset for piece in centre.pieces if piece.data) == here


def test_the_same_file_again_is_the_same_document(cabin: Cabin, centre: StandIn, number: str):
    attach(cabin, number)
    attach(cabin, number, name="otra vez.pdf")
    cabin.talk()
    assert len(centre.held("adjunto")) == 1


def test_what_cannot_be_attached_is_said_and_nothing_is_kept(cabin: Cabin, number: str):
    page = attach(cabin, number, data=b"MZ program", name="virus.exe")
    assert page.status_code == 422 and "Adjunte un PDF o una imagen JPG o PNG" in page.get_data(as_text=True)
    none = cabin.http.post(f"/registrado/{number}/adjuntos", data={"csrf_token": csrf(cabin.http.get("/caja"))})
    assert none.status_code == 422 and "Elija el archivo" in none.get_data(as_text=True)
    assert cabin.get("/caja").json["pending_sync"] == 1
    assert not cabin.till.files_dir.exists()


def test_a_file_of_a_case_of_elsewhere_is_not_kept(cabin: Cabin, number: str):
    assert attach(cabin, "2026-C02A-000001-7").status_code == 404
    assert not cabin.till.files_dir.exists()


def test_a_restored_centre_is_asked_for_every_file_again(
    cabin: Cabin, centre: StandIn, sender: AttachmentLoop, number: str
):
    attach(cabin, number)
    cabin.talk()
    send_all(sender)
    centre.files.clear()
    centre.epoch += 1
    cabin.talk()
    send_all(sender)
    assert centre.files[sha256(SCAN)] == SCAN


def test_what_the_centre_could_not_take_in_waits_for_people(
    cabin: Cabin, centre: StandIn, sender: AttachmentLoop, number: str
):
    attach(cabin, number)
    cabin.talk()
    told = next(seq for (_, seq), event in centre.events.items() if event.payload["kind"] == "adjunto")
    centre.quarantine(told)
    cabin.talk()
    assert not sender.exchange()
    centre.quarantined = ()
    cabin.talk()
    send_all(sender)
    assert centre.files


def forget(cabin: Cabin, days: int = 30) -> int:
    now = now_utc()
    return forget_files(cabin.store, cabin.till.files_dir, before=now - timedelta(days=days), now=now)


def test_bytes_leave_the_disk_some_days_after_the_centre_has_them(
    cabin: Cabin, centre: StandIn, sender: AttachmentLoop, number: str
):
    attach(cabin, number)
    later(days=40)
    assert forget(cabin) == 0, "the centre does not have it"
    cabin.talk()
    send_all(sender)
    assert forget(cabin) == 0
    later(days=31)
    path = path_of(cabin.till.files_dir, sha256(SCAN))
    attach(cabin, cabin.file().json["number"])  # the same scan in another case, not told yet
    assert forget(cabin) == 0 and path.exists()
    cabin.talk()
    send_all(sender)
    later(days=31)
    assert forget(cabin) == 1 and not path.exists() and forget(cabin) == 0
    page = cabin.http.get(f"/registrado/{number}/adjuntos").get_data(as_text=True)
    assert "En el centro" in page and "<a href" not in page
    with cabin.store.read() as session:
        kept = session.scalars(select(Adjunto.id)).first()
    gone = cabin.http.get(f"/adjuntos/{kept}")
    assert gone.status_code == 404 and "Pídalo al CAC" in gone.get_data(as_text=True)


def test_what_a_restored_centre_lost_and_the_till_forgot_is_told_and_scanned_again(
    cabin: Cabin, centre: StandIn, sender: AttachmentLoop, number: str
):
    attach(cabin, number)
    other = b"%PDF-1.4 another"
    attach(cabin, number, data=other, name="plano.pdf")
    cabin.talk()
    send_all(sender)
    later(days=31)
    assert forget(cabin) == 2
    del centre.files[sha256(SCAN)]
    centre.epoch += 1
    cabin.talk()
    send_all(sender)
    page = f"/registrado/{number}/adjuntos"
    told = cabin.http.get(page).get_data(as_text=True)
    assert told.count("Se perdió") == 1 and told.count("En el centro") == 1
    cabin.sync.exchange()
    assert "adjuntos: 1 se perdieron y hay que escanearlos otra vez" in centre.batches[-1].alarms
    attach(cabin, number)
    send_all(sender)
    assert centre.files[sha256(SCAN)] == SCAN and "Se perdió" not in cabin.http.get(page).get_data(as_text=True)


def test_a_program_attaches_by_the_api(cabin: Cabin, centre: StandIn, number: str):
    body = {"name": "Plano", "sheets": 1, "content": base64.b64encode(SCAN).decode()}
    made = cabin.post(f"/expedientes/{number}/documentos", body)
    assert made.status_code == 201 and made.json["sha256"] == sha256(SCAN)
    assert cabin.post(f"/expedientes/{number}/documentos", body).json == made.json
    cabin.talk()
    assert len(centre.held("adjunto")) == 1
