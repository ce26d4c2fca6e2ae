"""axe finds nothing on any page, in any state; nothing overflows a small phone nor large text."""

import re

import pytest

from tests.browser.conftest import DESK, KIOSK, KIOSK_WIDE, PHONE, SMALL_PHONE, TV, until

pytestmark = pytest.mark.browser

PUBLIC = [
    "/",
    "/tramites",
    "/tramites?q=licencia",
    "/tramites?q=nada-asi",
    "/tramites/RC-01",
    "/tramites/SG-08",
    "/entrar",
    "/no-existe",
]


@pytest.mark.parametrize("path", PUBLIC)
@pytest.mark.parametrize("size", [PHONE, SMALL_PHONE, DESK], ids=["phone", "small", "desk"])
def test_public_pages(shared_hall, axe, path, size):
    page = shared_hall.page(size, path=path)
    assert axe(page) == []
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


@pytest.mark.parametrize("path", PUBLIC)
def test_public_pages_hold_text_at_twice_its_size(shared_hall, path):
    page = shared_hall.page(PHONE, path=path)
    page.evaluate("document.documentElement.style.fontSize = '32px'")
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{wide} px too wide"


@pytest.mark.parametrize("size", [KIOSK, KIOSK_WIDE], ids=["portrait", "landscape"])
@pytest.mark.parametrize("language", ["es", "qu", "en"])
def test_the_kiosk_in_each_state(shared_hall, axe, size, language):
    kiosk = shared_hall.page(size, device="kiosko", path=f"/kiosko?idioma={language}")
    assert axe(kiosk) == []
    kiosk.locator(".preferente").click()
    assert axe(kiosk) == []
    kiosk.locator("[data-service=A]").click()
    kiosk.locator("#turno main").wait_for()
    assert axe(kiosk) == []
    assert not kiosk.evaluate(
        "[...document.querySelectorAll('#turno main *')].some((one) => one.getBoundingClientRect().bottom > innerHeight + 1)"
    )


@pytest.mark.parametrize("size", [KIOSK, KIOSK_WIDE], ids=["portrait", "landscape"])
def test_the_kiosk_without_link(shared_hall, axe, size):
    kiosk = shared_hall.kiosk(size)
    kiosk.context.set_offline(True)
    kiosk.locator("#sin-enlace").wait_for()
    assert axe(kiosk) == []


@pytest.mark.parametrize("size", [KIOSK, KIOSK_WIDE], ids=["portrait", "landscape"])
def test_the_kiosk_without_paper(hall, axe, size):
    hall.break_printer()
    kiosk = hall.kiosk(size)
    kiosk.locator("[data-service=A]").click()
    kiosk.locator("#turno .sin-papel").wait_for()
    assert axe(kiosk) == []
    assert not kiosk.evaluate(
        "[...document.querySelectorAll('#turno main *')].some((one) => one.getBoundingClientRect().bottom > innerHeight + 1)"
    )


def test_the_screen_idle_calling_and_cut(hall, axe):
    screen = hall.screen()
    assert axe(screen) == []
    hall.issue()
    hall.issue()
    hall.call(3)
    until(screen, "document.querySelector('[data-part=code]').textContent === 'A-001'")
    assert axe(screen) == []
    screen.context.set_offline(True)
    screen.locator("#sin-conexion").wait_for()
    assert axe(screen) == []


def test_unpaired_devices_and_the_pairing_page(hall, axe):
    for path in ("/kiosko", "/pantalla/principal"):
        page = hall.page(TV, path=path)
        assert axe(page) == []
    page.goto(f"{hall.url}/emparejar/{hall.new_device('kiosko')}")
    assert axe(page) == []


@pytest.mark.parametrize("size", [PHONE, SMALL_PHONE], ids=["phone", "small"])
def test_the_turn_in_each_state(hall, axe, size):
    first, second = hall.issue(), hall.issue()
    pages = [hall.page(size, path="/t/" + ticket["follow_url"].rsplit("/", 1)[1]) for ticket in (first, second)]
    for page in pages:
        page.get_by_text("En vivo").wait_for()
        assert axe(page) == []
    hall.call(3)
    pages[0].get_by_text("Es su turno").wait_for()
    assert axe(pages[0]) == []
    pages[1].goto(re.sub(r"$", "/anular", pages[1].url))
    assert axe(pages[1]) == []
    hall.post(f"/tickets/{first['id']}/atenciones", {"ventanilla": 3})
    pages[0].get_by_text("Le están atendiendo").wait_for()
    assert axe(pages[0]) == []
    pages[0].context.set_offline(True)
    pages[0].locator("#sin-conexion").wait_for()
    assert axe(pages[0]) == []
    assert not pages[0].evaluate("document.documentElement.scrollWidth > innerWidth")


def test_nothing_moves_for_whoever_asked_for_stillness(hall):
    screen = hall.screen(reduced_motion="reduce")
    hall.issue()
    hall.call(3)
    screen.locator("#normal.llamando").wait_for()
    moving = screen.evaluate("document.getAnimations().filter((one) => one.playState === 'running').length")
    assert moving == 0
