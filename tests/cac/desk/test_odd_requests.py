"""Odd requests are answered, never a fault of ours: no body at all, endless nesting, numbers no row can have."""

from __future__ import annotations

from uuid import uuid4

import pytest

HUGE = 10**20


def test_a_call_needs_no_body(app, clerk, issue):
    issue("A")
    headers = clerk._headers({}) | {"Idempotency-Key": uuid4().hex}
    bare = app.test_client().post("/api/v1/ventanillas/1/llamados", headers=headers)
    assert (bare.status_code, bare.json["ticket"]["code"]) == (201, "A-001")


def test_an_empty_body_names_what_is_missing(app, clerk):
    headers = clerk._headers({}) | {"Idempotency-Key": uuid4().hex}
    answer = app.test_client().post("/api/v1/tickets", headers=headers)
    assert answer.status_code == 422 and "service" in answer.json["fields"]


@pytest.mark.parametrize("path", ["/tickets", "/cabinas/emparejamientos", "/cabinas/C01/lotes"])
def test_endless_nesting_is_a_malformed_request(clerk, path):
    headers = clerk._headers({}) | {"Idempotency-Key": uuid4().hex, "Content-Type": "application/json"}
    answer = clerk._client.post(f"/api/v1{path}", data="[" * 100_000, headers=headers)
    assert (answer.status_code, answer.json["code"]) == (400, "solicitud.mal_formada")


@pytest.mark.parametrize("path", [f"/tickets/{HUGE}", f"/impresiones/{HUGE}"])
def test_a_number_no_row_can_have_is_not_found(caller, sala, path):
    assert caller("admin").get(path).status_code == 404


def test_a_number_no_row_can_have_is_not_found_in_a_body_either(clerk, issue):
    ticket = issue("A")["id"]
    for path, body in (
        ("/ventanillas/1/llamados", {"ticket": HUGE}),
        (f"/tickets/{ticket}/derivaciones", {"to_ventanilla": HUGE}),
        (f"/tickets/{ticket}/derivaciones", {"ventanilla": HUGE, "service": "B"}),
    ):
        assert clerk.post(path, body).status_code == 404, path


@pytest.mark.parametrize(
    ("role", "path", "body", "field"),
    [
        ("unidad", "/expedientes/2026-MPA-000001-0/actos", {"kind": "requerimiento", "items": ["x" * 1_001]}, "items.0"),
        ("unidad", "/expedientes/2026-MPA-000001-0/actos", {"kind": "requerimiento", "items": ["x"] * 61}, "items"),
        ("ventanilla", "/expedientes/2026-MPA-000001-0/subsanaciones", {"items": ["x"] * 61}, "items"),
        ("tesoreria", "/cabinas/C01/garantias", {"centimos": HUGE, "reference": "R 1"}, "centimos"),
        ("tesoreria", "/cabinas/C01/remesas/x/confirmaciones", {"centimos": HUGE}, "centimos"),
        ("tesoreria", "/cabinas/C01/suspensiones", {"motivo": "x" * 301}, "motivo"),
        ("admin", "/cabinas", {"code": "C09", "name": "x", "partner": "x", "ruc": "20512333797", "guarantee_centimos": HUGE}, "guarantee_centimos"),
        ("admin", "/cabinas", {"code": "C09", "name": "x", "partner": "x", "ruc": "9" * 500}, "ruc"),
    ],
)  # fmt: skip
def test_what_has_no_end_is_refused_by_its_name(caller, sala, role, path, body, field):
    answer = caller(role).post(path, body)
    assert (answer.status_code, answer.json["code"]) == (422, "solicitud.invalida"), answer.json
    assert field in answer.json["fields"], answer.json


@pytest.mark.parametrize("path", ["/cabinas/emparejamientos", "/cabinas/C01/lotes"])
@pytest.mark.parametrize(
    ("body", "field"), [([], "contenido"), ("hola", "contenido"), (7, "contenido"), ({}, None), ({"body": {}}, None)]
)
def test_a_message_that_is_none_names_what_is_wrong(caller, sala, path, body, field):
    answer = caller("admin").post(path, body)
    assert (answer.status_code, answer.json["code"]) == (422, "sync.mensaje_invalido")
    assert answer.json["field"] in answer.json["fields"] and field in (None, answer.json["field"])
    assert "validation error" not in answer.json["detail"]


def test_a_page_survives_numbers_that_are_none(person, sala):
    desk = person("ventanilla")
    assert desk.post("/ventanilla/puestos", {"number": str(HUGE)}).status_code == 404
    assert desk.get("/expedientes/nuevo?turno=²").status_code == 200
    for odd in ({"quantity": "²"}, {"quantity": "9" * 5_000}, {"ticket": "²"}):
        assert desk.post("/expedientes/nuevo/ficha", {"tramite": "RC-01"} | odd).status_code != 500
