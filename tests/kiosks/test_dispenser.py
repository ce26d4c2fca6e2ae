"""The kiosk: one touch, one ticket, and never a lie about its paper."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from cac.access.actions import SEEN_EVERY, seen
from cac.access.models import Device
from cac.desk.models import Sala, Ticket
from cac.paper.models import Printer, PrintJob
from core.clock import LIMA, machine_utc, now_utc
from kiosks.dispenser.rules import NO_PAPER, PRINTED, PRINTING, UNCERTAIN, paper_state
from kiosks.dispenser.texts import spoken_options, translator

pytestmark = pytest.mark.usefixtures("sala")


@pytest.fixture
def kiosk(client, pair):
    pair(client, "kiosko")
    return client


def touch(kiosk, service="A", key="1", **fields):
    return kiosk.post("/kiosko/tickets", data={"service": service, "_key": key, **fields})


def tickets(store) -> int:
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(Ticket))


def seen_at(store):
    """When the only device was last seen."""
    with store.read() as session:
        return session.scalar(select(Device.seen_at))


def print_job_becomes(store, state):
    store.write(lambda session: session.execute(update(PrintJob).values(state=state)) and None)


def test_an_unpaired_kiosk_says_how_to_pair_and_issues_nothing(client, store):
    page = client.get("/kiosko")
    assert page.status_code == 200 and "device pair --kind kiosko" in page.text
    assert touch(client).status_code == 401
    assert tickets(store) == 0


def test_a_screens_cookie_is_not_a_kiosks(client, pair, store):
    pair(client, "pantalla")
    assert "no está emparejado" in client.get("/kiosko").text
    assert touch(client).status_code == 401 and tickets(store) == 0


def test_looking_issues_nothing(kiosk, store):
    for address in ("/kiosko", "/kiosko/tickets"):
        kiosk.get(address)
    assert tickets(store) == 0
    assert seen_at(store) is None


def test_an_open_page_keeps_its_kiosk_alive_and_is_noted_only_now_and_then(kiosk, store):
    assert kiosk.post("/kiosko/senales").json["ok"] is True
    first = seen_at(store)
    assert now_utc() - first < SEEN_EVERY
    kiosk.post("/kiosko/senales")
    assert seen_at(store) == first
    store.write(seen, [1], now=first - SEEN_EVERY)
    kiosk.post("/kiosko/senales")
    assert seen_at(store) >= first


def test_only_a_paired_kiosk_gives_signs_of_life(client, pair, store):
    pair(client, "pantalla")
    assert client.post("/kiosko/senales").status_code == 401
    assert seen_at(store) is None


def test_the_first_screen_has_a_tile_for_each_service(kiosk):
    page = kiosk.get("/kiosko").text
    assert re.findall(r'data-service="(\w)"', page) == list("ABCDEF")
    assert "Atención preferente" in page


def test_one_touch_is_one_ticket_with_its_paper_in_the_queue(kiosk, store):
    answer = touch(kiosk).get_json()
    assert answer["code"] == "A-001" and answer["print"] == PRINTING
    assert "Imprimiendo" in answer["html"] and "Recoja su ticket" not in answer["html"]
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(PrintJob)) == 1


def test_the_same_touch_twice_is_one_ticket_and_one_paper(kiosk, store):
    assert touch(kiosk).get_json()["code"] == touch(kiosk).get_json()["code"]
    assert tickets(store) == 1
    assert touch(kiosk, key="2").get_json()["code"] == "A-002"


def test_a_preferente_takes_the_sites_series(kiosk):
    assert touch(kiosk, preferente="1").get_json()["code"] == "P-001"


def test_gold_appears_only_when_the_printer_confirmed(kiosk, store):
    token = re.search(r'data-token="([^"]+)"', touch(kiosk).get_json()["html"])[1]
    print_job_becomes(store, "confirmada")
    screen = kiosk.get(f"/kiosko/tickets/{token}").get_json()
    assert screen["print"] == PRINTED and "Recoja su ticket" in screen["html"]


def test_without_paper_the_number_and_its_code_stay_and_staff_are_said_to_know(kiosk, store):
    token = re.search(r'data-token="([^"]+)"', touch(kiosk).get_json()["html"])[1]
    print_job_becomes(store, "no_enviada")
    screen = kiosk.get(f"/kiosko/tickets/{token}").get_json()
    assert screen["print"] == NO_PAPER
    assert "Su turno vale igual" in screen["html"] and "Ya avisamos al personal" in screen["html"]
    assert f"/kiosko/qr/{token}.svg" in screen["html"] and "Recoja" not in screen["html"]


def test_what_is_not_known_of_a_paper_is_not_said(kiosk, store):
    token = re.search(r'data-token="([^"]+)"', touch(kiosk).get_json()["html"])[1]
    print_job_becomes(store, "desconocida")
    html = kiosk.get(f"/kiosko/tickets/{token}").get_json()["html"]
    assert "Mire si salió su ticket" in html and "No hay papel" not in html


def test_with_a_printer_known_to_be_dead_nobody_is_told_to_wait_for_paper(kiosk, store):
    store.write(lambda session: session.execute(update(Printer).values(problem="Sin papel.")) and None)
    html = touch(kiosk).get_json()["html"]
    assert "No hay papel" in html and "Ya avisamos al personal" in html and "Imprimiendo" not in html


@pytest.mark.parametrize(
    ("job", "age_s", "shown"),
    [
        (None, 0, NO_PAPER),
        ("en_cola", 1, PRINTING),
        ("en_cola", 30, NO_PAPER),
        ("enviando", 30, PRINTING),
        ("confirmada", 1, PRINTED),
        ("no_enviada", 1, NO_PAPER),
        ("desconocida", 1, UNCERTAIN),
        ("retenida", 1, NO_PAPER),
        ("vencida", 1, NO_PAPER),
    ],
)
def test_every_state_of_the_paper_has_its_screen(job, age_s, shown):
    now = now_utc()
    assert paper_state(job, issued_at=now - timedelta(seconds=age_s), now=now) == shown


@pytest.mark.parametrize(("language", "says"), [("en", "Your ticket is"), ("qu", "Turnoykim"), ("xx", "Su turno es")])
def test_the_ticket_speaks_the_chosen_language(kiosk, language, says):
    answer = touch(kiosk, idioma=language).get_json()
    assert says in answer["html"]


def test_the_options_and_the_turn_can_be_heard(kiosk):
    assert kiosk.get("/kiosko/voz/opciones.wav").data[:4] == b"RIFF"
    token = re.search(r'data-token="([^"]+)"', touch(kiosk).get_json()["html"])[1]
    assert kiosk.get(f"/kiosko/voz/turno/{token}.wav").data[:4] == b"RIFF"


def close(store):
    shut = {"week": [[]] * 7}
    store.write(lambda session: session.execute(update(Sala).values(timetable=shut)) and None)


def test_a_closed_sala_says_so_and_refuses_in_words(kiosk, store):
    close(store)
    page = kiosk.get("/kiosko").text
    assert "Ahora no se entregan turnos. Pregunte en informes." in page and "Toque lo que necesita" not in page
    answer = kiosk.post("/kiosko/tickets", data={"service": "A", "_key": "9"}, headers={"Accept": "application/json"})
    assert answer.status_code == 409 and "A esta hora no se entregan tickets" in answer.get_json()["detail"]
    assert tickets(store) == 0


def test_an_idle_kiosk_is_told_that_its_first_screen_changed(kiosk, store):
    mark = re.search(r'data-mark="(\w+)"', kiosk.get("/kiosko").text)[1]
    assert kiosk.post("/kiosko/senales").json["page"] == mark
    close(store)
    assert kiosk.post("/kiosko/senales").json["page"] != mark


def test_the_options_are_said_with_the_key_of_their_place():
    services = [{"name": "Partidas", "open": True}, {"name": "Negocio", "open": False}, {"name": "Casa", "open": True}]
    said = spoken_options(services, translator("es"))
    assert "Para Partidas, tecla 1." in said and "Para Casa, tecla 3." in said and "Negocio" not in said
    assert "Atención preferente, tecla 9." in said and "Para repetir, tecla 0." in said


@pytest.mark.parametrize("one", ["A", "preferente", "elegido", "Z"])
@pytest.mark.parametrize("language", ["es", "en", "qu"])
def test_each_option_can_be_heard_alone(kiosk, one, language):
    assert kiosk.get(f"/kiosko/voz/opciones.wav?una={one}&idioma={language}").data[:4] == b"RIFF"


def test_a_quechua_kiosk_says_that_what_is_heard_is_castellano(kiosk):
    assert "Castellanopi uyariy" in kiosk.get("/kiosko?idioma=qu").text
    assert "Castellanopi uyariy" in touch(kiosk, idioma="qu").get_json()["html"]
    assert "Escuchar" in kiosk.get("/kiosko").text and "Escuchar en castellano" not in kiosk.get("/kiosko").text


def test_the_ticket_comes_with_its_words_for_a_screen_reader(kiosk):
    assert touch(kiosk).get_json()["said"] == "Su turno es A 1. Nadie está antes que usted."
    assert touch(kiosk, key="2", idioma="en").get_json()["said"].startswith("Your ticket is A 2.")


def test_no_name_nor_document_can_reach_the_kiosk(kiosk):
    html = touch(kiosk).get_json()["html"]
    assert not re.search(r"\bDNI\b|documento de identidad", html, re.IGNORECASE)


@pytest.mark.parametrize(("told", "ahead_s"), [(0, 0), (600, 600), (-90, -90)])
def test_a_kiosk_tells_the_hour_of_its_clock(kiosk, store, told, ahead_s):
    hour = (machine_utc() + timedelta(seconds=told)).timestamp() * 1000
    kiosk.post("/kiosko/senales", data={"hora": f"{hour:.0f}"})
    assert abs(clock_offset_s(store) - ahead_s) <= 5


def test_a_clock_that_changed_is_noted_at_once_and_nonsense_is_not(kiosk, store):
    right = machine_utc().timestamp() * 1000
    for hour in (f"{right:.0f}", "mediodía", f"{right + 3_600_000:.0f}"):
        assert kiosk.post("/kiosko/senales", data={"hora": hour}).json["ok"]
    assert abs(clock_offset_s(store) - 3_600) <= 5


def clock_offset_s(store):
    with store.read() as session:
        return session.scalar(select(Device.clock_offset_s))


def set_sala(store, **values):
    store.write(lambda session: session.execute(update(Sala).values(**values)).close())


def test_the_administrators_welcome_greets_in_spanish_and_only_offered_languages_are_shown(kiosk, store):
    before = kiosk.post("/kiosko/senales").json["page"]
    set_sala(store, kiosk_welcome="Bienvenida, bienvenido", kiosk_languages=["es", "en"])
    spanish, english = (kiosk.get(f"/kiosko?idioma={code}").get_data(as_text=True) for code in ("es", "en"))
    assert "Bienvenida, bienvenido" in spanish and "Bienvenida" not in english
    assert "idioma=en" in spanish and "idioma=qu" not in spanish
    assert kiosk.post("/kiosko/senales").json["page"] != before, "an open kiosk opens it anew"


def test_a_closed_kiosk_says_so_in_the_administrators_words_and_when_it_opens(kiosk, store):
    now = now_utc().astimezone(LIMA)
    tomorrow = (now + timedelta(days=1)).date()
    hours = {now.date().isoformat(): [], tomorrow.isoformat(): [["07:30", "15:30"]]}
    set_sala(store, closed_message="Hoy no atendemos.", timetable={"week": None, "dates": hours})
    page = kiosk.get("/kiosko").get_data(as_text=True)
    assert "Hoy no atendemos." in page and "Abrimos:" in page and f"{tomorrow.day}, 7:30" in page
    assert "We open:" in kiosk.get("/kiosko?idioma=en").get_data(as_text=True)
