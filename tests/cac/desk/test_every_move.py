"""The moves of a turn as a clerk's page and a program make them: nobody is left where nobody calls, and what was done is told."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from cac.access.actions import SYSTEM
from cac.desk.models import Llamado, Sala, Service, Ticket, TicketMove, VentanillaService
from cac.tupa.actions import import_tupa
from core.clock import now_utc
from tests.cac.expedientes.conftest import TUPA, filing


@pytest.fixture
def luz(sala, person):
    """Seated at ventanilla 2."""
    luz = person("ventanilla", sala="principal", name="Luz Terán")
    luz.post("/ventanilla/puestos", {"number": "2"})
    return luz


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.get_data(as_text=True)))


def column(store, statement):
    with store.read() as session:
        return session.scalars(statement).all()


# --- a chosen one


def test_a_chosen_turn_is_called_from_the_page_by_its_number_and_its_reason_is_in_the_log(luz, issue, store):
    issue("A")
    chosen = issue("B")
    luz.post("/ventanilla/llamados", {"codigo": "b 1", "motivo": "Emergencia o malestar"})
    assert f"Ventanilla 2 · {chosen['code']}" in text_of(luz.get("/ventanilla"))
    (reason,) = column(store, select(Llamado.reason))
    assert reason == {"regla": "elegido", "motivo": "Emergencia o malestar"}


@pytest.mark.parametrize(
    ("typed", "reason", "said"),
    [("A-001", "", "por qué"), ("A-900", "mayor", "no está en espera"), ("hola", "mayor", "Escríbalo como A-047")],
)
def test_choosing_needs_a_reason_and_a_turn_that_waits(luz, issue, clerk, typed, reason, said):
    issue("A")
    answer = luz.post("/ventanilla/llamados", {"codigo": typed, "motivo": reason}, headers={"HX-Request": "true"})
    assert answer.status_code in (404, 422) and said in text_of(answer)
    assert clerk.get("/salas/principal/tablero").json["seq"] == 0


# --- no-shows


def test_a_no_show_returns_within_the_minutes_of_its_sala_and_later_gets_a_new_ticket(luz, issue, clerk, store):
    ticket = issue("A")
    clerk.post("/ventanillas/1/llamados")
    clerk.post(f"/tickets/{ticket['id']}/ausencias")
    assert ticket["code"] in text_of(luz.get("/ventanilla"))
    long_ago = now_utc() - timedelta(minutes=31)
    store.write(lambda s: s.execute(update(Ticket).values(state_at=long_ago)) and None)
    assert ticket["code"] not in text_of(luz.get("/ventanilla"))
    refused = clerk.post(f"/tickets/{ticket['id']}/retornos")
    assert (refused.status_code, refused.json["code"]) == (409, "ticket.retorno_tarde")
    store.write(lambda s: s.execute(update(Sala).values(return_minutes=60)) and None)
    assert clerk.post(f"/tickets/{ticket['id']}/retornos").json["state"] == "en_espera"


# --- closing with people assigned


def test_a_ventanilla_that_closes_lets_its_people_go_to_the_queue_in_their_place_each_step_logged(
    luz, issue, clerk, store
):
    held, sent, last = issue("A"), issue("A"), issue("A")
    luz.post("/ventanilla/llamados")
    for move in ("atenciones", "esperas"):
        luz.post(f"/ventanilla/turnos/{held['id']}/{move}", {"motivo": "Fue a pagar"})
    clerk.post(f"/tickets/{sent['id']}/derivaciones", {"to_ventanilla": 2})
    assert "2 turnos esperan a esta ventanilla" in text_of(luz.get("/ventanilla"))
    page = text_of(luz.post("/ventanilla/cierres", follow_redirects=True))
    assert f"{held['code']}, {sent['code']}: de vuelta a la cola, en su lugar" in page
    called = [clerk.post(f"/ventanillas/{number}/llamados").json["ticket"]["id"] for number in (1, 3, 4)]
    assert called == [held["id"], sent["id"], last["id"]]
    steps = column(store, select(TicketMove.move).where(TicketMove.ticket_id == sent["id"]).order_by(TicketMove.id))
    assert steps == ["emision", "derivacion", "derivacion", "llamado"]


def test_a_ventanilla_that_closes_may_hand_its_people_to_an_open_one(clerk, issue):
    ticket = issue("A")
    clerk.post(f"/tickets/{ticket['id']}/derivaciones", {"to_ventanilla": 2})
    refused = clerk.post("/ventanillas/2/cierres", {"to_ventanilla": 3})
    assert (refused.status_code, refused.json["code"]) == (409, "ventanilla.cerrada")
    clerk.post("/ventanillas/3/aperturas")
    assert clerk.post("/ventanillas/2/cierres", {"to_ventanilla": 3}).json["released"] == [ticket["code"]]
    assert clerk.post("/ventanillas/1/llamados").status_code == 204
    assert clerk.post("/ventanillas/3/llamados").json["ticket"]["id"] == ticket["id"]


def test_a_turn_sent_to_a_closed_ventanilla_is_shown_to_all_and_freed_with_one_press(luz, clerk, issue):
    ticket = issue("C")
    clerk.post(f"/tickets/{ticket['id']}/derivaciones", {"to_ventanilla": 4})
    assert f"{ticket['code']} espera a la ventanilla 4, que está cerrada" in text_of(luz.get("/ventanilla"))
    luz.post(f"/ventanilla/turnos/{ticket['id']}/derivaciones", {"destino": "s:C", "ajeno": "1"})
    page = text_of(luz.get("/ventanilla"))
    assert "que está cerrada" not in page and ticket["code"] in page


def test_a_service_no_open_ventanilla_attends_is_told(luz, issue, store):
    issue("F")
    issue("A")
    nobody = delete(VentanillaService).where(
        VentanillaService.service_id == select(Service.id).where(Service.code == "F").scalar_subquery()
    )
    store.write(lambda s: s.execute(nobody) and None)
    page = text_of(luz.get("/ventanilla"))
    assert "Ninguna ventanilla abierta llama a quienes esperan en F." in page


# --- a PC that died


def test_a_turn_left_open_by_a_dead_pc_is_offered_back_at_the_same_ventanilla(luz, issue, person):
    ticket = issue("A")
    luz.post("/ventanilla/llamados")
    again = person("ventanilla", sala="principal")
    assert f"Tiene abierto el turno {ticket['code']}" in text_of(again.get("/ventanilla"))
    again.post("/ventanilla/puestos", {"number": "2"})
    page = text_of(again.get("/ventanilla"))
    assert f"Ventanilla 2 · {ticket['code']}" in page and "Llamado hace" in page


def test_its_clerk_may_bring_it_to_another_ventanilla_and_close_the_dead_one(luz, issue, clerk, store):
    ticket = issue("A")
    luz.post("/ventanilla/llamados")
    luz.get("/ventanilla/puestos")
    luz.post("/ventanilla/puestos", {"number": "4"})
    page = text_of(luz.get("/ventanilla"))
    assert "La ventanilla 2 sigue abierta a su nombre" in page and f"Traer aquí a {ticket['code']}" in page
    luz.post(f"/ventanilla/turnos/{ticket['id']}/tomas", {"motivo": "se apagó la PC"})
    moved = clerk.get(f"/tickets/{ticket['id']}").json
    assert (moved["state"], moved["ventanilla"]) == ("llamado", 4)
    assert column(store, select(Llamado.reason))[1] == {"regla": "tomado", "de": 2, "motivo": "se apagó la PC"}
    luz.post("/ventanilla/cierres", {"otra": "2"})
    page = text_of(luz.get("/ventanilla"))
    assert "sigue abierta a su nombre" not in page and f"Ventanilla 4 · {ticket['code']}" in page


# --- the end of a turn


@pytest.fixture
def tupa(store):
    store.write(import_tupa, TUPA, principal=SYSTEM, now=now_utc() - timedelta(days=400))


def finished(store):
    (detail,) = column(store, select(TicketMove.detail).where(TicketMove.move == "cierre"))
    return detail


def test_a_turn_ends_with_its_outcome_and_several_tramites(luz, issue, store):
    ticket = issue("A")
    luz.post("/ventanilla/llamados")
    luz.post(f"/ventanilla/turnos/{ticket['id']}/atenciones")
    luz.post(
        f"/ventanilla/turnos/{ticket['id']}/cierres",
        {"resultado": "orientado", "tramites": ["RC-01", "ed-02, SG-08"], "motivo": "vuelve el lunes"},
    )
    assert finished(store) == {"resultado": "orientado", "tramites": ["RC-01", "ED-02", "SG-08"], "expedientes": []}
    page = text_of(luz.get(f"/ventanilla/turnos/{ticket['id']}"))
    assert "Orientado: RC-01, ED-02, SG-08" in page and "Luz Terán" in page and "vuelve el lunes" in page


def test_the_case_filed_in_a_turn_and_the_turn_show_each_other(luz, issue, clerk, store, tupa):
    ticket = issue("A")
    luz.post("/ventanilla/llamados")
    luz.post(f"/ventanilla/turnos/{ticket['id']}/atenciones")
    numbers = [
        clerk.post("/expedientes", filing(tramite, ticket=noted)).json["number"]
        for tramite, noted in (("RC-01", ticket["id"]), ("SG-08", ticket["code"]))
    ]
    assert all(number in text_of(luz.get("/ventanilla")) for number in numbers)
    clerk.post(f"/tickets/{ticket['id']}/cierres", {"ventanilla": 2})
    done = finished(store)
    assert (done["expedientes"], done["tramites"]) == (numbers, ["RC-01", "SG-08"]), "the trámites of what was filed"
    turn = text_of(luz.get(f"/ventanilla/turnos/{ticket['id']}"))
    assert all(number in turn for number in numbers)
    for number in numbers:
        case = luz.get(f"/expedientes/{number}")
        assert f"{ticket['code']}, Partidas, ventanilla 2" in text_of(case)
        assert f'href="/ventanilla/turnos/{ticket["id"]}"' in case.get_data(as_text=True)


def test_the_sheet_that_ends_a_turn_finds_tramites_by_their_words(luz, tupa):
    options = luz.get("/ventanilla/tramites?buscado=partida").get_data(as_text=True)
    assert "RC-01" in options and options.count("<li") <= 8
