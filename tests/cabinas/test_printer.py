"""The till's own spool: what goes first, what a late word may change, how the printer is, its test page and answers."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from cabinas.paper import actions, queries
from cabinas.paper.models import PrinterEvent, PrintJob
from cabinas.paper.worker import Spooler, TillJobs
from core.clock import now_utc
from core.wire import sha256
from printing import Profile
from printing.decoder import decode
from printing.handshake import LOW_PAPER
from printing.outcome import Health, Outcome, State
from printing.papers import Paper
from printing.samples import SAMPLES
from tests.cabinas.conftest import Cabin, send

CONFIRMED = Outcome(State.CONFIRMED, "La impresora confirmó.")
UNKNOWN = Outcome(State.UNKNOWN, "La impresora no contestó a tiempo.")
ANSWERS = {"columns": "32", "accents": "C", "qr": "dibujado", "cut": "si"}


def queue(cabin: Cabin, paper: Paper, subject: str = "x") -> int:
    return cabin.store.write(actions.enqueue, paper, subject=subject, device=cabin.device, now=now_utc())


def job(cabin: Cabin, job_id: int) -> PrintJob:
    with cabin.store.read() as session:
        return session.get_one(PrintJob, job_id)


def try_it(cabin: Cabin, outcome: Outcome) -> int:
    """The next job is marked and comes out so; its id."""
    source = TillJobs(cabin.store)
    claimed = source.claim()
    assert claimed is not None and source.mark(claimed)
    source.result(claimed, outcome)
    return int(claimed.id)


def test_what_somebody_waits_for_goes_before_a_report(cabin: Cabin):
    order = [queue(cabin, SAMPLES[kind]) for kind in ("z", "valija", "cargo", "recibo", "liquidacion")]
    z, valija, cargo, receipt, settlement = order
    assert [try_it(cabin, CONFIRMED) for _ in order] == [cargo, receipt, z, valija, settlement]


def test_a_late_word_of_the_printer_never_overrules_a_person(cabin: Cabin):
    asked = queue(cabin, SAMPLES["cargo"])
    assert try_it(cabin, UNKNOWN) == asked
    told = cabin.store.write(actions.answer, asked, came_out=False, by="Elva", device=cabin.device, now=now_utc())
    cabin.store.write(actions.keep_result, asked, CONFIRMED, attempt=1, now=now_utc())
    assert job(cabin, asked).state == State.EXPIRED and told["copy"] == 1


def test_a_late_word_settles_a_question_nobody_answered_yet(cabin: Cabin):
    asked = queue(cabin, SAMPLES["cargo"])
    try_it(cabin, UNKNOWN)
    cabin.store.write(actions.keep_result, asked, CONFIRMED, attempt=1, now=now_utc())
    assert job(cabin, asked).state == State.CONFIRMED


def test_only_one_of_two_workers_marks_a_job(cabin: Cabin):
    queue(cabin, SAMPLES["cargo"])
    one, two = TillJobs(cabin.store), TillJobs(cabin.store)
    claims = one.claim(), two.claim()
    assert [source.mark(claim) for source, claim in zip((one, two), claims, strict=True)] == [True, False]
    one.result(claims[0], Outcome(State.NOT_SENT, "apagada"))
    assert two.mark(claims[1]) is False, "it slept since before another tried"


def test_the_printers_state_its_history_and_its_counters_are_on_its_page(cabin: Cabin, operator: FlaskClient):
    source = TillJobs(cabin.store)
    for health in (Health(), Health(), Health(warning=LOW_PAPER), Health("La impresora no tiene papel.")):
        source.health(health)
    for kind, outcome in (("cargo", CONFIRMED), ("recibo", UNKNOWN)):
        queue(cabin, SAMPLES[kind])
        try_it(cabin, outcome)
    with cabin.store.read() as session:
        kinds = [event.kind for event in queries.printer_card(session, now=now_utc())["events"]]
        today = queries.printer_card(session, now=now_utc())["today"]
        before = queries.printer_card(session, now=now_utc() + timedelta(days=1))["today"]
    assert kinds == ["problema", "aviso", "lista"]
    assert today == {"printed": 1, "copies": 0, "given_up": 0, "asked": 1}
    assert set(before.values()) == {0}
    page = operator.get("/impresora").text
    assert (
        "La impresora no tiene papel." in page and LOW_PAPER in page and 'href="/impresora"' in operator.get("/").text
    )


def test_the_test_page_is_printed_answered_and_the_next_paper_is_built_so(cabin: Cabin, operator: FlaskClient):
    assert "Empiece por la página de prueba" in operator.get("/impresora").text
    early = send(operator, "/impresora", "/impresora/calibraciones", **ANSWERS)
    assert early.status_code == 409 and "Primero imprima" in early.text
    spooler = Spooler(cabin.store, cabin.device, url=f"folder://{cabin.folder / 'papel'}")
    cabin.till.spooler = spooler
    assert send(operator, "/impresora", "/impresora/pruebas").status_code == 303
    assert "todavía no sale" in operator.get("/impresora").text
    spooler.start()
    until = time.monotonic() + 60
    while "Mire la página que salió" not in operator.get("/impresora").text:
        assert time.monotonic() < until
        time.sleep(0.05)
    spooler.stop()
    assert send(operator, "/impresora", "/impresora/calibraciones", **{**ANSWERS, "qr": ""}).status_code == 422
    saved = send(operator, "/impresora", "/impresora/calibraciones", **ANSWERS)
    assert saved.status_code == 303
    assert cabin.device.profile == Profile(32, "cp1252", draws_qr=False)
    with cabin.store.read() as session:
        assert Profile.from_url(queries.printer_url(session) or "") == cabin.device.profile
        calibrated = session.query(PrinterEvent).filter_by(kind="calibrada").one()
    assert calibrated.text == "32 columnas, CP1252, QR dibujado, corta, confirma" and calibrated.by
    paper = decode(job(cabin, queue(cabin, SAMPLES["cargo"])).data, columns=32)
    assert paper.codepages == ("cp1252",) and paper.qrs == () and not any(row.wrapped for row in paper.rows)


def test_a_mute_printer_is_calibrated_as_such_by_whoever_saw_its_page(cabin: Cabin, operator: FlaskClient):
    send(operator, "/impresora", "/impresora/pruebas")
    tested = try_it(cabin, UNKNOWN)
    assert "no confirmó" in operator.get("/impresora").text
    send(operator, "/impresora", "/impresora/calibraciones", **ANSWERS)
    assert cabin.device.profile.answers is False
    assert job(cabin, tested).state == State.CONFIRMED, "the question is answered by the same word"
    with cabin.store.read() as session:
        assert queries.asked(session) == []


@pytest.mark.parametrize("pages", [1, 2])
def test_a_test_page_that_could_not_come_out_is_forgotten(cabin: Cabin, operator: FlaskClient, pages: int):
    for _ in range(pages):
        send(operator, "/impresora", "/impresora/pruebas")
    with cabin.store.read() as session:
        waiting = session.query(PrintJob).filter_by(state=State.QUEUED).all()
        assert len(waiting) == 1
        assert queries.next_job(session, now=now_utc() + timedelta(minutes=3)) is None


def test_a_paper_is_drawn_from_its_bytes_as_wide_as_it_was_made(cabin: Cabin, operator: FlaskClient):
    """P11: also once the printer is another."""
    wide = queue(cabin, SAMPLES["cargo"])
    cabin.till.use_printer("tcp://127.0.0.1:9100?width=32")
    narrow = queue(cabin, SAMPLES["cargo"])
    for made, columns in ((wide, 48), (narrow, 32)):
        row = job(cabin, made)
        assert (row.columns, row.sha256) == (columns, sha256(row.data))
        assert operator.get(f"/papeles/{made}.png").data == decode(row.data, columns=columns).png()


def test_a_till_without_a_printer_says_so_and_prints_no_test(cabin: Cabin, operator: FlaskClient):
    def unplug(session):
        session.delete(session.get(actions.Printer, 1))

    cabin.store.write(unplug)
    assert "Sin impresora" in operator.get("/impresora").text
    refused = send(operator, "/nuevo?tramite=RC-01", "/impresora/pruebas")
    assert refused.status_code == 409 and "no tiene impresora" in refused.text
