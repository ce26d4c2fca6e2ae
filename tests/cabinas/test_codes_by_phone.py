"""C13: a one-time code read by phone frees the cap once, with no link, for its remittance and its amount only."""

from __future__ import annotations

from flask.testing import FlaskClient

from core import ledger
from tests.cabinas.conftest import Cabin, send
from tests.cabinas.stand_in import StandIn
from tests.cabinas.test_money import sound


def declared(cabin: Cabin, centimos: int = 1_100) -> str:
    answer = cabin.post("/remesas", {"centimos": centimos, "reference": "BN 001"})
    assert answer.status_code == 201, answer.json
    return answer.json["id"]


def without_link(cabin: Cabin, centre: StandIn) -> None:
    """The cabin has its codes, then the link is cut."""
    cabin.talk()
    centre.answering = False


def test_c13_a_code_read_by_phone_works_once_only_and_for_its_amount(cabin: Cabin, centre: StandIn):
    without_link(cabin, centre)
    cabin.file()
    cabin.file()
    sent = declared(cabin)
    assert cabin.held == 2_200, "declared, it frees nothing"
    wrong = cabin.post(f"/remesas/{sent}/codigos", {"code": centre.read_aloud(1, 1_000)})
    assert (wrong.status_code, wrong.json["code"]) == (422, "codigo.equivocado")
    assert "Quedan 4 intentos" in wrong.json["detail"] and cabin.held == 2_200
    code = centre.read_aloud(1, 1_100)
    right = cabin.post(f"/remesas/{sent}/codigos", {"code": code})
    assert (right.status_code, right.json["state"]) == (201, "confirmada")
    assert cabin.held == 1_100
    again = cabin.post(f"/remesas/{sent}/codigos", {"code": code})
    assert (again.status_code, again.json["code"]) == (409, "remesa.ya_resuelta")
    other = declared(cabin)
    assert cabin.post(f"/remesas/{other}/codigos", {"code": code}).json["code"] == "codigo.equivocado"
    assert cabin.held == 1_100
    sound(cabin)


def test_the_signed_word_takes_the_place_of_the_spoken_one(cabin: Cabin, centre: StandIn):
    without_link(cabin, centre)
    cabin.file()
    sent = declared(cabin)
    assert cabin.post(f"/remesas/{sent}/codigos", {"code": centre.read_aloud(1, 1_100)}).status_code == 201
    centre.answering = True
    cabin.talk()
    assert [fact["slot"] for fact in centre.held("remesa_por_codigo")] == [1]
    centre.confirm("remesa_confirmada", sent, 1_100)
    cabin.talk()
    assert cabin.held == 0 and sound(cabin)[ledger.Account.MUNICIPAL] == 0
    assert [row["state"] for row in cabin.get("/remesas").json] == ["confirmada"]
    assert len(centre.held("confirmacion_aceptada")) == 1


def test_a_spoken_word_that_treasury_takes_back_leaves_the_debt(cabin: Cabin, centre: StandIn):
    without_link(cabin, centre)
    cabin.file()
    sent = declared(cabin)
    cabin.post(f"/remesas/{sent}/codigos", {"code": centre.read_aloud(1, 1_100)})
    centre.answering = True
    cabin.talk()
    centre.confirm("remesa_rechazada", sent, 1_100)
    cabin.talk()
    assert cabin.held == 1_100 and sound(cabin)[ledger.Account.CASH] == 1_500


def test_five_wrong_codes_are_all_there_is(cabin: Cabin, centre: StandIn):
    without_link(cabin, centre)
    cabin.file()
    sent = declared(cabin)
    answers = [cabin.post(f"/remesas/{sent}/codigos", {"code": f"AAAA-AAA{n}"}) for n in range(5)]
    assert {answer.json["code"] for answer in answers} == {"codigo.equivocado"}
    spent = cabin.post(f"/remesas/{sent}/codigos", {"code": centre.read_aloud(1, 1_100)})
    assert (spent.status_code, spent.json["code"]) == (409, "codigo.agotado")
    assert cabin.held == 1_100


def test_without_hashes_left_a_remittance_waits_for_the_link(cabin: Cabin, centre: StandIn):
    without_link(cabin, centre)
    cabin.file()
    for _ in range(2):
        declared(cabin, 100)
    third = declared(cabin, 100)
    assert cabin.post(f"/remesas/{third}/codigos", {"code": "K7Q4-M2XD"}).json["code"] == "codigo.sin_codigo"
    centre.answering = True
    cabin.talk()
    fourth = declared(cabin, 100)
    assert cabin.post(f"/remesas/{fourth}/codigos", {"code": centre.read_aloud(3, 100)}).status_code == 201
    assert cabin.post("/remesas/no/codigos", {"code": "K7Q4-M2XD"}).status_code == 404


def test_the_page_says_what_to_tell_treasury_and_takes_the_code(cabin: Cabin, operator: FlaskClient, centre: StandIn):
    without_link(cabin, centre)
    cabin.file()
    sent = declared(cabin)
    page = operator.get("/caja").text
    assert "C01, código A-1, S/ 11.00" in page
    action = f"/remesas/{sent}/codigos"
    refused = send(operator, "/caja", action, codigo="AAAA-AAAA")
    assert refused.status_code == 422 and "Quedan 4 intentos" in refused.text
    assert send(operator, "/caja", action, codigo=centre.read_aloud(1, 1_100)).status_code == 303
    assert "por teléfono; falta que lo firme el centro" in operator.get("/caja").text and cabin.held == 0
