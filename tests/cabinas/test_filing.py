from __future__ import annotations

import inspect
import json
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from cabinas.filing.models import Expediente
from cabinas.money import queries as money
from cabinas.outbox.models import EventRow
from cabinas.paper.models import Printer, PrintJob
from cabinas.sync.client import ANSWER_S, CONNECT_S
from cabinas.sync.loop import GATHER_S, SyncLoop, backoff_s
from core import clock, ledger, wire
from core.clock import lima_day
from core.ids import ExpedienteNumber
from core.wire import POLL_S
from printing.decoder import decode
from tests.cabinas.conftest import Cabin, filing, later, make_cabin
from tests.cabinas.stand_in import StandIn, make_lease


def test_a_filing_gets_a_definitive_number_with_the_centre_off(cabin: Cabin, centre: StandIn):
    centre.stop()
    first, second = cabin.file(), cabin.file()
    assert first.status_code == second.status_code == 201
    assert ExpedienteNumber.parse(first.json["number"]) == ExpedienteNumber(2026, "C01", "A", 1)
    assert ExpedienteNumber.parse(second.json["number"]).sequence == 2
    assert cabin.get(f"/expedientes/{first.json['number'].lower()}").json["number"] == first.json["number"]


def test_the_fee_and_the_cabins_service_are_two_lines_and_only_the_fee_is_owed(cabin: Cabin):
    answer = cabin.file("RC-01").json
    assert {c["concept"]: c["centimos"] for c in answer["charges"]} == {"derecho": 1_100, "servicio_cabina": 400}
    assert answer["total_centimos"] == 1_500
    caja = cabin.get("/caja").json
    assert caja["municipal_held_centimos"] == 1_100
    assert caja["commission_today_centimos"] == 400
    assert caja["guarantee_centimos"] == 30_000


def test_a_missing_requisite_is_received_with_observation(cabin: Cabin):
    answer = cabin.file(missing=["2"]).json
    assert answer["state"] == "observado"
    assert answer["observed"] == {"missing": ["2"], "due_on": "2026-11-24"}
    assert answer["due_on"] is None


def test_number_case_money_paper_and_event_are_one(cabin: Cabin):
    number = cabin.file().json["number"]
    with cabin.store.read() as session:
        case = session.scalars(select(Expediente)).one()
        event = wire.Event.model_validate_json(session.scalars(select(EventRow.signed)).one())
        job = session.scalars(select(PrintJob)).one()
        balance = money.balances(session)
        assert balance == money.summed_balances(session)
    assert case.number == number == event.payload["number"] == job.subject
    wire.check_event(event, device_key=cabin.device.public_key)
    assert ledger.municipal_held(balance) == 1_100 and sum(balance.values()) == 0


def test_the_paper_shows_both_lines_the_number_and_that_it_is_a_demonstration(cabin: Cabin):
    answer = cabin.file().json
    with cabin.store.read() as session:
        paper = decode(session.scalars(select(PrintJob.data)).one())
    text = paper.text
    assert answer["number"] in text.replace("\n", "") and "DEMOSTRACIÓN" in text
    assert "11.00" in text and "4.00" in text and "15.00" in text
    assert answer["track_key"] in text and paper.qrs[0] == answer["track_url"]
    assert "10117410" not in text


def test_without_a_printer_the_paper_is_held_and_the_cargo_is_a_pdf(tmp_path, centre: StandIn):
    cabin = make_cabin(tmp_path / "cabina", centre)
    cabin.store.write(lambda session: session.delete(session.get_one(Printer, 1)))
    answer = cabin.file().json
    with cabin.store.read() as session:
        assert session.scalars(select(PrintJob.state)).all() == ["retenida"]
    assert cabin.http.get(answer["cargo_url"], headers=cabin.bearer).data.startswith(b"%PDF")
    cabin.store.close()


def test_the_same_key_files_once(cabin: Cabin):
    first = cabin.post("/expedientes", filing(), key="una")
    again = cabin.post("/expedientes", filing(), key="una")
    assert again.json == first.json
    assert cabin.post("/expedientes", filing("RC-02"), key="una").json["code"] == "idempotencia.otro_contenido"
    assert cabin.held == 1_100


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"tramite": "XX-99"}, 404, "tramite.no_existe"),
        ({"missing": ["77"]}, 422, "requisito.no_existe"),
        ({"payment": None}, 422, "pago.por_corregir"),
        ({"sheets": "uno"}, 422, "solicitud.invalida"),
    ],
)
def test_what_cannot_be_understood_is_refused_and_uses_no_number(cabin: Cabin, body: dict, status: int, code: str):
    refused = cabin.file(**body)
    assert (refused.status_code, refused.json["code"]) == (status, code)
    assert ExpedienteNumber.parse(cabin.file().json["number"]).sequence == 1


