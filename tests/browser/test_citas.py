"""A phone books, a kiosk checks in, a clerk calls in the right order; every page of it without an axe violation."""

import re
from datetime import datetime, timedelta

import pytest

from cac.access.actions import create_device
from core.clock import LIMA
from tests.browser.conftest import DESK, KIOSK, KIOSK_WIDE, PHONE, SMALL_PHONE, TV, Hall, until

pytestmark = pytest.mark.browser

MORNING = datetime(
    2026, 11, 20, 10, 2, tzinfo=LIMA
)  # a working day; the demonstration's next slots are 10:30 and 11:00
INTERLEAVED = "Las citas entran a su hora, junto con quienes llegan."


class MorningHall(Hall):
    """The hall on a working morning, whatever day the test runs."""

    def new_device(self, kind: str, sala: str = "principal") -> str:
        made: str = self._store.write(create_device, kind=kind, name=kind, sala=sala, now=MORNING)
        return made


@pytest.fixture
def hall(demo, sounding_browser):
    hall = MorningHall(demo, demo.serve(CAC_CLOCK=MORNING.isoformat()), sounding_browser)
    yield hall
    hall.close()


def book(hall, *, hour="10:30", phone="987654321", axe=None):
    """A phone's page with a cita just booked; `page.code` and `page.url`."""
    page = hall.page(PHONE, path="/")
    seen = [page.url]
    page.get_by_role("link", name="Reservar una cita").click()
    page.wait_for_url("**/cita")
    if axe:
        seen += axe(page)
    page.get_by_role("link", name="Partidas").click()
    page.wait_for_url("**/cita?*")
    if axe:
        assert axe(page) == []
    page.get_by_role("radio", name=f"{hour} a. m.").check()
    page.fill("#celular", phone)
    page.get_by_role("button", name="Reservar").click()
    page.locator(".cita-codigo").wait_for()
    code = page.locator(".cita-codigo").inner_text().replace(" ", "")
    assert re.fullmatch(r"\d{8}", code)
    return page, code


def clerk(hall):
    page = hall.page(DESK, path="/entrar")
    page.fill("#username", "ventanilla1")
    page.fill("#password", "demo-ventanilla")
    page.press("#password", "Enter")
    page.get_by_role("button", name="Salir").wait_for()
    page.goto(hall.url + "/ventanilla/puestos")
    page.get_by_role("button").filter(has_text="1").first.click()
    page.locator("#turno-t").wait_for()
    page.wait_for_load_state()  # from then on its keys do something
    return page


def called_then_absent(page):
    page.keyboard.press("F2")
    page.locator("#turno .codigo").wait_for()
    code = page.locator("#turno .codigo").inner_text()
    marked = page.locator("#turno .con-cita")
    told = marked.inner_text().strip() if marked.count() else ""
    page.keyboard.press("F6")
    page.get_by_text("Nadie en su ventanilla").wait_for()
    return code, told


def type_code(kiosk, code):
    kiosk.locator("[data-press=cita]").click()
    for digit in code:
        kiosk.locator(f"[data-digit='{digit}']").click()
    kiosk.locator("[data-press=arrive]").click()


def test_a_phone_books_a_kiosk_checks_in_and_a_clerk_calls_in_the_right_order(hall, axe):
    phone, code = book(hall, axe=axe)
    assert axe(phone) == [] and phone.get_by_text(INTERLEAVED).is_visible()
    kiosk = hall.kiosk()
    first = hall.issue("A")["code"]
    type_code(kiosk, code)
    kiosk.locator("#turno .codigo").wait_for()
    mine = kiosk.locator("#turno .codigo").inner_text()
    assert (
        kiosk.get_by_text("Cita de las 10:30 a. m.").is_visible() and kiosk.get_by_text(INTERLEAVED).first.is_visible()
    )
    later = hall.issue("A")["code"]
    desk = clerk(hall)
    calls = [called_then_absent(desk) for _ in range(3)]
    assert calls == [(first, ""), (later, ""), (mine, "cita 10:30")]
    phone.reload()
    phone.get_by_text("Llegada registrada").wait_for()
    assert phone.get_by_text(f"Su turno es {mine}").is_visible() and axe(phone) == []
    assert kiosk.faults == phone.faults == desk.faults == []


@pytest.mark.parametrize(
    "address", ["http://cac.example/cita/7KQ4M2XD0011#{}", "httpÑ--cac.example-cita-7KQ4M2XD0011·{}"]
)
def test_a_scanner_checks_in_from_the_first_screen_and_touches_no_tile(hall, address):
    _, code = book(hall)
    kiosk = hall.kiosk()
    for letter in address.format(code):
        kiosk.keyboard.press(letter) if letter.isascii() else kiosk.keyboard.insert_text(letter)
    kiosk.keyboard.press("Enter")
    kiosk.locator("#turno .codigo").wait_for()
    assert kiosk.locator("#turno .codigo").inner_text() == "A-001"
    assert hall.issue("A")["code"] == "A-002", "one ticket: no digit of the address touched a tile"


