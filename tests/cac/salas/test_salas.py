"""Sites, salas, services and ventanillas, set up by forms alone: what is typed is kept, what is wrong is told where, what changes is noted."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pypdfium2
import pytest
import zxingcpp
from sqlalchemy import select

from cac.desk.models import Sala, Service, Ventanilla
from cac.desk.queries import services_of
from cac.desk.signals import forget, listen
from cac.salas.actions import skills_of
from core.clock import lima_day, now_utc

SALA = "/admin/salas/principal"
SERVICE = {"name": "Transporte", "example": "Mototaxi, brevete", "icon": "motorbike", "group_name": "", "active": "1"}
LIMITS = {
    "recalls": "3",
    "return_minutes": "30",
    "alert_minutes": "60",
    "alert_waiting": "40",
    "tickets_per_phone": "3",
}


def text_of(answer) -> str:
    return html.unescape(answer.get_data(as_text=True))


@pytest.fixture
def issue(caller):
    kiosk = caller("kiosko")

    def give(service: str = "A", **body):
        return kiosk.post("/tickets", {"service": service, "channel": "web", **body})

    return give


def test_a_site_and_its_sala_are_created_and_the_sala_opens_on_its_services(admin, one):
    site = {"code": "norte", "name": "Municipalidad de Celendín", "office": "CAC Norte"}
    assert "CAC Norte" in text_of(admin.post("/admin/sedes", site, follow_redirects=True))
    sala = {"site": "norte", "code": "norte-1", "name": "Sala norte"}
    answer = admin.post("/admin/salas", sala)
    assert answer.location == "/admin/salas/norte-1/servicios"
    assert "todavía no tiene servicios" in text_of(admin.get(answer.location))
    made = one(Sala, code="norte-1")
    assert (made.name, made.timetable, made.recalls, made.return_minutes) == ("Sala norte", None, 3, 30)


def test_the_names_of_a_site_are_changed_and_the_log_tells_old_and_new(admin, noted):
    form = {"name": "Municipalidad de Celendín", "office": "Centro de Atención al Ciudadano"}
    assert "Municipalidad de Celendín" in text_of(admin.post("/admin/sedes/cac", form, follow_redirects=True))
    assert noted("sede.cambio") == ["nombre: Municipalidad Provincial de Cajamarca → Municipalidad de Celendín"]


@pytest.mark.parametrize("code", ["Norte", "sala norte", "ñusta", "-a", "x" * 41])
def test_a_code_that_cannot_be_an_address_is_refused_beside_its_field(admin, code):
    answer = admin.post("/admin/salas", {"site": "cac", "code": code, "name": "Sala que se tecleó"})
    page = text_of(answer)
    assert answer.status_code == 422 and 'id="sala-new-code-error"' in page and "Sala que se tecleó" in page


def test_a_code_in_use_is_refused(admin):
    answer = admin.post("/admin/salas", {"site": "cac", "code": "principal", "name": "Otra"})
    assert answer.status_code == 409 and "ya está en uso" in text_of(answer)


def test_a_sala_gets_mornings_afternoons_and_a_shut_day(admin, one, noted):
    week = {f"{day}-0-{end}": hour for day in range(5) for end, hour in (("from", "07:30"), ("until", "13:00"))}
    week |= {f"{day}-1-{end}": hour for day in range(5) for end, hour in (("from", "14:00"), ("until", "16:30"))}
    assert admin.post(f"{SALA}/horario", week).status_code == 302
    stored = one(Sala, code="principal").timetable["week"]
    assert stored == [[["07:30", "13:00"], ["14:00", "16:30"]]] * 5 + [[], []]
    assert noted("sala.cambio") == ["horario: día y noche → Lu a Vi 07:30–13:00 y 14:00–16:30; Sá y Do cerrado"]
    assert 'name="4-1-until" value="16:30"' in text_of(admin.get(f"{SALA}/horario"))


def test_hours_that_cannot_be_are_all_told_beside_their_day_and_nothing_typed_is_lost(admin, one):
    week = {"0-0-from": "15:00", "0-0-until": "08:00", "1-0-from": "08:00", "2-0-from": "08:00", "2-0-until": "13:00"}
    week |= {"2-1-from": "12:00", "2-1-until": "16:00", "3-0-from": "07:30", "3-0-until": "15:30"}
    answer = admin.post(f"{SALA}/horario", week)
    page = text_of(answer)
    assert answer.status_code == 422
    for day, sentence in ((0, "posterior a la de apertura"), (1, "Falta una hora"), (2, "se cruzan")):
        assert f'id="day-{day}-error"' in page and sentence in page
    assert 'id="day-3-error"' not in page and 'name="3-0-from" value="07:30"' in page
    assert one(Sala, code="principal").timetable is None


def test_a_week_without_hours_is_refused_and_day_and_night_is_one_tick(admin, one):
    assert "al menos un día" in text_of(admin.post(f"{SALA}/horario", {}))
    admin.post(f"{SALA}/horario", {"0-0-from": "08:00", "0-0-until": "12:00"})
    admin.post(f"{SALA}/horario", {"always": "1", "0-0-from": "08:00", "0-0-until": "12:00"})
    assert one(Sala, code="principal").timetable is None


def test_a_half_day_and_a_holiday_are_added_with_their_reason_and_taken_away(admin, one, noted):
    today = lima_day(now_utc())
    half, shut = today + timedelta(days=3), today + timedelta(days=4)
    form = {"day": half.isoformat(), "kind": "half", "from": "08:00", "until": "12:00", "reason": "Aniversario"}
    admin.post(f"{SALA}/horario/dias", form)
    admin.post(f"{SALA}/horario/dias", {"day": shut.isoformat(), "kind": "closed", "reason": "Feriado"})
    stored = one(Sala, code="principal").timetable
    assert stored["week"] is None and stored["reasons"][half.isoformat()] == "Aniversario"
    assert stored["dates"] == {half.isoformat(): [["08:00", "12:00"]], shut.isoformat(): []}
    admin.post(f"{SALA}/horario/dias/{shut.isoformat()}/bajas")
    admin.post(f"{SALA}/horario/dias/{half.isoformat()}/bajas")
    assert one(Sala, code="principal").timetable is None
    assert noted("sala.cambio")[0] == f"{half.isoformat()}: horario de siempre → 08:00–12:00 (Aniversario)"


def test_a_day_apart_has_a_break_and_hours_that_cross_are_refused(admin, one):
    day = (lima_day(now_utc()) + timedelta(days=3)).isoformat()
    form = {"day": day, "kind": "half", "from": "08:00", "until": "11:00", "reason": "Aniversario"}
    crossed = admin.post(f"{SALA}/horario/dias", form | {"from-2": "10:00", "until-2": "12:00"})
    assert crossed.status_code == 422 and "se cruzan" in text_of(crossed) and 'value="10:00"' in text_of(crossed)
    admin.post(f"{SALA}/horario/dias", form | {"from-2": "14:00", "until-2": "16:00"})
    assert one(Sala, code="principal").timetable["dates"] == {day: [["08:00", "11:00"], ["14:00", "16:00"]]}
    assert "08:00–11:00 y 14:00–16:00" in text_of(admin.get(f"{SALA}/horario"))


def test_national_holidays_are_days_off_by_one_tick_every_year(admin, one, noted):
    admin.post(f"{SALA}/horario", {"always": "1", "holidays": "1"})
    assert one(Sala, code="principal").timetable == {"week": None, "dates": {}, "reasons": {}, "holidays": True}
    assert noted("sala.cambio") == ["horario: día y noche → día y noche; feriados cerrado"]
    page = text_of(admin.get(f"{SALA}/horario"))
    assert re.search(r'name="holidays"[^>]* checked', page) and "Los próximos:" in page
    day = (lima_day(now_utc()) + timedelta(days=3)).isoformat()
    admin.post(f"{SALA}/horario/dias", {"day": day, "kind": "closed", "reason": "Feriado regional"})
    assert one(Sala, code="principal").timetable["holidays"] is True, "a day apart leaves the rule as it is"
    admin.post(f"{SALA}/horario/dias/{day}/bajas")
    admin.post(f"{SALA}/horario", {"always": "1"})
    assert one(Sala, code="principal").timetable is None


def test_a_half_day_without_hours_or_in_the_past_is_refused_where_it_is_wrong(admin):
    yesterday = lima_day(now_utc()) - timedelta(days=1)
    answer = admin.post(f"{SALA}/horario/dias", {"day": yesterday.isoformat(), "kind": "half", "reason": "Prueba"})
    page = text_of(answer)
    assert answer.status_code == 422 and 'id="date-day-error"' in page and 'id="date-hours-error"' in page
    assert 'value="Prueba"' in page


def test_a_service_is_renamed_and_open_kiosks_show_it(admin, store, one, noted):
    heard = []
    listen(listener := lambda sala, call: heard.append(sala))
    answer = admin.post(f"{SALA}/servicios/D", SERVICE, follow_redirects=True)
    forget(listener)
    assert "Transporte guardado" in text_of(answer) and heard == ["principal"]
    with store.read() as session:
        shown = {row["code"]: row["name"] for row in services_of(session, "principal", now=now_utc())}
    assert shown["D"] == "Transporte"
    assert noted("servicio.cambio")[0].startswith("nombre: Moto y mototaxi → Transporte; ejemplo: ")


def test_saving_what_already_is_leaves_no_trace(admin, noted):
    form = {"name": "Partidas", "example": "Nacimiento, matrimonio, defunción", "icon": "certificate", "active": "1"}
    admin.post(f"{SALA}/servicios/A", form | {"group_name": ""})
    assert noted("servicio.cambio") == []


def test_a_new_service_is_attended_last_by_every_ventanilla_and_its_letter_is_unique_in_the_site(admin, store, one):
    form = SERVICE | {"code": "g", "name": "Programas sociales"}
    assert admin.post(f"{SALA}/servicios", form).status_code == 302
    with store.read() as session:
        skills = [skills_of(session, place) for place in session.scalars(select(Ventanilla.id))]
    assert skills == [["A", "B", "C", "D", "E", "F", "G"]] * 4
    admin.post("/admin/salas", {"site": "cac", "code": "alta", "name": "Sala alta"})
    again = admin.post("/admin/salas/alta/servicios", form)
    assert again.status_code == 409 and 'id="code-error"' in text_of(again) and "Programas sociales" in text_of(again)
    preferente = admin.post(f"{SALA}/servicios", form | {"code": "P"})
    assert preferente.status_code == 409 and "preferentes" in text_of(preferente)


@pytest.mark.parametrize(("field", "value"), [("name", " "), ("name", "x" * 61), ("icon", "calavera"), ("code", "Ñ")])
def test_a_wrong_service_is_told_beside_its_field(admin, field, value):
    answer = admin.post(f"{SALA}/servicios", SERVICE | {"code": "G", field: value})
    assert answer.status_code == 422 and f'id="{field}-error"' in text_of(answer)
    assert "Mototaxi, brevete" in text_of(answer)


def test_services_go_up_and_down_in_the_order_of_the_kiosk(admin, store):
    admin.post(f"{SALA}/servicios/B/posiciones", {"to": "up"})
    admin.post(f"{SALA}/servicios/F/posiciones", {"to": "down"})
    with store.read() as session:
        assert [row["code"] for row in services_of(session, "principal", now=now_utc())] == list("BACDEF")


def test_services_of_a_group_stand_together_at_the_kiosk(admin, store):
    for letter, name in (("B", "Mi negocio"), ("E", "Impuestos")):
        admin.post(f"{SALA}/servicios/{letter}", SERVICE | {"name": name, "group_name": "Pagos"})
    with store.read() as session:
        assert [row["code"] for row in services_of(session, "principal", now=now_utc())] == list("ABECDF")


def test_the_kiosk_shows_eight_services_and_a_ninth_is_refused_with_the_reason(admin):
    for letter in "GH":
        assert admin.post(f"{SALA}/servicios", SERVICE | {"code": letter}).status_code == 302
    answer = admin.post(f"{SALA}/servicios", SERVICE | {"code": "I"})
    assert answer.status_code == 409 and "hasta 8 servicios" in text_of(answer)
    admin.post(f"{SALA}/servicios/G", SERVICE | {"active": ""})
    assert admin.post(f"{SALA}/servicios", SERVICE | {"code": "I"}).status_code == 302
    assert admin.post(f"{SALA}/servicios/G", SERVICE).status_code == 409


def test_a_service_with_people_waiting_is_not_removed_and_says_why(admin, issue, one):
    issue("C")
    answer = admin.post(f"{SALA}/servicios/C/bajas")
    assert answer.status_code == 409 and "Hay personas esperando" in text_of(answer)
    assert one(Service, code="C") is not None


def test_a_service_that_gave_tickets_keeps_its_history_and_one_that_never_did_goes(admin, issue, caller, one):
    ticket = issue("C").json
    assert caller("ventanilla").post(f"/tickets/{ticket['id']}/anulaciones").status_code == 200
    answer = admin.post(f"{SALA}/servicios/C/bajas")
    assert answer.status_code == 409 and "su historia se conserva" in text_of(answer)
    assert admin.post(f"{SALA}/servicios/E/bajas").status_code == 302
    assert one(Service, code="E") is None


def test_a_service_switched_off_gives_no_tickets_and_who_waits_for_it_is_still_called(admin, issue, person, caller):
    ticket = issue("C").json
    admin.post(f"{SALA}/servicios/C", {**SERVICE, "active": ""})
    assert issue("C").json["code"] == "servicio.no_existe"
    clerk = person("ventanilla", sala="principal")
    clerk.post("/ventanilla/puestos", {"number": "1"})
    assert ticket["code"] in text_of(clerk.get("/ventanilla"))
    call = caller("ventanilla").post("/ventanillas/1/llamados").json
    assert call["ticket"]["code"] == ticket["code"]
    assert ticket["code"] in text_of(clerk.get("/ventanilla"))


def test_a_ventanilla_attends_what_it_is_told_in_that_order(admin, store, one, noted):
    form = {"number": "3", "attends": "solo_general", "place-C": "1", "place-A": "2", "place-B": ""}
    assert admin.post(f"{SALA}/ventanillas/3", form).status_code == 302
    with store.read() as session:
        assert skills_of(session, one(Ventanilla, number=3).id) == ["C", "A"]
    assert one(Ventanilla, number=3).attends == "solo_general"
    assert noted("ventanilla.cambio") == ["servicios: A, B, C, D, E, F → C, A"]


def test_a_ventanilla_is_added_and_one_without_services_or_with_a_taken_number_is_refused(admin, one):
    form = {"number": "5", "attends": "todos", "place-A": "1"}
    assert admin.post(f"{SALA}/ventanillas", form).status_code == 302
    assert one(Ventanilla, number=5).state == "cerrada"
    taken = admin.post(f"{SALA}/ventanillas", form)
    assert taken.status_code == 409 and 'id="number-error"' in text_of(taken)
    empty = admin.post(f"{SALA}/ventanillas", {"number": "0", "attends": "todos"})
    assert empty.status_code == 422
    assert 'id="number-error"' in text_of(empty) and 'id="services-error"' in text_of(empty)


def test_the_number_of_an_open_ventanilla_stays(admin, caller):
    caller("ventanilla").post("/ventanillas/2/aperturas")
    answer = admin.post(f"{SALA}/ventanillas/2", {"number": "9", "attends": "todos", "place-A": "1"})
    assert answer.status_code == 409 and "Ciérrela antes" in text_of(answer)


def test_somebody_must_attend_preferentes_while_one_waits(admin, issue, caller):
    issue(preferente=True)
    clerk = caller("ventanilla")
    for number in (1, 2):
        clerk.post(f"/ventanillas/{number}/aperturas")
    form = {"attends": "solo_general", "place-A": "1"}
    assert admin.post(f"{SALA}/ventanillas/1", form | {"number": "1"}).status_code == 302
    answer = admin.post(f"{SALA}/ventanillas/2", form | {"number": "2"})
    assert answer.status_code == 409 and "Ley 28683" in text_of(answer)


def test_limits_are_changed_and_every_wrong_one_is_told(admin, one, noted):
    assert admin.post(f"{SALA}/limites", LIMITS | {"recalls": "2", "return_minutes": "15"}).status_code == 302
    assert (one(Sala, code="principal").recalls, one(Sala, code="principal").return_minutes) == (2, 15)
    assert noted("sala.cambio") == ["llamados antes de ausente: 3 → 2; minutos para volver: 30 → 15"]
    answer = admin.post(f"{SALA}/limites", LIMITS | {"recalls": "0", "alert_minutes": "mucho", "alert_waiting": "77"})
    page = text_of(answer)
    assert answer.status_code == 422 and 'id="recalls-error"' in page and 'id="alert_minutes-error"' in page
    assert 'value="mucho"' in page and 'value="77"' in page


def test_texts_and_languages_are_changed_and_spanish_stays(admin, one):
    form = {"kiosk_welcome": "Bienvenida, bienvenido", "closed_message": "Volvemos mañana", "ticket_foot": "Informes"}
    assert admin.post(f"{SALA}/textos", form | {"kiosk-es": "1", "kiosk-en": "1"}).status_code == 302
    sala = one(Sala, code="principal")
    assert (sala.kiosk_welcome, sala.ticket_foot, sala.kiosk_languages) == (
        "Bienvenida, bienvenido",
        "Informes",
        ["es", "en"],
    )
    answer = admin.post(f"{SALA}/textos", form | {"kiosk-en": "1"})
    assert answer.status_code == 422 and 'id="kiosk_languages-error"' in text_of(answer)


def test_the_ticket_is_drawn_with_the_foot_being_typed(admin):
    plain, footed = (admin.get(f"{SALA}/textos/ticket.png?pie={foot}") for foot in ("", "Informes 076 362 201"))
    assert plain.mimetype == "image/png" and footed.data[:4] == b"\x89PNG" and plain.data != footed.data


def test_a_poster_for_the_door_leads_phones_to_their_turn(admin):
    page = pypdfium2.PdfDocument(admin.get(f"{SALA}/cartel.pdf").data)[0].render(scale=1).to_pil()
    (code,) = zxingcpp.read_barcodes(page)
    assert code.text.endswith("/turno")


def test_a_closed_sala_refuses_with_its_own_words(admin, issue):
    admin.post(f"{SALA}/textos", {"closed_message": "Volvemos el lunes a las 7:30.", "kiosk-es": "1"})
    day = lima_day(now_utc()).isoformat()
    admin.post(f"{SALA}/horario/dias", {"day": day, "kind": "closed", "reason": "Feriado"})
    refused = issue().json
    assert (refused["code"], refused["detail"]) == ("servicio.cerrado", "Volvemos el lunes a las 7:30.")


def test_the_same_press_twice_is_one_service(admin, one):
    form = SERVICE | {"code": "H"}
    for _ in range(2):
        assert admin.post(f"{SALA}/servicios", form, key="una-sola").status_code == 302
    assert one(Service, code="H") is not None


@pytest.mark.parametrize(
    "page", ["", "/horario", "/servicios", "/servicios/nuevo", "/ventanillas", "/limites", "/textos"]
)
def test_a_sala_nobody_made_is_not_found(admin, page):
    assert admin.get(f"/admin/salas/nadie{page}").status_code == 404


@pytest.mark.parametrize("page", ["/servicios/Z", "/ventanillas/77", "/horario/dias/nunca/bajas"])
def test_a_part_nobody_made_is_not_found(admin, page):
    answer = admin.post(f"{SALA}{page}") if page.endswith("bajas") else admin.get(f"{SALA}{page}")
    assert answer.status_code == 404
