"""What may happen to a case, and what may not."""

from __future__ import annotations

import base64
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select, update

from cac.expedientes import actions
from cac.expedientes.models import Expediente, RefundOrder
from core.clock import now_utc
from storage import Store
from tests.cac.expedientes.conftest import filing

PDF = b"%PDF-1.4 un documento"


@pytest.fixture
def area(caller: Any) -> Any:
    return caller("unidad", area="Subgerencia de Licencias de Funcionamiento y Comercialización")


@pytest.fixture
def case(desk: Any) -> str:
    return str(desk.post("/expedientes", filing("LF-01")).json["number"])


@pytest.fixture
def observed(desk: Any, at: Any) -> str:
    at(2026, 3, 31, 9, 0)
    return str(desk.post("/expedientes", filing("LF-01", missing=["2", "3"])).json["number"])


def test_a_case_goes_to_its_area_and_back_and_is_delivered(desk: Any, area: Any, case: str):
    sent = desk.post(f"/expedientes/{case}/pases")
    assert (sent.status_code, sent.json["state"]) == (201, "en_tramite")
    assert sent.json["to_area"] == "Subgerencia de Licencias de Funcionamiento y Comercialización"
    early = area.post(f"/expedientes/{case}/actos", {"kind": "informe"})
    assert (early.status_code, early.json["code"]) == (409, "expediente.por_recibir")
    assert area.post(f"/expedientes/{case}/recepciones").status_code == 201
    report = area.post(f"/expedientes/{case}/actos", {"kind": "informe", "text": "Conforme"}).json
    assert report["act"]["number"] == "Informe N.º 0001-2026-LF"
    assert report["state"] == "en_tramite"
    act = area.post(f"/expedientes/{case}/actos", {"kind": "resolucion", "resultado": "procedente"}).json
    assert (act["state"], act["document"]["ordinal"]) == ("resuelto", 3)
    assert area.post(f"/expedientes/{case}/pases", {"area": "CAC"}).status_code == 201
    assert desk.post(f"/expedientes/{case}/entregas").json["code"] == "expediente.por_recibir"
    desk.post(f"/expedientes/{case}/recepciones")
    assert desk.post(f"/expedientes/{case}/entregas", {"document": "10117410"}).json["state"] == "entregado"
    shown = desk.get(f"/expedientes/{case}").json
    kinds = [move["kind"] for move in shown["movements"]]
    assert kinds == ["ingreso", "pase", "recepcion", "informe", "resolucion", "pase", "recepcion", "entrega"]
    assert shown["acts"][1]["resultado"] == "procedente"
    assert "10117410" not in str(shown["movements"])


def test_an_observed_case_is_not_forwarded(desk: Any, observed: str):
    answer = desk.post(f"/expedientes/{observed}/pases", {"area": "LF"})
    assert (answer.status_code, answer.json["code"]) == (409, "expediente.observado")


def test_a_cure_keeps_the_reception_and_restarts_the_clock(desk: Any, at: Any, observed: str):
    at(2026, 4, 6, 15, 0)
    part = desk.post(f"/expedientes/{observed}/subsanaciones", {"presented": ["2"]}).json
    assert (part["state"], part["missing"]) == ("observado", ["3"])
    cured = desk.post(f"/expedientes/{observed}/subsanaciones", {"sheets": 2}).json
    assert cured["state"] == "recibido"
    assert (cured["received_on"], cured["clock_start_on"], cured["due_on"]) == (
        "2026-03-31",
        "2026-04-07",
        "2026-04-08",
    )
    assert desk.post(f"/expedientes/{observed}/pases").json["state"] == "en_tramite"
    shown = desk.get(f"/expedientes/{observed}").json
    assert all(requisito["presented"] for requisito in shown["requisitos"])
    assert shown["observations"][0]["outcome"] == "subsanada"


def test_after_its_day_a_cure_comes_too_late(desk: Any, at: Any, observed: str):
    at(2026, 4, 7, 0, 1)
    late = desk.post(f"/expedientes/{observed}/subsanaciones")
    assert (late.status_code, late.json["code"]) == (409, "expediente.subsanacion_vencida")


