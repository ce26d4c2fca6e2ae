"""A kiosk and a screen after the power went: their browser and the server start again, and nobody touches anything."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, expect

from core.clock import now_utc
from tests.browser.conftest import KIOSK, TV, Hall, until
from tests.conftest import CHROMIUM, SOUND

pytestmark = [pytest.mark.browser, pytest.mark.faults]

AUTO = "--enable-auto-reload"  # docs/hall.md: a page that found no server opens by itself when there is one


@contextmanager
def device(browser: Browser, folder: Path, size: tuple[int, int]):
    """The browser of a device, whose profile stays on its disk."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    viewport = {"width": size[0], "height": size[1]}
    context = browser.browser_type.launch_persistent_context(
        str(folder), executable_path=program, args=[*CHROMIUM, SOUND, AUTO], viewport=viewport
    )
    yield context.pages[0]
    context.close()


def switch_on(page: Page, address: str) -> None:
    """Open the address the device starts with; the server may not be there yet."""
    try:
        page.goto(address)
    except Error as refused:
        assert "ERR_CONNECTION" in str(refused)


def test_q15_off_all_night_with_the_server_it_boots_live_with_no_keyboard_and_no_expired_token(
    hall: Hall, browser: Browser, tmp_path: Path
):
    profiles = {"pantalla": tmp_path / "tv", "kiosko": tmp_path / "kiosk"}
    addresses = {"pantalla": f"{hall.url}/pantalla/principal", "kiosko": f"{hall.url}/kiosko"}
    for kind, size in (("pantalla", TV), ("kiosko", KIOSK)):
        with device(browser, profiles[kind], size) as page:
            hall.pair(page, kind)
            assert page.url == addresses[kind]
    port = hall.server.port
    hall.server.kill()
    tomorrow = (now_utc() + timedelta(hours=14)).isoformat()
    with device(browser, profiles["pantalla"], TV) as screen, device(browser, profiles["kiosko"], KIOSK) as kiosk:
        switch_on(screen, addresses["pantalla"])  # they are awake before the server is
        switch_on(kiosk, addresses["kiosko"])
        hall.server = hall.demo.serve(port=port, CAC_CLOCK=tomorrow)
        screen.locator("#normal [data-part=nobody]").wait_for(timeout=60_000)
        kiosk.locator("[data-service=A]").wait_for(timeout=60_000)
        until(kiosk, "() => Boolean(document.body.started)")
        kiosk.locator("[data-service=A]").click()
        kiosk.locator("#turno .codigo").wait_for()
        expect(kiosk.locator("#turno .codigo")).to_have_text("A-001")
        hall.call(1)
        until(screen, "() => document.querySelector('[data-part=code]').textContent === 'A-001'")
        expect(screen.locator("#normal")).to_be_visible()
        expect(screen.locator("#sin-conexion")).to_be_hidden()
