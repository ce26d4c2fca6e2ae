from __future__ import annotations

import re

import pytest


@pytest.fixture
def place(sala, person):
    """Luz, signed in and seated at ventanilla 2."""
    luz = person("ventanilla", sala="principal")
    luz.post("/ventanilla/puestos", {"number": "2"})
    return luz


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.get_data(as_text=True)))


def test_the_first_time_a_ventanilla_is_chosen(sala, person):
    luz = person("ventanilla", sala="principal")
    assert "¿En qué ventanilla atiende hoy?" in text_of(luz.get("/ventanilla"))
    assert luz.post("/ventanilla/puestos", {"number": "2"}).status_code == 303
    assert "Nadie en su ventanilla" in text_of(luz.get("/ventanilla"))


def test_a_whole_visit_with_forms_alone(place, issue):
    ticket = issue("B")
    assert place.post("/ventanilla/llamados").status_code == 303
    assert "Llamado" in text_of(place.get("/ventanilla"))
    place.post(f"/ventanilla/turnos/{ticket['id']}/atenciones")
    assert "En atención" in text_of(place.get("/ventanilla"))
    place.post(f"/ventanilla/turnos/{ticket['id']}/esperas", {"motivo": "Fue por copia"})
    assert "Fue por copia" in text_of(place.get("/ventanilla"))
    place.post(f"/ventanilla/turnos/{ticket['id']}/atenciones")
    place.post(f"/ventanilla/turnos/{ticket['id']}/cierres")
    assert "Hoy usted atendió 1 turno" in text_of(place.get("/ventanilla"))


def test_a_script_gets_only_what_changed(place, issue):
    issue("A")
    answer = place.post("/ventanilla/llamados", headers={"HX-Request": "true"})
    assert answer.status_code == 200 and 'id="turno"' in answer.get_data(as_text=True)
    assert "<html" not in answer.get_data(as_text=True)


def test_the_same_press_sent_twice_is_done_once_and_answered_alike(place, issue):
    ticket, key = issue("A"), "a-press"
    place.post("/ventanilla/llamados")
    for _ in range(2):
        answer = place.post(f"/ventanilla/turnos/{ticket['id']}/atenciones", key=key, headers={"HX-Request": "true"})
        assert answer.status_code == 200 and "en atención" in text_of(answer)


def test_a_refusal_says_what_to_do_on_the_screen_as_it_is(place, issue):
    ticket = issue("A")
    answer = place.post(f"/ventanilla/turnos/{ticket['id']}/cierres", headers={"HX-Request": "true"})
    assert answer.status_code == 409 and "Actualice" in text_of(answer) and 'id="cola"' in answer.get_data(as_text=True)


def test_forwarding_from_the_page_to_a_service_or_a_ventanilla(place, issue, clerk):
    for where, state in (("s:C", "C"), ("v:4", "A")):
        ticket = issue("A")
        place.post("/ventanilla/llamados")
        place.post(f"/ventanilla/turnos/{ticket['id']}/derivaciones", {"destino": where, "motivo": "era de obras"})
        assert clerk.get(f"/tickets/{ticket['id']}").json["service"] == state
        clerk.post(f"/tickets/{ticket['id']}/anulaciones")


def test_an_absent_person_is_put_back_with_one_press(place, issue):
    ticket = issue("A")
    place.post("/ventanilla/llamados")
    place.post(f"/ventanilla/turnos/{ticket['id']}/ausencias")
    assert "No se presentaron" in text_of(place.get("/ventanilla"))
    place.post(f"/ventanilla/turnos/{ticket['id']}/retornos", {"ajeno": "1"})
    assert "No se presentaron" not in text_of(place.get("/ventanilla"))


def test_a_pause_says_its_reason_and_closing_gives_the_choice_back(place):
    place.post("/ventanilla/pausas", {"motivo": "Refrigerio"})
    assert "Refrigerio" in text_of(place.get("/ventanilla"))
    place.post("/ventanilla/cierres")
    assert "¿En qué ventanilla atiende hoy?" in text_of(place.get("/ventanilla"))


def test_looking_calls_nobody(place, issue, clerk):
    issue("A")
    for path in ("/ventanilla", "/ventanilla/vivo", "/ventanilla/ficha", "/ventanilla/puestos"):
        assert place.get(path).status_code == 200
    assert place.get("/ventanilla/llamados").status_code == 405
    assert clerk.get("/salas/principal/tablero").json["seq"] == 0


def test_the_page_never_shows_a_follow_link(place, issue):
    ticket = issue("A")
    place.post("/ventanilla/llamados")
    assert ticket["follow_url"].rsplit("/", 1)[1] not in place.get("/ventanilla").get_data(as_text=True)
