from __future__ import annotations

from uuid import uuid4

import pytest


def code_of(answer) -> str:
    return answer.json["code"]


def test_services_say_how_many_wait_and_whether_tickets_are_given(kiosk, issue):
    issue("B")
    services = kiosk.get("/services").json
    assert [service["code"] for service in services] == list("ABCDEF")
    assert {service["code"]: service["waiting"] for service in services} == dict.fromkeys("ACDEF", 0) | {"B": 1}
    assert all(service["open"] for service in services)


def test_a_ticket_says_everything_its_paper_needs(kiosk):
    answer = kiosk.post("/tickets", {"service": "A"})
    ticket = answer.json
    assert answer.status_code == 201
    assert ticket["code"] == "A-001" and ticket["state"] == "en_espera" and ticket["ahead"] == 0
    assert ticket["wait"] is None and ticket["follow_url"].startswith("http://cac.example/t/")
    assert kiosk.get(f"/tickets/{ticket['id']}").json == ticket


def test_a_preferente_takes_the_series_p_and_passes_the_general_ones(issue):
    for _ in range(3):
        issue("A")
    first, second = issue("B", preferente=True), issue("A", preferente=True)
    assert (first["code"], first["ahead"]) == ("P-001", 0)
    assert (second["code"], second["ahead"]) == ("P-002", 1)
    assert issue("A")["ahead"] == 5


def test_an_unknown_service_and_a_closed_sala_are_refused(kiosk, store):
    assert kiosk.post("/tickets", {"service": "Z"}).status_code == 404
    store.write(shut)
    answer = kiosk.post("/tickets", {"service": "A"})
    assert (answer.status_code, code_of(answer)) == (409, "servicio.cerrado")
    assert not any(service["open"] for service in kiosk.get("/services").json)


def shut(session):
    from sqlalchemy import update

    from cac.desk.models import Sala

    session.execute(update(Sala).values(timetable={"week": [[]] * 7}))


def test_a_wrong_type_names_its_field(kiosk):
    answer = kiosk.post("/tickets", {"service": "A", "preferente": "sí"})
    assert answer.status_code == 422 and "preferente" in answer.json["fields"]


def test_calling_answers_201_then_200_with_the_same_call_then_409(clerk, issue):
    ticket = issue("C")
    first, again = clerk.post("/ventanillas/2/llamados"), clerk.post("/ventanillas/2/llamados")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json["ticket"]["id"] == again.json["ticket"]["id"] == ticket["id"]
    assert first.json["seq"] == again.json["seq"] == 1
    clerk.post(f"/tickets/{ticket['id']}/atenciones", {"ventanilla": 2})
    busy = clerk.post("/ventanillas/2/llamados")
    assert (busy.status_code, code_of(busy)) == (409, "ventanilla.turno_abierto")


def test_nobody_waiting_is_204_and_may_be_asked_again_with_the_same_key(clerk, issue):
    key = uuid4().hex
    assert clerk.post("/ventanillas/1/llamados", key=key).status_code == 204
    issue("A")
    assert clerk.post("/ventanillas/1/llamados", key=key).status_code == 201


def test_a_chosen_ticket_is_called_with_its_reason(clerk, issue):
    issue("A")
    chosen = issue("A")
    call = clerk.post("/ventanillas/1/llamados", {"ticket": chosen["id"], "motivo": "viene de Tesorería"})
    assert call.status_code == 201 and call.json["ticket"]["code"] == chosen["code"]


@pytest.fixture
def attended(clerk, issue):
    ticket = issue("A")
    clerk.post("/ventanillas/3/llamados")
    clerk.post(f"/tickets/{ticket['id']}/atenciones", {"ventanilla": 3})
    return ticket["id"]


def test_a_whole_visit(clerk, attended):
    move = f"/tickets/{attended}"
    assert clerk.post(f"{move}/esperas", {"ventanilla": 3, "motivo": "fue por copia"}).json["state"] == "en_pausa"
    assert clerk.post(f"{move}/rellamados", {"ventanilla": 3}).json["state"] == "llamado"
    assert clerk.post(f"{move}/atenciones", {"ventanilla": 3}).json["state"] == "en_atencion"
    done = clerk.post(f"{move}/cierres", {"ventanilla": 3, "resultado": "atendido", "tramites": ["LF-01"]})
    assert done.json["state"] == "atendido" and done.json["ventanilla"] == 3
    late = clerk.post(f"{move}/rellamados", {"ventanilla": 3})
    assert (late.status_code, code_of(late)) == (409, "ticket.movimiento_no_permitido")


def test_another_ventanilla_may_not_move_a_ticket_but_may_take_it_over(clerk, caller, attended):
    refused = clerk.post(f"/tickets/{attended}/cierres", {"ventanilla": 1})
    assert (refused.status_code, code_of(refused)) == (409, "ticket.de_otra_ventanilla")
    taken = caller("supervisor").post(f"/tickets/{attended}/tomas", {"ventanilla": 1, "motivo": "se apagó la PC"})
    assert taken.status_code == 200 and (taken.json["state"], taken.json["ventanilla"]) == ("llamado", 1)
    assert clerk.post(f"/tickets/{attended}/atenciones", {"ventanilla": 1}).json["state"] == "en_atencion"


def test_while_one_is_attended_a_held_one_cannot_come_back(clerk, issue, attended):
    clerk.post(f"/tickets/{attended}/esperas", {"ventanilla": 3})
    other = issue("A")
    clerk.post("/ventanillas/3/llamados")
    clerk.post(f"/tickets/{other['id']}/atenciones", {"ventanilla": 3})
    answer = clerk.post(f"/tickets/{attended}/atenciones", {"ventanilla": 3})
    assert (answer.status_code, code_of(answer)) == (409, "ventanilla.turno_abierto")


