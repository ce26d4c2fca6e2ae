"""Filing at the centre: number, dates, charges, cargo, warnings."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from cac.access.actions import SYSTEM
from cac.citizens.models import Person
from cac.expedientes.models import Charge, Expediente
from cac.paper import actions as paper
from core.clock import now_utc
from core.ids import ExpedienteNumber
from printing.decoder import decode
from storage import Store
from tests.cac.expedientes.conftest import NELIDA, counted, filing


@pytest.fixture
def printer(store: Store, tmp_path: Any) -> None:
    now = now_utc()
    url = f"folder://{tmp_path}/papel?width=48"
    store.write(paper.add_printer, name="cargos", url=url, principal=SYSTEM, now=now)
    store.write(paper.route_papers, purpose="cargos", sala=None, printer="cargos", principal=SYSTEM, now=now)


def test_a_filing_gets_a_number_its_dates_and_a_key(desk: Any):
    answer = desk.post("/expedientes", filing("LF-01"))
    assert answer.status_code == 201
    filed = answer.json
    number = ExpedienteNumber.parse(filed["number"])
    assert (number.year, number.point, number.series, number.sequence) == (2026, "MP", "A", 1)
    assert filed["state"] == "recibido"
    assert filed["received_at"].startswith("2026-11-20T15:46")
    assert (filed["received_on"], filed["clock_start_on"], filed["due_on"], filed["sap_on"]) == (
        "2026-11-20",
        "2026-11-23",
        "2026-11-24",
        "2026-12-01",
    )
    assert filed["charges"] == [{"concept": "derecho", "centimos": 26320}]
    assert filed["total_centimos"] == 26320
    assert filed["warnings"] == []
    assert "observed" not in filed
    assert len(filed["track_key"]) == 9
    assert filed["track_url"] == f"http://cac.example/seguimiento?numero={filed['number']}&clave={filed['track_key']}"
    assert filed["number"] in filed["cargo_url"]


def test_numbers_follow_one_another_and_a_refused_filing_uses_none(desk: Any):
    first = desk.post("/expedientes", filing()).json["number"]
    assert desk.post("/expedientes", filing(payment=None)).status_code == 422
    second = desk.post("/expedientes", filing()).json["number"]
    assert ExpedienteNumber.parse(second).sequence == ExpedienteNumber.parse(first).sequence + 1


def test_the_portal_and_the_desk_number_apart(desk: Any):
    assert desk.post("/expedientes", filing(channel="web")).json["number"].startswith("2026-WEBA-000001")
    assert desk.post("/expedientes", filing()).json["number"].startswith("2026-MPA-000001")


def test_a_missing_requisite_is_received_with_observation_never_refused(desk: Any, at: Any):
    at(2026, 12, 4, 9, 0)
    answer = desk.post("/expedientes", filing("LF-01", missing=["2"]))
    assert answer.status_code == 201
    assert answer.json["state"] == "observado"
    assert answer.json["observed"] == {"missing": ["2"], "due_on": "2026-12-10"}
    assert (answer.json["clock_start_on"], answer.json["due_on"]) == (None, None)


def test_the_same_request_twice_is_one_case(desk: Any, store: Store):
    with counted(store, Expediente) as added:
        one, two = desk.post("/expedientes", filing(), key="k1"), desk.post("/expedientes", filing(), key="k1")
        assert one.json == two.json
        assert (one.status_code, two.status_code) == (201, 201)
        assert added() == 1
    other = desk.post("/expedientes", filing("RC-02"), key="k1")
    assert (other.status_code, other.json["code"]) == (409, "idempotencia.otro_contenido")
    assert desk.post("/expedientes", filing(), key="").status_code == 400


def test_the_cargo_carries_what_the_law_asks_for(desk: Any, store: Store, printer: None):
    filed = desk.post("/expedientes", filing(annexes=["FUT", "Copia del acta", "Recibo"], sheets=12)).json
    with store.read() as session:
        job = session.get_one(paper.PrintJob, filed["print_job"])
    text = decode(job.data).text
    for said in (
        filed["number"],
        "20/11/2026",
        "10:46",
        "12",
        "FUT",
        "Copia del acta",
        "Recibo",
        "ventanilla de prueba",
    ):
        assert said in text
    assert filed["track_key"] in text
    assert "****7410" in text
    assert "10117410" not in text


def test_cash_is_rounded_on_its_own_line_and_a_card_is_exact(desk: Any, store: Store):
    cash = desk.post("/expedientes", filing("LF-11", fee_variant="2")).json
    assert cash["charges"] == [{"concept": "derecho", "centimos": 15661}, {"concept": "redondeo", "centimos": -1}]
    assert cash["total_centimos"] == 15660
    card = desk.post("/expedientes", filing("LF-11", fee_variant="2", payment={"method": "tarjeta"})).json
    assert card["total_centimos"] == 15661
    with store.read() as session:
        assert sum(session.scalars(select(Charge.centimos))) == 15660 + 15661


def test_a_wrong_dni_digit_warns_and_a_wrong_ruc_is_refused(desk: Any):
    warned = desk.post("/expedientes", filing(applicant=NELIDA | {"document_number": "10117410-3"}))
    assert warned.status_code == 201
    assert [warning["code"] for warning in warned.json["warnings"]] == ["documento.por_verificar"]
    ruc = {"document_type": "RUC", "document_number": "20512333798", "name": "Panadería Los Eucaliptos"}
    refused = desk.post("/expedientes", filing(applicant=ruc))
    assert (refused.status_code, refused.json["code"]) == (422, "documento.no_valido")
    assert refused.json["field"] == "applicant.document_number"
    assert desk.post("/expedientes", filing(applicant=ruc | {"document_number": "20512333797"})).status_code == 201


def test_wrong_types_are_named_and_unknown_fields_ignored(desk: Any):
    wrong = desk.post("/expedientes", filing(sheets="12"))
    assert (wrong.status_code, wrong.json["code"]) == (422, "solicitud.invalida")
    assert "sheets" in wrong.json["fields"]
    nested = desk.post("/expedientes", filing(applicant=NELIDA | {"name": 5}))
    assert "applicant.name" in nested.json["fields"]
    assert desk.post("/expedientes", filing(color="azul")).status_code == 201
    unknown = desk.post("/expedientes", filing() | {"tramite": "XX-01"})
    assert (unknown.status_code, unknown.json["code"]) == (404, "tramite.no_existe")


def test_a_person_is_one_row_and_another_name_waits(desk: Any, store: Store):
    with counted(store, Person) as added:
        desk.post("/expedientes", filing())
        again = desk.post("/expedientes", filing("RC-02", applicant=NELIDA | {"name": "Nélida Otra"})).json
        assert added() == 1
    assert [warning["code"] for warning in again["warnings"]] == ["persona.nombre_distinto"]
    assert desk.get(f"/expedientes/{again['number']}").json["applicant"]["name"] == "Nélida Chuquimango Soto"


def test_the_same_trámite_still_open_is_warned_never_blocked(desk: Any):
    first = desk.post("/expedientes", filing()).json
    second = desk.post("/expedientes", filing())
    assert second.status_code == 201
    assert second.json["warnings"][0]["code"] == "expediente.repetido"
    assert first["number"] in second.json["warnings"][0]["detail"]


def test_beyond_the_calendar_it_is_received_with_the_term_to_confirm(desk: Any, at: Any):
    at(2031, 5, 5, 9, 0)
    filed = desk.post("/expedientes", filing()).json
    assert (filed["received_on"], filed["due_on"]) == ("2031-05-05", None)
    assert [warning["code"] for warning in filed["warnings"]] == ["plazo.por_confirmar"]


def test_mere_reception_is_no_approval(desk: Any, store: Store, printer: None):
    filed = desk.post("/expedientes", filing("SG-08")).json
    assert (filed["state"], filed["charges"], filed["total_centimos"]) == ("recibido", [], 0)
    with store.read() as session:
        job = session.get_one(paper.PrintJob, filed["print_job"])
    assert "no es una aprobación" in " ".join(decode(job.data).text.split())


def test_a_paper_that_joins_a_case_gets_a_cargo_of_its_own(desk: Any, store: Store, printer: None):
    case = desk.post("/expedientes", filing("LF-01")).json
    joined = desk.post("/expedientes", filing("SG-05", related=case["number"], sheets=3, missing=["1"])).json
    assert (joined["state"], joined["observed"]["missing"]) == ("recibido", ["1"])
    with store.read() as session:
        job = session.get_one(paper.PrintJob, joined["print_job"])
    text = decode(job.data).text
    assert case["number"] in text
    assert "SG-05" in text
    assert case["track_key"] in text
    assert desk.get(f"/expedientes/{case['number']}").json["movements"][1]["detail"]["missing"] == ["1"]


def test_a_second_paper_of_the_same_matter_joins_its_case(desk: Any, at: Any, store: Store):
    case = desk.post("/expedientes", filing("LF-01")).json["number"]
    at(2026, 11, 27, 11, 5)
    with counted(store, Expediente) as added:
        joined = desk.post("/expedientes", filing("SG-05", related=case.lower(), sheets=3))
        assert (joined.status_code, added()) == (201, 0)
    assert (joined.json["number"], joined.json["document"]) == (case, 2)
    shown = desk.get(f"/expedientes/{case}").json
    assert [(one["ordinal"], one["first_folio"], one["last_folio"]) for one in shown["documents"]] == [
        (1, 1, 12),
        (2, 13, 15),
    ]
    assert shown["documents"][1]["received_at"].startswith("2026-11-27T16:05")
    assert shown["sheets"] == 15
    lost = desk.post("/expedientes", filing("SG-05", related="2026-MPA-999999-X"))
    assert (lost.status_code, lost.json["code"]) == (404, "expediente.relacionado_no_existe")


def test_nobody_files_without_the_right_role(client: FlaskClient, caller: Any):
    assert client.post("/api/v1/expedientes", json=filing()).status_code == 401
    for role in ("kiosko", "pantalla", "cajero", "auditor"):
        assert caller(role).post("/expedientes", filing()).status_code == 403
