"""The three ways to tell how it was, by touch, by keyboard and by a screen reader's names."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from cac.access.actions import create_device
from core.clock import now_utc
from tests.browser.conftest import KIOSK, KIOSK_WIDE, PHONE, SMALL_PHONE, until

pytestmark = pytest.mark.browser

TABLET, TABLET_TALL = (1280, 800), (800, 1280)

NO_SOUND = "HTMLMediaElement.prototype.play = () => Promise.reject(new DOMException('no', 'NotAllowedError'));"
CAN_VIBRATE = "navigator.vibrate = (pattern) => { (window.buzzed = window.buzzed || []).push(pattern); return true; };"


@pytest.fixture
def attend(hall):
    """`attend(ventanilla=1)` is a ticket issued, called, attended and finished there."""

    def visit(ventanilla=1):
        ticket = hall.issue()
        hall.post(f"/ventanillas/{ventanilla}/llamados", {"ticket": ticket["id"]})
        for step in ("atenciones", "cierres"):
            hall.post(f"/tickets/{ticket['id']}/{step}", {"ventanilla": ventanilla})
        return ticket

    return visit


def tablet_of(hall, size=TABLET, ventanilla=1):
    device = {"kind": "tableta", "name": f"Tableta {ventanilla}", "sala": "principal", "ventanilla": ventanilla}
    secret = hall._store.write(create_device, **device, now=now_utc())
    page = hall.page(size)
    page.goto(f"{hall.url}/emparejar/{secret}")
    page.get_by_role("button", name="Emparejar este equipo").click()
    page.locator("#tableta.reposo").wait_for()
    return page


def token_of(ticket):
    return ticket["follow_url"].rsplit("/", 1)[1]


def fits(page):
    return not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_the_tablet_asks_takes_the_answer_and_goes_back_by_itself(hall, attend, axe):
    tablet = tablet_of(hall)
    assert axe(tablet) == []
    attend()
    tablet.get_by_text("¿Cómo le atendimos?").wait_for()
    assert axe(tablet) == [] and fits(tablet)
    tablet.get_by_role("radio", name="Muy bien").check()
    tablet.get_by_text("Agregar un comentario").click()
    tablet.get_by_label("¿Qué podemos mejorar?").fill("Todo bien")
    assert axe(tablet) == []
    tablet.get_by_role("button", name="Enviar mi opinión").click()
    tablet.get_by_text("Gracias por su opinión").wait_for()
    assert axe(tablet) == []
    tablet.locator("#tableta.reposo").wait_for()
    assert tablet.faults == []


def test_the_tablet_works_by_keyboard_alone(hall, attend):
    tablet = tablet_of(hall, TABLET_TALL)
    attend()
    tablet.get_by_text("¿Cómo le atendimos?").wait_for()
    assert fits(tablet)
    tablet.get_by_role("radio", name="Muy mal").focus()
    tablet.keyboard.press("Space")
    for _ in range(3):
        tablet.keyboard.press("ArrowRight")
    expect(tablet.get_by_role("radio", name="Bien", exact=True)).to_be_checked()
    tablet.keyboard.press("Enter")
    tablet.get_by_text("Gracias por su opinión").wait_for()


def test_a_face_touched_and_left_is_sent_by_itself(hall, attend):
    tablet = tablet_of(hall)
    attend()
    tablet.get_by_role("radio", name="Bien", exact=True).check()
    tablet.get_by_text("Se envía sola en").wait_for()
    tablet.get_by_text("Gracias por su opinión").wait_for(timeout=90_000)


def test_a_touched_answer_is_not_swapped_away_and_survives_a_lost_link(hall, attend):
    tablet = tablet_of(hall)
    attend()
    tablet.get_by_role("radio", name="Regular").check()
    tablet.context.set_offline(True)
    tablet.get_by_role("button", name="Enviar mi opinión").click()
    tablet.get_by_text("se enviará en cuanto regrese").wait_for()
    attend()  # somebody else's turn ends meanwhile
    expect(tablet.get_by_role("radio", name="Regular")).to_be_checked()
    tablet.context.set_offline(False)
    tablet.get_by_text("Gracias por su opinión").wait_for()
    tablet.locator("#sin-conexion").wait_for(state="hidden")


def test_the_question_goes_away_when_the_next_person_is_attended(hall, attend):
    tablet = tablet_of(hall)
    attend()
    tablet.get_by_text("¿Cómo le atendimos?").wait_for()
    following = hall.issue()
    hall.post("/ventanillas/1/llamados", {"ticket": following["id"]})
    hall.post(f"/tickets/{following['id']}/atenciones", {"ventanilla": 1})
    tablet.locator("#tableta.reposo").wait_for()


@pytest.mark.parametrize("size", [PHONE, SMALL_PHONE], ids=["phone", "small"])
def test_the_phone_asks_as_soon_as_the_attention_ends(hall, axe, size):
    ticket = hall.issue()
    phone = hall.page(size, path=f"/t/{token_of(ticket)}")
    phone.get_by_text("En vivo").wait_for()
    hall.post("/ventanillas/2/llamados", {"ticket": ticket["id"]})
    for step in ("atenciones", "cierres"):
        hall.post(f"/tickets/{ticket['id']}/{step}", {"ventanilla": 2})
    phone.get_by_text("¿Cómo le atendimos?").wait_for()
    assert axe(phone) == [] and fits(phone)
    phone.get_by_role("radio", name="Muy bien").check()
    phone.get_by_role("button", name="Enviar mi opinión").click()
    phone.get_by_text("Recibimos su opinión").wait_for()
    assert axe(phone) == [] and phone.faults == []


def test_the_phone_rates_without_javascript(hall, attend):
    phone = hall.page(PHONE, path=f"/t/{token_of(attend())}", java_script_enabled=False)
    phone.get_by_role("radio", name="Mal", exact=True).check()
    phone.get_by_role("button", name="Enviar mi opinión").click()
    expect(phone.get_by_text("Recibimos su opinión")).to_be_visible()


@pytest.mark.parametrize("size", [KIOSK, KIOSK_WIDE], ids=["portrait", "landscape"])
def test_the_kiosk_asks_for_the_number_with_its_own_keys(hall, attend, axe, size):
    ticket = attend()
    kiosk = hall.kiosk(size)
    kiosk.get_by_role("link", name="Opinar sobre mi atención").click()
    assert axe(kiosk) == []
    for key in ticket["code"].replace("-", ""):
        kiosk.get_by_role("button", name=key, exact=True).click()
    kiosk.get_by_role("button", name="Seguir").click()
    kiosk.get_by_text("¿Cómo le atendimos?").wait_for()
    assert axe(kiosk) == []
    assert not kiosk.evaluate(
        "[...document.querySelectorAll('main *')].some((one) => one.getBoundingClientRect().bottom > innerHeight + 1)"
    )
    kiosk.get_by_role("radio", name="Regular").check()
    kiosk.get_by_role("button", name="Enviar mi opinión").click()
    kiosk.get_by_text("Gracias por su opinión").wait_for()
    assert axe(kiosk) == []
    kiosk.wait_for_url("**/kiosko")


def test_a_qr_reader_at_the_kiosk_types_the_address_of_the_ticket(hall, attend):
    ticket = attend()
    kiosk = hall.kiosk()
    kiosk.goto(hall.url + "/kiosko/opiniones")
    kiosk.keyboard.type(ticket["follow_url"])
    kiosk.keyboard.press("Enter")
    kiosk.get_by_text("¿Cómo le atendimos?").wait_for()


def test_the_phone_claims_sound_only_after_the_touch_that_made_it_sound(hall, axe):
    ticket = hall.issue()
    phone = hall.page(PHONE, has_touch=True, is_mobile=True)
    phone.add_init_script(CAN_VIBRATE)
    phone.goto(f"{hall.url}/t/{token_of(ticket)}")
    button = phone.get_by_role("button", name="Avisarme con sonido")
    button.wait_for()
    expect(phone.get_by_text("Aviso activado").first).to_be_hidden()
    button.tap()
    phone.get_by_text("Cuando le llamen, sonará y vibrará").wait_for()
    until(phone, "window.heard.length === 1")
    assert axe(phone) == []
    hall.issue()  # the page is brought again: it still knows
    hall.call(1)
    phone.get_by_text("Es su turno").wait_for()
    until(phone, "window.heard.filter((one) => one.src.endsWith('/timbre.wav')).length >= 2")


def test_a_phone_that_refuses_the_sound_says_so(hall):
    ticket = hall.issue()
    phone = hall.page(PHONE, has_touch=True, is_mobile=True)
    phone.add_init_script(NO_SOUND)
    phone.add_init_script("navigator.vibrate = () => false;")
    phone.goto(f"{hall.url}/t/{token_of(ticket)}")
    phone.get_by_role("button", name="Avisarme con sonido").tap()
    phone.get_by_text("no permitió el sonido ni la vibración").wait_for()
    hall.call(1)
    phone.get_by_text("Es su turno").wait_for()
    assert phone.faults == []