def test_what_is_not_cured_is_treated_as_not_filed_and_its_fee_ordered_back(
    desk: Any, at: Any, observed: str, store: Store
):
    at(2026, 4, 6, 23, 59)
    assert store.write(actions.lapse_observed, now=now_utc()) == []
    at(2026, 4, 7, 0, 1)
    assert store.write(actions.lapse_observed, now=now_utc()) == [observed]
    assert store.write(actions.lapse_observed, now=now_utc()) == []
    shown = desk.get(f"/expedientes/{observed}").json
    assert (shown["state"], shown["number"]) == ("no_presentado", observed)
    assert shown["refund"]["centimos"] == 26320
    with store.read() as session:
        order = session.scalars(select(RefundOrder)).one()
    assert order.lines == [{"concept": "derecho", "centimos": -26320}]


def test_a_second_paper_is_the_next_document_with_its_own_hour(desk: Any, at: Any, case: str):
    at(2026, 11, 24, 16, 30)
    content = base64.b64encode(PDF).decode()
    added = desk.post(f"/expedientes/{case}/documentos", {"name": "Plano", "sheets": 4, "content": content}).json
    assert (added["document"]["ordinal"], added["document"]["first_folio"]) == (2, 13)
    document = desk.get(f"/expedientes/{case}").json["documents"][1]
    assert (document["name"], document["last_folio"], document["media_type"]) == ("Plano", 16, "application/pdf")
    assert document["received_at"].startswith("2026-11-24T21:30")
    read = desk.get(f"/expedientes/{case}/documentos/2")
    assert (read.data, read.mimetype) == (PDF, "application/pdf")
    assert desk.get(f"/expedientes/{case}/documentos/1").status_code == 404


def test_a_form_sends_a_file_as_people_do(desk: Any, case: str):
    form = {"name": "Foto", "sheets": "2", "file": (BytesIO(PDF), "foto.jpg")}
    added = desk.post_form(f"/expedientes/{case}/documentos", form)
    assert added.status_code == 201
    assert (added.json["document"]["sheets"], desk.get(f"/expedientes/{case}/documentos/2").data) == (2, PDF)
    assert desk.post(f"/expedientes/{case}/documentos", {"sheets": "2"}).status_code == 422


def test_a_step_needs_no_body(desk: Any, case: str):
    assert desk.post_form(f"/expedientes/{case}/pases", {}).status_code == 201


def test_a_file_is_judged_by_its_content(desk: Any, case: str):
    wrong = base64.b64encode(b"MZ\x90 programa").decode()
    refused = desk.post(f"/expedientes/{case}/documentos", {"name": "factura.pdf", "content": wrong})
    assert (refused.status_code, refused.json["code"]) == (422, "archivo.tipo_no_admitido")
    assert desk.post(f"/expedientes/{case}/documentos", {"content": "%%%"}).status_code == 422
    assert len(desk.get(f"/expedientes/{case}").json["documents"]) == 1


def test_an_area_asks_once_and_then_only_for_what_was_not_cured(desk: Any, area: Any, case: str):
    desk.post(f"/expedientes/{case}/pases")
    area.post(f"/expedientes/{case}/recepciones")
    items = ["Plano de ubicación", "Foto del extintor", "Certificado de pozo a tierra"]
    asked = area.post(f"/expedientes/{case}/actos", {"kind": "requerimiento", "items": items}).json
    assert (asked["state"], asked["due_on"]) == ("observado", "2026-12-04")
    assert desk.get(f"/expedientes/{case}").json["due_on"] is None
    desk.post(f"/expedientes/{case}/subsanaciones", {"presented": ["R1", "R2"]})
    cured = desk.post(f"/expedientes/{case}/subsanaciones", {"presented": ["R3"]}).json
    assert cured["state"] == "en_tramite"
    again = area.post(f"/expedientes/{case}/actos", {"kind": "requerimiento", "items": ["Otra foto"]})
    assert (again.status_code, again.json["code"]) == (409, "requerimiento.punto_nuevo")
    assert "126" in again.json["rule"]