# --- the guarantee (C13, E12)


def test_a_fee_that_would_pass_the_guarantee_is_refused_with_no_number_and_no_paper(cabin: Cabin):
    while cabin.held + 1_100 <= 29_000:
        cabin.file()
    held = cabin.held
    refused = cabin.file("SG-03")
    assert (refused.status_code, refused.json["code"]) == (409, "cabina.garantia_superada")
    assert "garantía" in refused.json["detail"] and "Tesorería" in refused.json["detail"]
    assert cabin.held == held
    with cabin.store.read() as session:
        papers, cases = len(session.scalars(select(PrintJob)).all()), len(session.scalars(select(Expediente)).all())
    assert papers == cases == held // 1_100
    assert ExpedienteNumber.parse(cabin.file().json["number"]).sequence == cases + 1


def test_two_at_once_cannot_both_pass_the_guarantee(cabin: Cabin):
    while cabin.held + 2 * 1_100 <= 30_000:
        cabin.file()
    answers: list[int] = []
    clients = [threading.Thread(target=lambda: answers.append(cabin.file().status_code)) for _ in range(8)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    assert sorted(answers) == [201] + [409] * 7
    assert cabin.held <= 30_000


def test_what_is_not_paid_in_cash_never_counts_and_never_blocks(cabin: Cabin):
    answer = cabin.file("LF-02", payment={"method": "banco"})
    assert answer.status_code == 201
    assert "pago.pendiente" in {warning["code"] for warning in answer.json["warnings"]}
    assert cabin.held == 0
    assert cabin.file("SG-01", payment=None).status_code == 201
    assert cabin.held == 0


def test_a_paper_whose_fee_goes_to_the_bank_says_what_was_paid_here_and_what_is_left(cabin: Cabin):
    filed = [cabin.file(payment=paid) for paid in ({"method": "banco"}, {"method": "tarjeta"})]
    with cabin.store.read() as session:
        papers = {job.subject: decode(job.data).text for job in session.scalars(select(PrintJob))}
    pending, paid = (" ".join(papers[answer.json["number"]].split()) for answer in filed)
    assert "PAGO PENDIENTE" in pending and "Servicio de cabina C01 4.00" in pending
    assert "Pagado en efectivo -4.00 POR PAGAR S/ 11.00" in pending
    assert "TOTAL S/ 15.00 Efectivo 4.00 Tarjeta 11.00" in paid


def test_a_declared_remittance_does_not_free_the_guarantee_and_a_confirmed_one_does(cabin: Cabin, centre: StandIn):
    cabin.file()
    declared = cabin.post("/remesas", {"centimos": 1_100, "reference": "BN 0012345"})
    assert declared.status_code == 201 and declared.json["state"] == "declarada"
    cabin.talk()
    assert cabin.held == 1_100
    centre.confirm("remesa_confirmada", declared.json["id"], 1_100)
    cabin.talk()
    assert cabin.held == 0
    assert [row["state"] for row in cabin.get("/remesas").json] == ["confirmada"]


# --- the series (C2, C15)


def test_no_number_is_issued_outside_the_lease(tmp_path, centre: StandIn):
    centre.numbers = 3
    cabin = make_cabin(tmp_path / "cabina", centre)
    assert [cabin.file().status_code for _ in range(3)] == [201] * 3
    refused = cabin.file()
    assert (refused.status_code, refused.json["code"]) == (409, "cabina.serie_agotada")
    assert cabin.get("/caja").json["blocked"] == "serie_agotada"
    assert centre.lease is not None
    centre.offered_lease = centre.lease.model_copy(update={"last": 6})
    cabin.talk()
    assert ExpedienteNumber.parse(cabin.file().json["number"]).sequence == 4
    cabin.store.close()


def test_numbers_of_a_new_year_begin_at_one_in_the_same_series(cabin: Cabin, centre: StandIn):
    centre.stop()
    clock.set_start(datetime(2027, 1, 1, 4, 59, tzinfo=UTC))  # 31 December 23:59 in Lima
    assert ExpedienteNumber.parse(cabin.file().json["number"]).year == 2026
    later(minutes=2)
    number = ExpedienteNumber.parse(cabin.file().json["number"])
    assert (number.year, number.series, number.sequence) == (2027, "A", 1)


def test_a_clock_that_jumps_ahead_and_back_mixes_no_years_and_freezes_no_till(cabin: Cabin, centre: StandIn):
    centre.stop()
    cabin.file()
    clock.set_start(datetime(2027, 3, 1, 15, tzinfo=UTC))
    assert cabin.file().json["number"].startswith("2027-C01A-000001")
    clock.set_start(datetime(2026, 11, 20, 16, tzinfo=UTC))
    back = cabin.file()
    assert back.status_code == 201 and back.json["number"].startswith("2027-C01A-000002")
    assert "cabina.hora_por_verificar" in {warning["code"] for warning in back.json["warnings"]}


def test_a_clock_that_starts_in_2000_files_with_its_hour_to_be_verified(cabin: Cabin, centre: StandIn):
    clock.set_start(datetime(2000, 1, 1, 12, tzinfo=UTC))
    answer = cabin.file()
    assert answer.status_code == 201 and answer.json["number"].startswith("2026-C01A-000001")
    with cabin.store.read() as session:
        assert "hora por verificar" in decode(session.scalars(select(PrintJob.data)).one()).text
        event = json.loads(session.scalars(select(EventRow.signed)).one())
    assert event["payload"]["clock_doubtful"] is True


def test_a_clock_set_back_does_not_stretch_the_series(cabin: Cabin, centre: StandIn):
    later(days=8)
    expired = cabin.file()
    later(days=-8)
    set_back = cabin.file()
    for answer in (expired, set_back):
        assert "cabina.serie_vencida" in {warning["code"] for warning in answer.json["warnings"]}


def test_c17_a_price_that_changes_at_midnight_is_charged_from_then_on_with_no_link(cabin: Cabin, centre: StandIn):
    (tupa,) = centre.catalogue.tupa
    rows = tuple(row | {"version": "2026-B"} for row in tupa.tramites)
    rows = tuple(row | {"fee_centimos": 1_300} if row["code"] == "RC-01" else row for row in rows)
    dearer = wire.TupaVersion(version="2026-B", valid_from=lima_day(clock.now_utc()) + timedelta(days=1), tramites=rows)
    centre.catalogue = centre.catalogue.model_copy(update={"version": "2", "tupa": (tupa, dearer)})
    cabin.talk()
    centre.stop()
    before = cabin.file().json
    later(days=1)
    after = cabin.file().json
    assert [answer["charges"][0]["centimos"] for answer in (before, after)] == [1_100, 1_300]
    assert cabin.held == 1_100 + 1_300
    with cabin.store.read() as session:
        told = [json.loads(row)["payload"] for row in session.scalars(select(EventRow.signed).order_by(EventRow.seq))]
    assert [fact["tupa_version"] for fact in told] == [tupa.version, "2026-B"], (
        "each case keeps the version it was filed under"
    )


# --- what stops the till


def test_a_suspended_cabin_files_nothing_new_and_goes_on_sending(cabin: Cabin, centre: StandIn):
    cabin.file()
    centre.suspension = wire.Suspension(suspended=True, reason="no remite", at=clock.now_utc())
    cabin.talk()
    refused = cabin.file()
    assert (refused.status_code, refused.json["code"]) == (409, "cabina.suspendida")
    assert "no remite" in refused.json["detail"]
    assert len(centre.held("expediente")) == 1
    assert cabin.get("/sync").json["state"] == "suspendida"
    centre.suspension = wire.Suspension(suspended=False, at=clock.now_utc())
    cabin.talk()
    assert cabin.file().status_code == 201


def test_e13_a_suspended_cabin_hears_of_it_within_a_minute_whatever_the_link_does():
    answered = CONNECT_S + ANSWER_S
    assert inspect.signature(SyncLoop).parameters["poll_s"].default == POLL_S
    assert POLL_S + GATHER_S + answered < 60, "an idle cabin asks, and has its answer"
    assert max(backoff_s(failures) for failures in range(1, 50)) + answered < 60, "and so after a bad link"


def test_without_space_on_disk_no_money_is_taken(cabin: Cabin, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("cabinas.till.FREE_BYTES_MIN", 1 << 60)
    refused = cabin.file()
    assert (refused.status_code, refused.json["code"]) == (507, "cabina.sin_espacio")
    monkeypatch.undo()
    assert ExpedienteNumber.parse(cabin.file().json["number"]).sequence == 1


def test_a_new_series_opens_a_frozen_till(cabin: Cabin, centre: StandIn):
    cabin.file()
    cabin.talk()
    centre.frozen = wire.Frozen(epoch=1, seq=1, reason="dos historias distintas")
    cabin.talk()
    refused = cabin.file()
    assert (refused.status_code, refused.json["code"]) == (409, "cabina.serie_congelada")
    assert cabin.get("/sync").json["frozen"] == "dos historias distintas"
    centre.frozen = None
    centre.offered_lease = make_lease(cabin.device.public_key, now=clock.now_utc(), epoch=2, series="B")
    cabin.talk()
    assert cabin.file().json["number"].startswith("2026-C01B-000001")
    cabin.talk()
    assert centre.last_seq(1) == 1 and centre.last_seq(2) == 1