def test_an_absent_one_returns_behind_who_waits_and_a_held_one_in_its_old_place(clerk, issue):
    first, second = issue("A"), issue("A")
    clerk.post("/ventanillas/1/llamados")
    clerk.post(f"/tickets/{first['id']}/ausencias", {"ventanilla": 1})
    assert clerk.post(f"/tickets/{first['id']}/retornos").json["state"] == "en_espera"
    assert clerk.post("/ventanillas/1/llamados").json["ticket"]["id"] == second["id"]
    clerk.post(f"/tickets/{second['id']}/atenciones", {"ventanilla": 1})
    clerk.post(f"/tickets/{second['id']}/esperas", {"ventanilla": 1})
    clerk.post(f"/tickets/{second['id']}/retornos", {"ventanilla": 1})
    assert clerk.post("/ventanillas/2/llamados").json["ticket"]["id"] == first["id"]
    assert clerk.post("/ventanillas/1/llamados").json["ticket"]["id"] == second["id"]


def test_forwarding_needs_a_place_and_keeps_number_and_turn(clerk, issue, attended):
    nowhere = clerk.post(f"/tickets/{attended}/derivaciones", {"ventanilla": 3})
    assert nowhere.status_code == 422
    issue("B")
    forwarded = clerk.post(f"/tickets/{attended}/derivaciones", {"ventanilla": 3, "service": "B"}).json
    assert (forwarded["code"], forwarded["service"], forwarded["state"]) == ("A-001", "B", "en_espera")
    assert clerk.post("/ventanillas/4/llamados").json["ticket"]["id"] == attended


def test_a_ticket_forwarded_to_a_ventanilla_waits_for_that_one(clerk, attended):
    clerk.post(f"/tickets/{attended}/derivaciones", {"ventanilla": 3, "to_ventanilla": 4})
    assert clerk.post("/ventanillas/1/llamados").status_code == 204
    assert clerk.post("/ventanillas/4/llamados").json["ticket"]["id"] == attended


def test_a_ventanilla_opens_pauses_and_closes_but_not_with_somebody_before_it(clerk, attended):
    for step in ("pausas", "cierres"):
        answer = clerk.post(f"/ventanillas/3/{step}", {"motivo": "refrigerio"})
        assert (answer.status_code, code_of(answer)) == (409, "ventanilla.turno_abierto")
    clerk.post(f"/tickets/{attended}/cierres", {"ventanilla": 3})
    assert clerk.post("/ventanillas/3/pausas", {"motivo": "refrigerio"}).json["state"] == "en_pausa"
    assert clerk.post("/ventanillas/3/aperturas").json["state"] == "abierta"
    assert clerk.post("/ventanillas/3/cierres").json["state"] == "cerrada"
    assert clerk.post("/ventanillas/99/aperturas").status_code == 404


def test_who_waits_for_a_ventanilla_that_closes_goes_back_to_the_queue(clerk, attended, issue):
    clerk.post(f"/tickets/{attended}/esperas", {"ventanilla": 3})
    sent = issue("A")
    clerk.post(f"/tickets/{sent['id']}/derivaciones", {"to_ventanilla": 3})
    clerk.post("/ventanillas/3/cierres")
    called = [clerk.post(f"/ventanillas/{number}/llamados").json["ticket"]["id"] for number in (1, 2)]
    assert called == [attended, sent["id"]]


def test_the_board_is_whole_and_its_etag_ignores_the_hour(clerk, kiosk, issue):
    first, second = issue("A"), issue("B")
    clerk.post("/ventanillas/3/llamados")
    board = kiosk.get("/salas/principal/tablero")
    assert board.json["seq"] == 1 and board.json["waiting"] == [{"code": second["code"]}]
    assert board.json["calls"][0]["code"] == first["code"] and board.json["calls"][0]["ventanilla"] == 3
    same = kiosk.get("/salas/principal/tablero", headers={"If-None-Match": board.headers["ETag"]})
    assert same.status_code == 304
    clerk.post(f"/tickets/{first['id']}/rellamados", {"ventanilla": 3})
    new = kiosk.get("/salas/principal/tablero", headers={"If-None-Match": board.headers["ETag"]})
    assert new.status_code == 200 and [call["seq"] for call in new.json["calls"]] == [1, 2]


def test_a_device_of_one_sala_sees_no_other(sala, caller):
    assert caller("pantalla", sala="principal").get("/salas/otra/tablero").status_code == 403
    assert caller("pantalla").get("/salas/otra/tablero").status_code == 404


def test_a_screen_is_told_the_board_and_nothing_else(caller, sala):
    screen = caller("pantalla", sala=sala)
    assert screen.get("/salas/principal/tablero").status_code == 200
    for path in ("/services", "/tickets/1", "/salas/otra/tablero"):
        refused = screen.get(path)
        assert (refused.status_code, code_of(refused)) == (403, "acceso.negado"), path


def test_who_forwards_to_a_closed_ventanilla_is_told_that_nobody_calls_there_yet(clerk, issue):
    ticket = issue("A")
    there = f"/tickets/{ticket['id']}/derivaciones"
    (warning,) = clerk.post(there, {"to_ventanilla": 3}).json["warnings"]
    assert warning["code"] == "ventanilla.cerrada" and "La ventanilla 3 está cerrada" in warning["detail"]
    clerk.post("/ventanillas/4/aperturas")
    assert clerk.post(there, {"to_ventanilla": 4}).json["warnings"] == []
    clerk.post(there, {"to_ventanilla": 3})
    assert clerk.post("/ventanillas/3/llamados").json["ticket"]["id"] == ticket["id"], "its first call opens it"
