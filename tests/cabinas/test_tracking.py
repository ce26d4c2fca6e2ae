"""Where a case is, asked at the till: in words when there is link, and a plain sentence when there is none."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

from core.clock import now_utc
from tests.cabinas.conftest import Cabin
from tests.cabinas.stand_in import StandIn

NUMBER, KEY = "2026-MPA-000007-K", "7KQ4-M2XD"


def tracked(number: str = NUMBER, **changes: Any) -> dict[str, Any]:
    now = now_utc().isoformat()
    told = {
        "number": number,
        "tramite_name": "Licencia de funcionamiento",
        "state": "en_tramite",
        "state_name": "En trámite",
        "area": "Licencias",
        "since_at": now,
        "received_at": now,
        "due_on": "2026-12-15",
        "late": False,
        "observed": None,
        "resultado": None,
        "next": "La unidad de Licencias lo está viendo.",
        "steps": [{"what": "Ingreso", "area": "Mesa de partes", "at": now, "kind": "ingreso"}],
    }
    return told | changes


def test_a_case_of_anywhere_is_told_in_words_by_its_number_and_key(operator: FlaskClient, centre: StandIn):
    centre.tracked[NUMBER, KEY] = tracked()
    page = operator.get(f"/seguimiento?numero={NUMBER}&clave={KEY}").text
    for said in ("En trámite", "Licencia de funcionamiento", "Licencias", "15 de diciembre", "Mesa de partes"):
        assert said in page
    wrong = operator.get(f"/seguimiento?numero={NUMBER}&clave=AAAA-AAAA").text
    assert "no coinciden" in wrong and f'value="{NUMBER}"' in wrong and "Licencias" not in wrong


def test_what_lacks_and_what_is_late_is_said(operator: FlaskClient, centre: StandIn):
    lacks = {"items": ["Copia del DNI"], "due_on": "2026-11-24"}
    centre.tracked[NUMBER, KEY] = tracked(state="observado", state_name="Observado", observed=lacks, due_on=None)
    page = operator.get(f"/seguimiento?numero={NUMBER}&clave={KEY}").text
    assert "Copia del DNI" in page and "24 de noviembre" in page
    centre.tracked[NUMBER, KEY] = tracked(late=True)
    assert "El plazo venció" in operator.get(f"/seguimiento?numero={NUMBER}&clave={KEY}").text


def test_of_a_case_of_this_till_its_number_is_enough(cabin: Cabin, operator: FlaskClient, centre: StandIn):
    filed = cabin.file().json
    assert "todavía no recibió" in operator.get(f"/seguimiento?numero={filed['number']}").text
    cabin.talk()
    centre.tracked[filed["number"], filed["track_key"]] = tracked(filed["number"])
    page = operator.get(f"/seguimiento?numero={filed['number'].lower()}").text
    assert "Está en <b>Licencias</b>" in page and f"/registrado/{filed['number']}" in page
    assert f"/seguimiento?numero={filed['number']}" in operator.get(f"/registrado/{filed['number']}").text


def test_without_link_it_says_so_and_keeps_what_was_typed(cabin: Cabin, operator: FlaskClient, centre: StandIn):
    centre.stop()
    page = operator.get(f"/seguimiento?numero={NUMBER}&clave={KEY}")
    assert page.status_code == 200 and "Ahora no hay internet" in page.text
    assert f'value="{NUMBER}"' in page.text and f'value="{KEY}"' in page.text


def test_somebody_in_between_who_is_not_the_centre_is_no_answer(operator: FlaskClient, centre: StandIn):
    centre.tracked[NUMBER, KEY] = {"portal": "cautivo"}
    assert "Ahora no hay internet" in operator.get(f"/seguimiento?numero={NUMBER}&clave={KEY}").text


def test_the_key_is_asked_for_and_an_empty_form_asks_nothing(operator: FlaskClient, centre: StandIn):
    assert "Escriba también la clave" in operator.get(f"/seguimiento?numero={NUMBER}").text
    empty = operator.get("/seguimiento").text
    assert "Ahora no hay internet" not in empty and "Consultar" in empty
