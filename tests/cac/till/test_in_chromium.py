"""The cashier's page in a real browser: nothing hangs over the edge, axe finds nothing, the count adds up and is told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from apiflask import APIFlask
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from cac.access.actions import add_staff
from core.clock import now_utc
from storage import Store
from tests.axe import violations
from tests.cac.till.town import file, lapsed

SCREEN = {"width": 1366, "height": 768}

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


@pytest.fixture
def page(app: APIFlask, store: Store, browser: Browser) -> Iterator[Page]:
    """Signed in as treasury, which both counts and sees every till."""
    given = {"username": "caja", "name": "Jorge Tello", "role": "tesoreria", "password": "una clave larga"}
    store.write(add_staff, now=now_utc(), **given)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    context = browser.new_context(viewport=SCREEN, base_url=f"http://127.0.0.1:{server.port}")
    page = context.new_page()
    page.goto("/entrar")
    page.fill("[name=username]", "caja")
    page.fill("[name=password]", "una clave larga")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tesoreria")
    yield page
    context.close()
    server.shutdown()


def sound(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth") and not violations(page)


def test_a_refund_is_paid_and_the_till_counted(page: Page, cashier: Any, store: Store, at: Any):
    lapsed(cashier, store, at)
    file(cashier, "tarjeta")
    page.goto("/caja")
    assert sound(page)
    page.get_by_role("link", name="Ver recibos").click()
    expect(page.get_by_role("heading", name="Cobrado por")).to_be_visible()
    assert sound(page)
    page.goto("/caja")
    page.get_by_role("button", name="Pagar").click()
    expect(page.get_by_text("Devolución de S/ 48.40 registrada")).to_be_visible()
    page.get_by_label("S/ 20.00").fill("2")
    expect(page.locator("[data-part=total]")).to_have_text("S/ 40.00")
    page.get_by_label("S/ 20.00").fill("0")
    page.get_by_label("S/ 0.10").fill("x")
    page.get_by_role("button", name="Cerrar mi caja").click()
    expect(page.get_by_label("S/ 0.10")).to_be_focused()
    assert sound(page)
    page.get_by_label("S/ 0.10").fill("")
    page.get_by_role("button", name="Cerrar mi caja").click()
    expect(page.get_by_text("cuadra.")).to_be_visible()
    assert sound(page)
