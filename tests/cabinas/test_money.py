from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from cabinas.money import queries
from cabinas.money.models import Cierre
from cabinas.paper.models import PrintJob
from core import ledger
from printing.decoder import decode
from tests.cabinas.conftest import Cabin
from tests.cabinas.stand_in import StandIn


def sound(cabin: Cabin) -> ledger.Balances:
    """The balances, once they agree with the postings and sum to zero."""
    with cabin.store.read() as session:
        kept, summed = queries.balances(session), queries.summed_balances(session)
    assert {a: c for a, c in kept.items() if c} == {a: c for a, c in summed.items() if c}
    assert sum(kept.values()) == 0
    return kept


def test_a_remittance_is_not_more_than_the_drawer_holds(cabin: Cabin):
    cabin.file()
    refused = cabin.post("/remesas", {"centimos": 1_501, "reference": "x"})
    assert (refused.status_code, refused.json["code"]) == (409, "remesa.mas_que_la_caja")
    assert cabin.post("/remesas", {"centimos": 0, "reference": "x"}).status_code == 422
    assert cabin.post("/remesas", {"centimos": "1500", "reference": "x"}).status_code == 422


def test_a_rejected_remittance_puts_the_cash_back_to_answer_for(cabin: Cabin, centre: StandIn):
    cabin.file()
    sent = cabin.post("/remesas", {"centimos": 1_100, "reference": "x"}).json["id"]
    assert sound(cabin)[ledger.Account.CASH] == 400
    cabin.talk()
    centre.confirm("remesa_rechazada", sent, 1_100)
    cabin.talk()
    assert sound(cabin)[ledger.Account.CASH] == 1_500 and cabin.held == 1_100


def test_a_confirmation_of_less_leaves_the_rest_owed(cabin: Cabin, centre: StandIn):
    cabin.file()
    sent = cabin.post("/remesas", {"centimos": 1_100, "reference": "x"}).json["id"]
    cabin.talk()
    centre.confirm("remesa_confirmada", sent, 1_000)
    cabin.talk()
    assert cabin.held == 100
    sound(cabin)


def test_two_words_on_one_remittance_count_once(cabin: Cabin, centre: StandIn):
    cabin.file()
    sent = cabin.post("/remesas", {"centimos": 1_100, "reference": "x"}).json["id"]
    cabin.talk()
    centre.confirm("remesa_confirmada", sent, 1_100, id="a")
    centre.confirm("remesa_confirmada", sent, 1_100, id="b")
    cabin.talk()
    assert cabin.held == 0
    sound(cabin)


def test_a_declared_extorno_keeps_the_debt_until_treasury_confirms(cabin: Cabin, centre: StandIn):
    number = cabin.file().json["number"]
    declared = cabin.post("/extornos", {"number": number, "motivo": "se equivocó de trámite"})
    assert declared.status_code == 201 and declared.json["state"] == "declarado"
    assert cabin.held == 1_100 and sound(cabin)[ledger.Account.CASH] == 0
    again = cabin.post("/extornos", {"number": number, "motivo": "otra vez"})
    assert (again.status_code, again.json["code"]) == (409, "extorno.ya_declarado")
    cabin.talk()
    centre.confirm("extorno_confirmado", declared.json["id"], 1_500)
    cabin.talk()
    assert cabin.held == 0 and cabin.get("/caja").json["commission_today_centimos"] == 0
    sound(cabin)


def test_a_charge_given_back_when_the_drawer_lacks_it_is_told_as_the_cabins_own_money(
    cabin: Cabin, operator: FlaskClient
):
    number = cabin.file().json["number"]
    cabin.post("/remesas", {"centimos": 1_100, "reference": "BN 1"})
    assert "dinero propio" not in operator.get("/caja").text
    assert cabin.post("/extornos", {"number": number, "motivo": "se equivocó"}).status_code == 201
    told = operator.get("/caja").text
    assert "S/ 11.00 de lo devuelto" in told and "con dinero propio de la cabina" in told
    more = cabin.post("/remesas", {"centimos": 1, "reference": "BN 2"}).json["detail"]
    assert "En la caja hay S/ 0.00" in more
    closed = cabin.post("/cierres", {"counts": {"100": 2}}).json
    assert (closed["expected_centimos"], closed["counted_centimos"], closed["difference_centimos"]) == (
        -1_100,
        200,
        1_300,
    )
    page = operator.get("/cierres/1").text
    assert "Devuelto con dinero propio de la cabina" in page and "A favor de la cabina" in page
    with cabin.store.read() as session:
        paper = " ".join(
            decode(session.scalars(select(PrintJob.data).where(PrintJob.subject == "Z1")).one()).text.split()
        )
    assert "Devuelto con dinero propio de la cabina 11.00" in paper and "A FAVOR DE LA CABINA" in paper
    for seen in (page, paper, operator.get("/caja").text, operator.get("/cierre").text):
        assert "-11.00" not in seen and "Sobra" not in seen
    assert sound(cabin)[ledger.Account.CASH] == 200


def test_a_rejected_extorno_may_be_declared_again(cabin: Cabin, centre: StandIn):
    number = cabin.file().json["number"]
    first = cabin.post("/extornos", {"number": number, "motivo": "sin recibo"}).json["id"]
    cabin.talk()
    centre.confirm("extorno_rechazado", first, 1_500)
    cabin.talk()
    assert cabin.held == 1_100 and sound(cabin)[ledger.Account.CASH] == 1_500
    assert cabin.post("/extornos", {"number": number, "motivo": "ahora con recibo"}).status_code == 201