def test_the_keypad_alone_checks_in(hall):
    _, code = book(hall)
    kiosk = hall.kiosk()
    kiosk.keyboard.press("+")
    for key in ("1", "Backspace", *code):
        kiosk.keyboard.press(key)
    kiosk.keyboard.press("Enter")
    kiosk.locator("#turno .codigo").wait_for()


@pytest.mark.parametrize("size", [KIOSK, KIOSK_WIDE], ids=["portrait", "landscape"])
def test_a_code_that_opens_nothing_says_why_and_the_way_on(hall, axe, size):
    _, code = book(hall, hour="11:30")
    kiosk = hall.kiosk(size)
    assert axe(kiosk) == []
    type_code(kiosk, code)
    kiosk.get_by_text("Su cita es hoy a las 11:30 a. m.").wait_for()
    assert axe(kiosk) == []
    assert not kiosk.evaluate("document.documentElement.scrollHeight > innerHeight")
    assert not kiosk.evaluate(
        "[...document.querySelectorAll('#cita *')].some((one) => one.getBoundingClientRect().bottom > innerHeight + 1)"
    )
    kiosk.get_by_role("button", name="Tomar un turno ahora").click()
    assert kiosk.locator("#inicio").is_visible()


def test_a_turn_from_a_phone_waits_in_the_same_queue_and_rings_there(hall, axe):
    phone = hall.page(PHONE, path="/")
    phone.get_by_role("link", name="Tomar un turno para hoy").click()
    phone.wait_for_url("**/turno")
    assert axe(phone) == [] and phone.get_by_text("queda como").is_visible()
    phone.get_by_text("Partidas").click()
    phone.fill("#celular", "987654321")
    phone.get_by_role("button", name="Tomar mi turno").click()
    phone.locator("#turno .codigo").wait_for()
    assert axe(phone) == []
    call = hall.call(1)
    assert call["ticket"]["code"] == "A-001"
    phone.get_by_text("Es su turno").wait_for()
    assert phone.faults == []


def test_moving_and_cancelling_by_phone(hall, axe):
    phone, _ = book(hall)
    phone.get_by_role("link", name="Cambiar día u hora").click()
    phone.wait_for_url("**/cambiar")
    assert axe(phone) == []
    phone.get_by_role("radio", name="11:00 a. m.").check()
    phone.get_by_role("button", name="Cambiar a esa hora").click()
    phone.locator(".cita-hora").wait_for()
    until(phone, "document.querySelector('.cita-hora').textContent.startsWith('11:00')")
    phone.get_by_role("link", name="Anular la cita").click()
    phone.wait_for_url("**/anular")
    assert axe(phone) == []
    phone.get_by_role("button", name="Sí, anular").click()
    phone.get_by_text("Cita anulada").wait_for()
    assert axe(phone) == []


def test_the_room_reads_why_a_later_ticket_may_go_before(hall):
    screen = hall.page(TV, device="pantalla", path="/pantalla/principal")
    assert screen.get_by_text(INTERLEAVED).is_visible()


@pytest.mark.parametrize("path", ["/turno", "/cita", "/cita?sala=principal&servicio=A"])
def test_the_pages_fit_a_small_phone_and_large_text(hall, axe, path):
    page = hall.page(SMALL_PHONE, path=path)
    assert axe(page) == []
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    page.evaluate("document.documentElement.style.fontSize = '32px'")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_the_staffs_pages_and_the_administrators_tab(hall, axe):
    book(hall)
    desk = clerk(hall)
    for path in ("/citas", "/citas/nueva", "/citas?dia=2026-12-25"):
        desk.goto(hall.url + path)
        assert axe(desk) == [], path
    desk.goto(hall.url + "/citas")
    assert desk.locator("tbody tr").count() == 1
    admin = hall.page(DESK, path="/entrar")
    admin.fill("#username", "admin1")
    admin.fill("#password", "demo-admin")
    admin.press("#password", "Enter")
    admin.get_by_role("button", name="Salir").wait_for()
    admin.goto(hall.url + "/admin/salas/principal/citas")
    assert axe(admin) == []
    day = (MORNING + timedelta(days=3)).date().isoformat()
    admin.fill("#day", day)
    admin.fill("#reason", "Aniversario")
    admin.get_by_role("button", name="Agregar día").click()
    admin.get_by_role("cell", name="Sin citas").wait_for()
    assert axe(admin) == []
