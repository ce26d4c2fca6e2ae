"""Public tracking: the key of the cargo opens it, nothing else does."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask.testing import FlaskClient
from pypdf import PdfReader

from cac.expedientes.tracking import PER_ADDRESS, PER_NUMBER
from tests.cac.expedientes.conftest import filing


def test_the_key_opens_state_place_and_dates_and_no_personal_data(desk: Any, client: FlaskClient):
    filed = desk.post("/expedientes", filing("LF-01", subject="Bodega La Esperanza")).json
    desk.post(f"/expedientes/{filed['number']}/pases", {"motivo": "nota interna"})
    answer = client.get(f"/api/v1/seguimiento/{filed['number']}?key={filed['track_key'].lower()}")
    assert answer.status_code == 200
    seen = answer.json
    assert (seen["state"], seen["due_on"], seen["sap_on"]) == ("en_tramite", "2026-11-24", "2026-12-01")
    assert seen["area"] == "Subgerencia de Licencias de Funcionamiento y Comercialización"
    assert [step["kind"] for step in seen["steps"]] == ["ingreso", "pase"]
    text = answer.get_data(as_text=True)
    for hidden in ("Chuquimango", "10117410", "Esperanza", "nota interna", "ventanilla de prueba"):
        assert hidden not in text


def test_an_observed_case_shows_what_is_missing_and_until_when(desk: Any, client: FlaskClient):
    filed = desk.post("/expedientes", filing("RC-01", missing=["1"])).json
    seen = client.get(f"/api/v1/seguimiento/{filed['number']}?key={filed['track_key']}").json
    assert seen["observed"]["due_on"] == "2026-11-24"
    assert seen["observed"]["items"][0].startswith("Datos para ubicar el acta")


def test_a_wrong_key_and_a_wrong_number_answer_alike(desk: Any, client: FlaskClient):
    filed = desk.post("/expedientes", filing()).json
    other = desk.post("/expedientes", filing("RC-02")).json
    answers = [
        client.get(f"/api/v1/seguimiento/{number}?key={key}")
        for number, key in (
            (filed["number"], "AAAA-AAAA"),
            (filed["number"], ""),
            (filed["number"], "10117410"),
            (filed["number"], filed["number"][-1]),
            (filed["number"], other["track_key"]),
            ("2026-MPA-000999-Z", filed["track_key"]),
            ("cualquiera", filed["track_key"]),
        )
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.get_data() for answer in answers}) == 1


def test_wrong_tries_are_limited_and_the_right_key_always_works(desk: Any, client: FlaskClient):
    filed = desk.post("/expedientes", filing()).json
    path = f"/api/v1/seguimiento/{filed['number']}?key="
    codes = [client.get(path + "AAAA-AAAA").status_code for _ in range(PER_NUMBER + 2)]
    assert codes == [404] * PER_NUMBER + [429] * 2
    limited = client.get(path + "AAAA-AAAA")
    assert limited.json["code"] == "acceso.demasiados_intentos"
    assert client.get(path + filed["track_key"]).status_code == 200
    elsewhere = {"REMOTE_ADDR": "10.1.1.1"}
    assert client.get(path + "AAAA-AAAA", environ_base=elsewhere).status_code == 404


def test_one_address_may_not_try_many_numbers(client: FlaskClient):
    codes = [client.get(f"/api/v1/seguimiento/numero-{n}?key=AAAA-AAAA").status_code for n in range(PER_ADDRESS + 1)]
    assert codes == [404] * PER_ADDRESS + [429]


def test_a_lost_key_is_reprinted_against_the_document(desk: Any):
    filed = desk.post("/expedientes", filing()).json
    wrong = desk.post(f"/expedientes/{filed['number']}/reimpresiones", {"document_number": "20202020"})
    assert (wrong.status_code, wrong.json["code"]) == (403, "expediente.documento_no_coincide")
    right = desk.post(f"/expedientes/{filed['number']}/reimpresiones", {"document_number": "10117410"})
    assert right.json["track_key"] == filed["track_key"]


def test_the_cargo_as_pdf_opens_with_its_key_alone(desk: Any, client: FlaskClient):
    filed = desk.post("/expedientes", filing()).json
    address = filed["cargo_url"].removeprefix("http://cac.example")
    answer = client.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    text = " ".join(page.extract_text() for page in PdfReader(BytesIO(answer.data)).pages)
    assert filed["number"] in text
    assert "Nélida Chuquimango Soto" in text
    assert client.get(address.replace(filed["track_key"], "AAAA-AAAA")).status_code == 404


def test_the_cargo_stays_as_it_was_filed(desk: Any, client: FlaskClient):
    filed = desk.post("/expedientes", filing("LF-01", missing=["2"])).json
    address = filed["cargo_url"].removeprefix("http://cac.example")
    before = client.get(address).data
    desk.post(f"/expedientes/{filed['number']}/subsanaciones", {"sheets": 4})
    assert client.get(address).data == before


def test_negative_silence_leaves_the_case_open_and_says_what_the_citizen_may_do(
    desk: Any, client: FlaskClient, at: Any
):
    filed = desk.post("/expedientes", filing("SG-01")).json
    at(2026, 12, 28, 9, 0)
    seen = client.get(f"/api/v1/seguimiento/{filed['number']}?key={filed['track_key']}").json
    assert (seen["state"], seen["late"]) == ("recibido", True)
    assert "puede apelar o seguir esperando" in seen["next"]
