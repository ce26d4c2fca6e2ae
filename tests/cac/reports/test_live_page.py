from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from cac.access.models import Device
from cac.desk.models import Ticket
from core.clock import now_utc


@pytest.fixture
def doris(sala, person):
    return person("supervisor")


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def test_an_empty_room_with_nothing_wrong_says_so(doris):
    page = text_of(doris.get("/supervisor"))
    assert "Todo en orden" in page and "Hoy aún no se llamó a nadie" in page


def test_people_waiting_with_nobody_attending_is_an_alert(doris, issue):
    issue("A")
    assert "Nadie atiende" in text_of(doris.get("/supervisor"))


def test_queues_clerks_and_figures_are_shown(doris, issue, clerk):
    first = issue("A")
    issue("A", preferente=True)
    issue("B")
    call = clerk.post("/ventanillas/1/llamados").json
    clerk.post(f"/tickets/{call['ticket']['id']}/atenciones")
    page = text_of(doris.get("/supervisor/vivo"))
    assert f"Atiende {call['ticket']['code']}" in page and "1 de 4 abierta" in page
    assert "Esperan 2" in page and "preferente 0 min" in page and first["code"] not in page


def test_general_people_over_the_limit_are_an_alert_and_a_ventanilla_can_be_assigned(doris, issue, clerk, store):
    ticket = issue("A")
    clerk.post("/ventanillas/1/aperturas")
    clerk.post("/ventanillas/2/aperturas")
    long_ago = now_utc() - timedelta(minutes=72)
    store.write(lambda s: s.execute(update(Ticket).values(issued_at=long_ago, turn_at=long_ago)) and None)
    page = text_of(doris.get("/supervisor"))
    assert "1 sobre el límite de 60 min" in page and f"{ticket['code']} lleva 72 min" in page
    preferente = issue("A", preferente=True)
    doris.post("/supervisor/ventanillas/1/clases", {"atiende": "solo_general"})
    assert clerk.post("/ventanillas/1/llamados").json["ticket"]["id"] == ticket["id"]
    assert clerk.post("/ventanillas/2/llamados").json["ticket"]["id"] == preferente["id"]


def test_a_turn_is_taken_over_with_a_reason(doris, issue, clerk):
    ticket = issue("A")
    clerk.post("/ventanillas/1/llamados")
    doris.post("/supervisor/tomas", {"ticket": ticket["id"], "ventanilla": 2})
    assert "Escriba el motivo" in text_of(doris.get("/supervisor"))
    doris.post("/supervisor/tomas", {"ticket": ticket["id"], "ventanilla": 2, "motivo": "se apagó la PC"})
    assert clerk.get(f"/tickets/{ticket['id']}").json["ventanilla"] == 2


def test_a_screen_that_fell_silent_is_an_alert(doris, store):
    def silent(session):
        then = now_utc() - timedelta(minutes=5)
        session.add(
            Device(kind="pantalla", name="TV 1", sala="principal", created_at=then, paired_at=then, seen_at=then)
        )

    store.write(silent)
    page = text_of(doris.get("/supervisor"))
    assert "TV 1" in page and "Sin señal, 5 min" in page


def test_a_ventanilla_left_open_is_closed_from_here(doris, clerk):
    clerk.post("/ventanillas/3/aperturas")
    doris.post("/supervisor/ventanillas/3/cierres")
    assert clerk.post("/ventanillas/3/aperturas").json["ticket"] is None
    assert "Ventanilla 3 cerrada" in text_of(doris.get("/supervisor"))
