"""Treasury's pages in a real browser: nothing hangs over the edge, axe finds nothing, a remittance is confirmed."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from apiflask import APIFlask
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from cac.access.actions import add_staff
from core.clock import now_utc
from storage import Store
from tests.axe import violations

SCREEN = {"width": 1366, "height": 768}

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


@pytest.fixture
def page(app: APIFlask, store: Store, browser: Browser) -> Iterator[Page]:
    """Signed in as treasury."""
    given = {"username": "tesoreria", "name": "Carmen Díaz", "role": "tesoreria", "password": "una clave larga"}
    store.write(add_staff, now=now_utc(), **given)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    context = browser.new_context(viewport=SCREEN, base_url=f"http://127.0.0.1:{server.port}")
    page = context.new_page()
    page.goto("/entrar")
    page.fill("[name=username]", "tesoreria")
    page.fill("[name=password]", "una clave larga")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tesoreria")
    yield page
    context.close()
    server.shutdown()


def fits_across(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_a_remittance_is_confirmed_and_every_state_of_the_pages_is_sound(till, page):
    till.file()
    till.file(total_centimos=1)
    till.remit(1_100)
    clone = till.clone()
    till.remit(100)
    clone.remit(200)
    till.sync()
    clone.sync()
    for path in ("/tesoreria", "/tesoreria/cabinas/C01"):
        page.goto(path)
        assert fits_across(page) and not violations(page)
    page.goto("/tesoreria")
    expect(page.get_by_role("heading", name="Remesas por confirmar 2")).to_be_visible()
    page.get_by_role("row", name="S/ 11.00").get_by_text("Rechazar…").click()
    assert fits_across(page) and not violations(page)
    page.get_by_role("row", name="S/ 11.00").get_by_role("button", name="Confirmar").click()
    expect(page.get_by_text("Remesa confirmada")).to_be_visible()
    expect(page.get_by_role("heading", name="Remesas por confirmar 1")).to_be_visible()
    assert not violations(page)
