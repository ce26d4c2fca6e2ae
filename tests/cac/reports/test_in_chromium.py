"""The supervisor's pages in Chromium: a bell that stops when somebody has seen the alert, pages that axe finds nothing on."""

from __future__ import annotations

import pytest

from tests.axe import violations
from tests.browser.conftest import DESK, Hall, until
from tests.servers import Demo

pytestmark = pytest.mark.browser


@pytest.fixture
def hall(demo: Demo, sounding_browser):
    hall = Hall(demo, demo.serve(), sounding_browser)
    yield hall
    hall.close()


def sign_in(hall: Hall, role: str, path: str):
    page = hall.page(DESK, path="/entrar")
    page.fill("[name=username]", f"{role}1")
    page.fill("[name=password]", f"demo-{role}")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "/entrar" not in address)
    page.goto(hall.url + path)
    return page


def fits(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_alert_rings_is_in_the_title_and_is_silenced_for_everybody_by_the_keyboard_alone(hall):
    doris, ivan = (sign_in(hall, role, "/supervisor") for role in ("supervisor", "admin"))
    assert violations(doris) == [] and fits(doris)
    hall.issue("A")
    hall.break_printer()
    hall.issue("A")
    for page in (doris, ivan):
        until(page, "document.title.startsWith('(2) ')")
        assert int(page.evaluate("document.querySelector('#contenido').dataset.rang")) >= 1
    doris.get_by_role("button", name="Visto: Nadie atiende").wait_for()
    assert violations(doris) == [] and fits(doris)
    for left in ("(1) ", "Sup"):
        doris.locator(".alertas form button").first.focus()
        with doris.expect_navigation():
            doris.keyboard.press("Enter")
        until(doris, "text => document.title.startsWith(text)", left)
        until(ivan, "text => document.title.startsWith(text)", left)
    doris.get_by_text("lo vio Marta Sánchez Llanos").first.wait_for()
    doris.goto(hall.url + "/supervisor/alertas")
    assert violations(doris) == [] and fits(doris)
    assert doris.faults == []


def test_reports_hold_axe_empty_and_with_figures_and_their_files_come_down(hall):
    page = sign_in(hall, "auditor", "/reportes")
    assert violations(page) == [] and fits(page)
    ticket = hall.issue("A")
    hall.call(1)
    hall.post(f"/tickets/{ticket['id']}/atenciones", {"ventanilla": 1})
    hall.post(f"/tickets/{ticket['id']}/cierres", {"ventanilla": 1})
    for query in ("", "?desde=2026-01-01&hasta=2026-12-31", "?desde=2026-02-01&hasta=2026-01-01"):
        page.goto(f"{hall.url}/reportes{query}")
        assert violations(page) == [] and fits(page)
    for ending in ("csv", "xlsx"):
        with page.expect_download() as coming:
            page.locator(f"a[download][href*='.{ending}']").click()
        assert coming.value.suggested_filename.endswith(ending)
    assert page.faults == []


def test_a_clerk_sees_that_the_rooms_printer_cannot_print(hall):
    page = sign_in(hall, "ventanilla", "/ventanilla")
    page.locator("form[action*=puestos] button").first.click()
    hall.break_printer()
    hall.issue("A")
    page.get_by_text("Impresora kiosko").wait_for()
    assert violations(page) == [] and fits(page)
