"""An operator's day at the till, with no link and no mouse, in Chromium."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.serving import make_server

from cabinas.app import create_app
from cabinas.paper.worker import Spooler
from tests.axe import violations
from tests.cabinas.conftest import Cabin
from tests.cabinas.stand_in import StandIn
from tests.conftest import CHROMIUM
from web.settings import Settings

pytestmark = pytest.mark.browser


@pytest.fixture
def till(cabin: Cabin, centre: StandIn, tmp_path: Path) -> Iterator[str]:
    """The till's address; the centre is off and a printer is at hand."""
    cabin.talk()
    centre.stop()
    cabin.sync._failed("no hay conexión")
    spooler = Spooler(cabin.store, cabin.device, url=f"folder://{tmp_path / 'papel'}")
    spooler.start()
    cabin.till.spooler = spooler
    server = make_server("127.0.0.1", 0, create_app(cabin.till, Settings(data_dir=cabin.folder)), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    spooler.stop()


@pytest.fixture(scope="module")
def seeing_browser(browser: Browser) -> Iterator[Browser]:
    """A browser with a camera that Chromium makes up, and leave to use it."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    made_up = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    seeing = browser.browser_type.launch(executable_path=program, args=[*CHROMIUM, *made_up])
    yield seeing
    seeing.close()


@pytest.fixture
def page(browser: Browser, till: str) -> Iterator[Page]:
    """Signed in, on the till's home; what the browser complains of fails the test."""
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    complaints: list[str] = []
    page = signed_in(context, till)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert not complaints


def signed_in(context: BrowserContext, till: str) -> Page:
    page = context.new_page()
    page.goto(till)
    page.fill("#usuario", "cabina1")
    page.fill("#pin", "demo-cabina")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Dinero municipal en mi caja")).to_be_visible()
    page.wait_for_load_state("load")  # the keys listen from here on
    return page


def charge(page: Page) -> str:
    """A birth certificate from F2 to F9 by keyboard; its number."""
    page.wait_for_load_state("load")
    with page.expect_navigation():  # its field works from here on
        page.keyboard.press("F2")
    page.locator("#que").press_sequentially("nacim")
    page.get_by_role("link", name="RC-01").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.locator("#document_number").fill("10117410")
    page.locator("#document_number").press("Tab")
    page.locator("#name").fill("Nélida Chuquimango Soto")
    page.keyboard.press("F4")
    page.keyboard.press("F9")
    page.wait_for_url("**/registrado/**")
    page.wait_for_load_state("load")
    return page.url.rsplit("/", 1)[1]


def test_a_day_with_no_link_and_no_mouse(page: Page, cabin: Cabin):
    expect(page.get_by_text("Sin internet desde las")).to_be_visible()
    number = charge(page)
    expect(page.get_by_role("heading", name=number)).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("cell", name=number)).to_be_visible()
    expect(page.get_by_text("Por enviar", exact=True)).to_be_visible()
    page.get_by_role("link", name="Cierre del día").click()
    page.wait_for_load_state("load")
    page.locator("#hay_1000").fill("1")
    expect(page.locator('[data-part="total"]')).to_have_text("S/ 10.00")
    page.keyboard.press("F9")
    page.wait_for_url("**/cierres/1")
    expect(page.get_by_text("Falta dinero")).to_be_visible()
    assert cabin.get("/caja").json["pending_sync"] == 2


