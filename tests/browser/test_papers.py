"""Printers, their calibration and the words of each paper, set up from the keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from printing.profile import Profile
from tests.axe import violations
from tests.browser.conftest import DESK, until

pytestmark = pytest.mark.browser

TABS_MAX = 80


@pytest.fixture
def admin(hall):
    page = hall.page(DESK, path="/entrar")
    page.fill("#username", "admin1")
    page.fill("#password", "demo-admin")
    page.press("#password", "Enter")
    page.wait_for_url("**/admin/**")
    return page


def tab_to(page: Page, selector: str) -> None:
    """Walk there as who has no mouse: the place must be reached by Tab, from the top of the page."""
    for _ in range(TABS_MAX):
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {selector}")


def check(page: Page) -> None:
    assert violations(page) == []
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), "no page slides sideways at 1366"
    assert page.faults == []


def test_a_printer_is_added_tried_and_calibrated_from_the_keyboard_alone(hall, admin, tmp_path):
    admin.goto(f"{hall.url}/admin/impresoras")
    tab_to(admin, "#name")
    admin.keyboard.type("Caja 9")
    tab_to(admin, "#url")
    admin.keyboard.type(f"folder://{tmp_path / 'caja'}")
    admin.keyboard.press("Enter")
    row = admin.locator("tr").filter(has_text="Caja 9")
    expect(row).to_be_visible()
    check(admin)
    row.locator("button").first.evaluate("(one) => { one.dataset.wanted = ''; }")
    tab_to(admin, "[data-wanted]")
    admin.keyboard.press("Enter")
    expect(admin.get_by_role("heading", name="Mire la página que salió y responda")).to_be_visible(timeout=60_000)
    check(admin)
    for name, presses in (("columns", ["ArrowRight"] * 2), ("accents", []), ("qr", ["ArrowRight"]), ("cut", [])):
        tab_to(admin, f"[name={name}]")
        admin.keyboard.press("Space")
        for press in presses:
            admin.keyboard.press(press)
    tab_to(admin, ".calibra button")
    admin.keyboard.press("Enter")
    said = "48 columnas, CP850, QR dibujado, corta, confirma"
    expect(admin.get_by_text(f"Quedó guardado: {said}")).to_be_visible()
    check(admin)
    expect(admin.get_by_text("Historia")).to_be_visible()
    url = admin.locator(".datos-papel code").inner_text()
    assert Profile.from_url(url) == Profile(draws_qr=False)


def test_the_words_of_a_ticket_are_seen_on_paper_while_they_are_typed(hall, admin):
    admin.goto(f"{hall.url}/admin/papeles/ticket/en")
    drawn = admin.locator(".ancho-80 img")
    tab_to(admin, "#seat")
    admin.keyboard.press("Control+A")
    admin.keyboard.type("Sit wherever you like.")
    until(admin, "document.querySelector('.ancho-80 img').src.includes('Sit+wherever')")
    until(
        admin,
        "(() => { const i = document.querySelector('.ancho-80 img'); return i.complete && i.naturalWidth > 400; })()",
    )
    seen = drawn.get_attribute("src")
    check(admin)
    admin.keyboard.press("Enter")
    expect(admin.get_by_text("Ticket: textos guardados")).to_be_visible()
    expect(admin.locator("#seat")).to_have_value("Sit wherever you like.")
    sees = admin.request
    assert (
        sees.get(f"{hall.url}{seen}" if seen.startswith("/") else seen).body()
        == sees.get(f"{hall.url}/admin/papeles/ticket/en.png?ancho=80").body()
    )
    tab_to(admin, "[name=restaurar]")
    admin.keyboard.press("Enter")
    expect(admin.locator("#seat")).to_have_value("Please take a seat.")