def test_people_of_an_area_touch_only_what_is_in_it(desk: Any, caller: Any, case: str):
    desk.post(f"/expedientes/{case}/pases")
    other = caller("unidad", area="RC").post(f"/expedientes/{case}/recepciones")
    assert (other.status_code, other.json["code"]) == (403, "expediente.de_otra_area")
    assert caller("unidad").post(f"/expedientes/{case}/recepciones").status_code == 201


def test_a_step_the_state_does_not_allow_says_so(desk: Any, case: str):
    for step in ("recepciones", "entregas", "subsanaciones"):
        answer = desk.post(f"/expedientes/{case}/{step}")
        assert answer.status_code == 409, step
    assert desk.post(f"/expedientes/{case}/pases", {"area": "Luna"}).json["code"] == "unidad.no_existe"
    assert desk.post("/expedientes/2026-MPA-000077-X/pases").status_code == 404


def test_a_rectification_keeps_what_was_there(desk: Any, case: str):
    assert desk.post(f"/expedientes/{case}/rectificaciones", {"subject": "Bodega"}).status_code == 422
    mended = desk.post(f"/expedientes/{case}/rectificaciones", {"subject": "Bodega", "motivo": "Mal escrito"}).json
    assert mended["changes"]["subject"] == ["Partida de mi hija", "Bodega"]
    assert desk.get("/expedientes?q=bodega").json["items"][0]["number"] == case
    assert desk.get("/expedientes?q=hija").json["items"] == []


def test_a_cabins_observed_case_waits_until_its_cabin_has_told_everything(
    store: Store, desk: Any, at: Any, observed: str
):
    store.write(lambda session: session.execute(update(Expediente).values(cabina="C01")) and None)
    at(2026, 4, 8, 9, 0)
    assert store.write(actions.lapse_observed, now=now_utc()) == []
    assert store.write(actions.lapse_observed, now=now_utc(), synced_until={"C01": date(2026, 4, 6)}) == []
    assert store.write(actions.lapse_observed, now=now_utc(), synced_until={"C01": date(2026, 4, 7)}) == [observed]


def test_a_report_asked_of_another_area_is_due_in_seven_business_days(desk: Any, area: Any, case: str):
    desk.post(f"/expedientes/{case}/pases")
    area.post(f"/expedientes/{case}/recepciones")
    asked = area.post(f"/expedientes/{case}/pases", {"area": "IT", "report": True, "motivo": "Informe ITSE"}).json
    assert asked["due_on"] == "2026-12-01"


def test_an_area_neither_delivers_nor_rectifies_nor_cures_what_another_one_holds(
    desk: Any, caller: Any, observed: str, case: str
):
    other = caller("unidad", area="Subgerencia de Registro Civil")
    for number, step, body in (
        (case, "rectificaciones", {"subject": "Otra cosa", "motivo": "porque sí"}),
        (observed, "subsanaciones", {}),
    ):
        refused = other.post(f"/expedientes/{number}/{step}", body)
        assert (refused.status_code, refused.json["code"]) == (403, "expediente.de_otra_area"), step
    lf = caller("unidad", area="LF")
    desk.post(f"/expedientes/{case}/pases")
    lf.post(f"/expedientes/{case}/recepciones")
    lf.post(f"/expedientes/{case}/actos", {"kind": "resolucion"})
    assert other.post(f"/expedientes/{case}/entregas").json["code"] == "expediente.de_otra_area"


def test_another_scan_under_the_same_key_and_name_is_other_content(desk: Any, case: str):
    def send(data: bytes) -> Any:
        headers = desk._headers({}) | {"Idempotency-Key": "un envío"}
        fields = {"name": "Anexo", "sheets": "1", "file": (BytesIO(data), "escaneo.pdf")}
        return desk._client.post(f"/api/v1/expedientes/{case}/documentos", data=fields, headers=headers)

    first, again, other = send(PDF), send(PDF), send(PDF + b" otro")
    assert (first.status_code, again.json) == (201, first.json)
    assert (other.status_code, other.json["code"]) == (409, "idempotencia.otro_contenido")
