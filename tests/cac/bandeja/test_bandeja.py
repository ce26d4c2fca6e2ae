"""The tray over HTTP, with forms alone."""

from __future__ import annotations

from tests.cac.counter import file_case, text_of

LF = "Subgerencia de Licencias de Funcionamiento y Comercialización"


def test_what_was_received_and_not_sent_on_is_red_for_the_cac(clerk, at):
    number = file_case(clerk)
    today = text_of(clerk.get("/bandeja"))
    assert number in today and "Derivar hoy" in today and 'class="rojo"' in today
    at(2026, 11, 23, 9)
    assert "No se derivó el mismo día" in text_of(clerk.get("/bandeja"))


def test_an_area_receives_several_at_once(clerk, person):
    numbers = [file_case(clerk), file_case(clerk)]
    for number in numbers:
        clerk.post(f"/expedientes/{number}/pases", {"area": "LF"})
    area = person("unidad", area=LF)
    page = text_of(area.get("/bandeja"))
    assert all(number in page for number in numbers) and " checked" not in page
    done = area.post("/bandeja/recepciones", {"number": numbers, "waiting": numbers}, follow_redirects=True)
    assert "Recibió 2 expedientes" in text_of(done)


def test_leaving_an_older_one_behind_asks_for_the_reason(clerk, person):
    numbers = [file_case(clerk), file_case(clerk)]
    for number in numbers:
        clerk.post(f"/expedientes/{number}/pases", {"area": "LF"})
    area = person("unidad", area=LF)
    form = {"number": [numbers[1]], "waiting": numbers}
    refused = area.post("/bandeja/recepciones", form)
    assert refused.status_code == 422 and "Escriba el motivo" in text_of(refused)
    assert area.post("/bandeja/recepciones", form | {"reason": "Vence hoy"}).status_code == 302
    assert "Fuera de orden: Vence hoy" in text_of(area.get(f"/expedientes/{numbers[1]}"))


def test_what_is_resolved_says_so_and_since_when_instead_of_a_term(clerk, person):
    number = file_case(clerk)
    clerk.post(f"/expedientes/{number}/pases", {"area": "LF"})
    area = person("unidad", area=LF)
    area.post("/bandeja/recepciones", {"number": [number], "waiting": [number]})
    assert "días hábiles" in text_of(area.get("/bandeja"))
    area.post(
        f"/expedientes/{number}/actos",
        {"kind": "resolucion", "resultado": "procedente", "text": "Se otorga.", "sheets": "1"},
    )
    page = text_of(area.get("/bandeja"))
    assert number in page and "Resuelto 20 nov" in page
    assert "Sin plazo" not in page and "días hábiles" not in page


def test_a_person_of_an_area_sees_only_that_one(clerk, person):
    number = file_case(clerk)
    clerk.post(f"/expedientes/{number}/pases", {"area": "LF"})
    other = person("unidad", area="Subgerencia de Registro Civil")
    assert number not in text_of(other.get("/bandeja?area=LF"))


def test_the_tray_is_not_for_everybody(person):
    for role in ("auditor", "cajero", "tesoreria"):
        assert person(role).get("/bandeja").status_code == 403
