"""The turn on a phone, live."""

import pytest
import requests
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, until

pytestmark = pytest.mark.browser

NOTE_VIBRATION = (
    "navigator.vibrate = (pattern) => { (window.buzzed = window.buzzed || []).push(pattern); return true; };"
)


@pytest.fixture
def phone(hall):
    ticket = hall.issue()
    page = hall.page(PHONE, has_touch=True, is_mobile=True)
    page.add_init_script(NOTE_VIBRATION)
    page.goto(hall.url + "/t/" + ticket["follow_url"].rsplit("/", 1)[1])
    page.get_by_text("En vivo").wait_for()
    return page


def test_the_call_changes_the_phone_and_makes_it_vibrate_once_for_each_call(hall, phone):
    ticket = hall.call(3)["ticket"]
    phone.get_by_text("Es su turno").wait_for()
    expect(phone.locator(".ventanilla b")).to_have_text("3")
    assert phone.evaluate("window.buzzed.length") == 1
    hall.post(f"/tickets/{ticket['id']}/rellamados", {"ventanilla": 3})
    until(phone, "window.buzzed.length === 2")
    assert phone.faults == []


def test_a_call_that_arrives_while_the_phone_is_asking_is_not_lost(hall):
    address = hall.url + "/t/" + hall.issue()["follow_url"].rsplit("/", 1)[1]
    before = requests.get(address + "/estado", timeout=30).text
    page, asked, told = hall.page(PHONE), [], []

    def hold_the_first(route):
        asked.append(route)
        if len(asked) > 1:
            route.continue_()

    page.route("**/estado", hold_the_first)
    page.on("websocket", lambda socket: socket.on("framereceived", lambda text: told.append(str(text))))
    page.goto(address)
    until(page, lambda: asked)
    hall.call(3)
    until(page, lambda: any("llamado" in text for text in told))
    asked[0].fulfill(body=before, content_type="text/html")
    page.get_by_text("Es su turno").wait_for()


def test_the_place_in_the_line_moves_by_itself(hall):
    hall.issue()
    mine = hall.issue()
    page = hall.page(PHONE, path="/t/" + mine["follow_url"].rsplit("/", 1)[1])
    page.get_by_text("persona antes que usted").wait_for()
    hall.call(1)
    page.get_by_text("Usted sigue.").wait_for()


def test_offline_it_says_since_when_it_knows_and_comes_back(phone):
    phone.context.set_offline(True)
    phone.get_by_text("Su celular está sin conexión").wait_for()
    phone.get_by_text("Último dato").wait_for()
    phone.get_by_text("En vivo").wait_for(state="hidden")
    phone.context.set_offline(False)
    phone.get_by_text("En vivo").wait_for()
    phone.get_by_text("Su celular está sin conexión").wait_for(state="hidden")


def test_it_works_without_javascript(hall):
    mine = hall.issue()
    page = hall.page(PHONE, path="/t/" + mine["follow_url"].rsplit("/", 1)[1], java_script_enabled=False)
    expect(page.get_by_text("Usted sigue.")).to_be_visible()
    page.get_by_text("Ya no necesito este turno").click()
    page.get_by_role("button", name="Sí, ya no lo necesito").click()
    expect(page.get_by_text("Este turno fue anulado")).to_be_visible()


def test_giving_up_from_the_phone_shows_on_the_screen(hall, phone):
    screen = hall.screen()
    until(screen, "document.querySelector('[data-part=next]').textContent === 'A-001'")
    phone.get_by_text("Ya no necesito este turno").click()
    phone.get_by_role("button", name="Sí, ya no lo necesito").click()
    phone.get_by_text("Este turno fue anulado").wait_for()
    until(screen, "document.querySelector('[data-part=next]').textContent.includes('nadie')")