def test_only_an_own_cash_charge_is_given_back(cabin: Cabin):
    free = cabin.file("SG-08", payment=None).json["number"]
    assert cabin.post("/extornos", {"number": free, "motivo": "x"}).json["code"] == "extorno.sin_cobro"
    unknown = cabin.post("/extornos", {"number": "2026-C09A-000001-X", "motivo": "x"})
    assert unknown.status_code == 404


def test_the_day_closes_blind_and_the_difference_is_posted(cabin: Cabin):
    cabin.file()
    cabin.file()
    z = cabin.post("/cierres", {"counts": {"2000": 1, "500": 1, "200": 2, "50": 1, "10": 1}}).json
    assert (z["z"], z["expected_centimos"], z["counted_centimos"], z["difference_centimos"]) == (1, 3_000, 2_960, -40)
    assert (z["first_seq"], z["last_seq"]) == (1, 2)
    assert sound(cabin)[ledger.Account.COUNT_DIFFERENCE] == 40
    with cabin.store.read() as session:
        paper = decode(session.scalars(select(PrintJob.data).where(PrintJob.subject == "Z1")).one()).text
    assert "29.60" in paper and "30.00" in paper


def test_later_tramites_belong_to_the_next_z_which_chains_to_the_one_before(cabin: Cabin, centre: StandIn):
    cabin.file()
    cabin.post("/cierres", {"counts": {"1000": 1, "500": 1}})
    cabin.file()
    second = cabin.post("/cierres", {"counts": {"1000": 3}}).json
    assert (second["z"], second["first_seq"], second["last_seq"], second["difference_centimos"]) == (2, 3, 3, 0)
    third = cabin.post("/cierres", {"counts": {"1000": 3}}).json
    assert (third["first_seq"], third["last_seq"]) == (None, None)
    cabin.talk()
    told = centre.held("cierre_z")
    assert [told[at + 1]["prev_hash"] for at in range(2)] == [told[at]["hash"] for at in range(2)]
    with cabin.store.read() as session:
        assert [row.filings for row in session.scalars(select(Cierre).order_by(Cierre.z))] == [1, 1, 0]


def test_c14_a_void_after_the_z_is_a_line_of_the_next_z_on_its_paper_and_its_page(cabin: Cabin, operator: FlaskClient):
    number = cabin.file().json["number"]
    assert cabin.post("/cierres", {"counts": {"1000": 1, "500": 1}}).json["z"] == 1
    assert cabin.post("/extornos", {"number": number, "motivo": "se equivocó"}).status_code == 201
    assert cabin.post("/cierres", {"counts": {"1000": 0}}).json["difference_centimos"] == 0
    with cabin.store.read() as session:
        papers = {
            job.subject: decode(job.data).text
            for job in session.scalars(select(PrintJob).where(PrintJob.subject.in_(("Z1", "Z2"))))
        }
    line = next(row for row in papers["Z2"].splitlines() if f"Extorno {number}" in row)
    assert line.endswith("-15.00") and "Extorno" not in papers["Z1"]
    assert f"Extorno de {number}" in operator.get("/cierres/2").text
    assert f"Extorno de {number}" not in operator.get("/cierres/1").text


@pytest.mark.parametrize("counts", [{"300": 1}, {"1000": -1}, {"x": 1}, {"1000": 1.5}])
def test_a_count_that_is_not_of_coins_and_notes_is_refused(cabin: Cabin, counts: dict):
    assert cabin.post("/cierres", {"counts": counts}).status_code == 422


def test_the_ledger_cannot_be_changed_or_deleted(cabin: Cabin):
    cabin.file()
    for statement in (
        "UPDATE ledger_posting SET centimos = 1",
        "DELETE FROM ledger_entry",
        "DELETE FROM event",
        "UPDATE event SET signed = ''",
        "DELETE FROM expediente",
    ):
        with pytest.raises(SQLAlchemyError, match="only grows"):
            cabin.store.write(lambda session, sql: session.execute(text(sql)) and None, statement)
    sound(cabin)


def test_what_the_cabin_owes_is_the_sum_of_what_its_events_say(cabin: Cabin, centre: StandIn):
    for tramite in ("RC-01", "SG-03", "SA-02", "SG-08", "RC-02"):
        cabin.file(tramite)
    cabin.talk()
    told = sum(
        line["centimos"]
        for payload in centre.held("expediente")
        for line in payload["charges"]
        if line["concept"] != "servicio_cabina"
    )
    assert told == cabin.held
    entries = [payload["ledger"] for payload in centre.held("expediente") if payload["ledger"]]
    rebuilt = ledger.balances(
        ledger.Entry(
            ledger.EntryKind(entry["kind"]),
            entry["subject"],
            tuple(ledger.Posting(ledger.Account(line["account"]), line["centimos"]) for line in entry["postings"]),
        )
        for entry in entries
    )
    assert ledger.municipal_held(rebuilt) == cabin.held


def test_every_void_of_the_till_is_listed_and_found_by_reason_or_number(cabin: Cabin, operator: FlaskClient):
    numbers = [cabin.file().json["number"] for _ in range(2)]
    for number, motivo in zip(numbers, ("cobro doble", "se equivocó"), strict=True):
        assert cabin.post("/extornos", {"number": number, "motivo": motivo}).status_code == 201
    page = operator.get("/extornos").text
    assert all(number in page for number in numbers) and "S/ 30.00" in page
    found = operator.get("/extornos?q=DOBLE").text
    assert numbers[0] in found and numbers[1] not in found
    assert "Ningún extorno" in operator.get("/extornos?q=nada").text
