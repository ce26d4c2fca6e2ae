"""What an administrator changes appears at once where people look; every page of it works by keyboard and without violations."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.axe import violations
from tests.browser.conftest import DESK, until

pytestmark = pytest.mark.browser

SALA = "/admin/salas/principal"
TABS = (
    "",
    "/horario",
    "/servicios",
    "/servicios/A",
    "/servicios/nuevo",
    "/ventanillas",
    "/ventanillas/1",
    "/limites",
    "/textos",
)


@pytest.fixture
def admin(hall):
    page = hall.page(DESK, path="/entrar")
    page.fill("#username", "admin1")
    page.fill("#password", "demo-admin")
    page.press("#password", "Enter")
    page.wait_for_url("**/admin/**")
    return page


def check(page) -> None:
    assert violations(page) == []
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), "no page slides sideways at 1366"
    assert page.faults == []


def test_a_service_renamed_in_the_administration_appears_at_an_open_kiosk_and_at_the_ventanilla(hall, admin):
    kiosk = hall.kiosk()
    hall.issue("D")
    clerk = hall.page(DESK, path="/entrar")
    clerk.fill("#username", "ventanilla1")
    clerk.fill("#password", "demo-ventanilla")
    clerk.press("#password", "Enter")
    clerk.get_by_role("button", name="Ventanilla 1").click()
    clerk.get_by_text("Moto y mototaxi").first.wait_for()
    admin.goto(f"{hall.url}{SALA}/servicios/D")
    admin.fill("#name", "Mototaxis")
    admin.press("#name", "Enter")
    admin.get_by_text("Mototaxis guardado").wait_for()
    clerk.get_by_text("Mototaxis").first.wait_for(timeout=60_000)
    kiosk.locator("[data-service=D]").filter(has_text="Mototaxis").wait_for(timeout=60_000)
    assert kiosk.faults == []


def test_the_line_at_the_foot_of_an_open_screen_changes(hall, admin):
    screen = hall.screen()
    admin.goto(f"{hall.url}{SALA}/pantallas")
    admin.fill("[name=notice]", "Hoy atendemos hasta las 12:00.")
    admin.press("[name=notice]", "Enter")
    until(screen, "document.querySelector('#normal .texto').innerText.includes('hasta las 12:00')")


def test_a_sala_shut_in_the_administration_stops_an_open_kiosk_and_says_when_it_opens(hall, admin):
    kiosk = hall.kiosk()
    admin.goto(f"{hall.url}{SALA}/horario")
    admin.uncheck("#always")
    tomorrow = (admin.evaluate("(new Date(document.body.dataset.now).getUTCDay() + 6) % 7") + 2) % 7
    admin.fill(f"[name='{tomorrow}-0-from']", "07:30")
    admin.fill(f"[name='{tomorrow}-0-until']", "13:00")
    admin.get_by_role("button", name="Guardar horario").click()
    admin.get_by_text("Horario guardado").wait_for()
    kiosk.locator("#saludo").filter(has_text="Abrimos").wait_for()
    expect(kiosk.locator("[data-service=A]")).to_be_disabled()


def test_every_page_of_a_sala_has_no_violation_full_empty_and_refused(hall, admin):
    for tab in TABS:
        admin.goto(f"{hall.url}{SALA}{tab}")
        check(admin)
    admin.goto(f"{hall.url}/admin/salas")
    admin.fill("#sala-new-name", "Sala vacía")
    admin.fill("#sala-new-code", "Sala Vacía")
    admin.press("#sala-new-code", "Enter")
    admin.locator("#sala-new-code-error").wait_for()
    check(admin)
    admin.fill("#sala-new-code", "vacia")
    admin.press("#sala-new-code", "Enter")
    admin.get_by_text("todavía no tiene servicios").wait_for()
    for tab in ("", "/horario", "/servicios", "/ventanillas"):
        admin.goto(f"{hall.url}/admin/salas/vacia{tab}")
        check(admin)
    for tab, field, wrong in (("/limites", "#recalls", "cien"), ("/ventanillas/1", "#number", "0")):
        admin.goto(f"{hall.url}{SALA}{tab}")
        admin.fill(field, wrong)
        admin.press(field, "Enter")
        admin.locator(f"{field}-error").wait_for()
        assert admin.input_value(field) == wrong
        check(admin)


def test_a_day_of_mornings_and_afternoons_is_set_with_the_keyboard_alone(hall, admin):
    admin.goto(f"{hall.url}{SALA}/horario")
    admin.locator("#always").focus()
    admin.keyboard.press("Space")
    for field, typed in (("0-0-from", "0730a"), ("0-0-until", "0100p"), ("0-1-from", "0200p"), ("0-1-until", "0430p")):
        while not admin.evaluate("name => document.activeElement.name === name", field):
            admin.keyboard.press("Tab")
        admin.keyboard.type(typed)
        assert admin.input_value(f"[name='{field}']")
    copy = admin.get_by_role("button", name="Repetir de martes a viernes")
    copy.focus()
    admin.keyboard.press("Enter")
    assert admin.input_value("[name='4-1-until']") == "16:30"
    admin.locator("[name='0-0-from']").focus()
    admin.keyboard.press("Enter")
    admin.get_by_text("Horario guardado").wait_for()
    assert admin.input_value("[name='2-0-from']") == "07:30"


def test_a_pictogram_is_chosen_with_the_arrows(hall, admin):
    admin.goto(f"{hall.url}{SALA}/servicios/A")
    admin.locator("[name=icon]:checked").focus()
    admin.keyboard.press("ArrowRight")
    expect(admin.locator("[name=icon]:checked")).to_have_value("heart")


def test_the_preview_shows_what_is_being_typed(hall, admin):
    admin.goto(f"{hall.url}{SALA}/textos")
    admin.locator("#kiosk_welcome").press_sequentially("Bienvenida")
    expect(admin.locator("[data-shows=kiosk_welcome]")).to_have_text("Bienvenida")
    admin.locator("#ticket_foot").press_sequentially("Informes")
    until(admin, "document.querySelector('.papel img').src.endsWith('Informes')")