def test_a_reload_loses_nothing_of_what_was_typed_and_it_is_charged_once(page: Page, cabin: Cabin):
    page.goto(page.url + "nuevo?tramite=RC-01")
    page.locator("#document_number").press_sequentially("10117410")
    page.locator("#name").press_sequentially("Nélida Chuquimango Soto")
    page.locator('[name="requisito"]').first.check()
    page.locator("#subject").press_sequentially("Su partida de 1987")
    with page.expect_response(lambda answer: b"1987" in (answer.request.post_data_buffer or b"")):
        page.locator("#phone").press_sequentially("9")
    expect(page.locator("#guardado")).to_contain_text("Guardado a las")
    page.reload()
    expect(page.get_by_text("Quedó una ficha sin terminar")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("link", name="Continuar").click()
    expect(page.locator("#document_number")).to_have_value("10117410")
    expect(page.locator("#name")).to_have_value("Nélida Chuquimango Soto")
    expect(page.locator("#subject")).to_have_value("Su partida de 1987")
    expect(page.locator('[name="requisito"]').first).to_be_checked()
    page.locator(".cobrar").click()
    page.wait_for_url("**/registrado/**")
    assert cabin.held == 1_100
    page.goto(page.url.partition("/registrado/")[0] + "/nuevo")
    expect(page.locator("#que")).to_be_visible()
    expect(page.get_by_text("Quedó una ficha sin terminar")).to_have_count(0)


def test_pressing_twice_charges_once(page: Page, cabin: Cabin):
    page.goto(page.url + "nuevo?tramite=RC-01")
    page.locator("#document_number").fill("10117410")
    page.locator("#name").fill("Nélida Chuquimango Soto")
    page.evaluate("for (const _ of [1, 2, 3]) document.querySelector('.cobrar').click()")
    page.wait_for_url("**/registrado/**")
    assert cabin.held == 1_100


def test_the_change_is_told_and_the_charge_follows_the_way_of_paying(page: Page):
    page.goto(page.url + "nuevo?tramite=RC-01")
    page.get_by_role("button", name="20", exact=True).click()
    expect(page.locator('[data-part="change"]')).to_have_text("S/ 5.00")
    page.locator("#quantity").fill("3")
    page.locator("#quantity").press("Tab")
    expect(page.locator(".cuenta dd.total")).to_have_text("S/ 37.00")
    page.select_option("#method", "banco")
    expect(page.get_by_text("no cuenta para la garantía")).to_be_visible()


def test_a_requisite_not_ticked_says_it_is_received_with_observation(page: Page):
    page.goto(page.url + "nuevo?tramite=RC-01")
    expect(page.get_by_role("button", name=re.compile("Cobrar con observación"))).to_be_visible()
    expect(page.get_by_text("2 días hábiles")).to_be_visible()
    page.keyboard.press("F4")
    expect(page.get_by_role("button", name=re.compile("Cobrar e imprimir"))).to_be_visible()
    page.locator('[name="requisito"]').first.uncheck()
    expect(page.get_by_role("button", name=re.compile("Cobrar con observación"))).to_be_visible()


def test_a_charge_beyond_the_guarantee_cannot_be_pressed_until_it_is_paid_elsewhere(page: Page):
    page.goto(page.url + "nuevo?tramite=LF-02")
    expect(page.locator(".cobrar")).to_be_disabled()
    expect(page.locator("#cobro-no")).to_contain_text("garantía")
    page.select_option("#method", "banco")
    expect(page.locator(".cobrar")).to_be_enabled()


def test_who_came_before_is_filled_in_while_typing(page: Page, cabin: Cabin):
    cabin.file()
    page.goto(page.url + "nuevo?tramite=RC-02")
    page.locator("#document_number").fill("10117410")
    page.locator("#document_number").press("Tab")
    expect(page.locator("#name")).to_have_value("Nélida Chuquimango Soto")


@pytest.mark.parametrize(
    "path",
    [
        "",
        "nuevo",
        "nuevo?tramite=LF-02",
        "caja",
        "cierre",
        "expedientes",
        "valija",
        "verificar",
        "operadores",
        "mi-pin",
        "seguimiento",
    ],
)
def test_no_page_of_the_till_has_an_accessibility_fault(page: Page, cabin: Cabin, path: str):
    cabin.file()
    page.goto(page.url + path)
    assert violations(page) == []


def test_a_photo_from_the_camera_is_an_attachment_by_the_keyboard_alone(
    seeing_browser: Browser, till: str, cabin: Cabin
):
    number = cabin.file().json["number"]
    page = signed_in(seeing_browser.new_context(viewport={"width": 1366, "height": 768}), till)
    page.goto(f"{till}/registrado/{number}")
    page.get_by_role("button", name="Tomar una foto con la cámara").press("Enter")
    take = page.get_by_role("button", name="Tomar la foto")
    expect(take).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name=re.compile("Foto"))).to_have_count(1)
    page.keyboard.press("Enter")  # the next page of the paper
    expect(page.get_by_role("link", name=re.compile("Foto"))).to_have_count(2)
    assert violations(page) == []
    page.get_by_role("button", name="Cerrar la cámara").press("Enter")
    expect(page.get_by_role("button", name="Tomar una foto con la cámara")).to_be_focused()
    kept = [path for path in cabin.till.files_dir.rglob("*") if path.is_file()]
    assert len(kept) == 2 and min(Image.open(path).width for path in kept) >= 640
    page.context.close()


def test_without_a_camera_it_says_so_and_a_file_may_be_chosen(page: Page, cabin: Cabin):
    number = cabin.file().json["number"]
    page.goto(f"{page.url}registrado/{number}")
    page.get_by_role("button", name="Tomar una foto con la cámara").press("Enter")
    expect(page.locator(".camara [data-part=told]")).to_have_text(re.compile("cámara"))
    expect(page.locator("#files")).to_be_visible()


def test_the_home_fits_its_screen_without_scrolling(page: Page, cabin: Cabin):
    for _ in range(7):
        cabin.file()
    page.reload()
    assert page.evaluate("document.documentElement.scrollHeight") <= 768
