"""The ventanilla's and the supervisor's pages in a real browser: the keyboard alone, a link that drops, axe in each state."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from cac.access.actions import add_staff
from core.clock import now_utc
from tests.axe import violations
from tests.cac.desk.centre import Centre, started
from tests.databases import Databases

SCREEN = {"width": 1366, "height": 768}

pytestmark = pytest.mark.browser


@pytest.fixture
def centre(databases: Databases, tmp_path: Path) -> Iterator[Centre]:
    with started("sqlite", databases, tmp_path) as centre:
        with centre.store() as store:
            for role, name in (("ventanilla", "Luz T."), ("supervisor", "Doris M.")):
                given = {"username": role, "name": name, "role": role, "password": "una clave larga"}
                store.write(add_staff, sala="principal", now=now_utc(), **given)
        yield centre


def signed_in(browser: Browser, centre: Centre, role: str) -> Page:
    page = browser.new_context(viewport=SCREEN).new_page()
    page.goto(f"{centre.url}/entrar")
    page.fill("[name=username]", role)
    page.fill("[name=password]", "una clave larga")
    page.keyboard.press("Enter")
    page.wait_for_url("**/" + role)
    return page


def seated(browser: Browser, centre: Centre) -> Page:
    page = signed_in(browser, centre, "ventanilla")
    page.get_by_role("button", name="Ventanilla 2").click()
    page.wait_for_selector("main[data-ready]")
    return page


def fits(page: Page) -> bool:
    return bool(
        page.evaluate(
            "document.documentElement.scrollHeight <= innerHeight && document.documentElement.scrollWidth <= innerWidth"
        )
    )


def test_a_whole_visit_with_the_keyboard_alone(browser, centre):
    first = centre("kiosko").post("/tickets", {"service": "B"}).json()
    page = seated(browser, centre)
    assert fits(page) and not violations(page)
    page.keyboard.press("F2")
    expect(page.locator("#turno")).to_contain_text("Llamado")
    assert fits(page) and not violations(page)
    page.keyboard.press("F3")
    expect(page.locator("#turno")).to_contain_text("2 de 3")
    page.keyboard.press("F4")
    expect(page.locator("#turno")).to_contain_text("En atención")
    page.keyboard.press("F8")
    expect(page.locator("details[open] :focus")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#cola")).to_contain_text("Fue por copia")
    page.get_by_role("button", name=f"Volver {first['code']}").click()
    expect(page.locator("#turno")).to_contain_text("En atención")
    page.keyboard.press("F9")
    expect(page.locator("#turno")).to_contain_text("Nadie en su ventanilla")
    assert centre("ventanilla").get(f"/tickets/{first['id']}").json()["state"] == "atendido"


def test_a_small_sheet_closes_with_escape_and_an_error_goes_once_its_field_changes(browser, centre):
    centre("kiosko").post("/tickets", {"service": "A"})
    page = seated(browser, centre)
    page.keyboard.press("F2")
    expect(page.locator("#turno")).to_contain_text("Llamado")
    page.keyboard.press("F4")
    more = page.locator(".mas-datos")
    more.locator("summary").press("Enter")
    expect(page.get_by_label("Asunto")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_label("Asunto")).to_be_hidden()
    expect(more.locator("summary")).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#tramite-error")).to_be_visible()
    page.fill("#tramite", "partida")
    expect(page.locator("#tramite-error")).to_be_hidden()
    pause = page.locator("summary", has_text="Pausa")
    pause.click()
    colours = pause.evaluate("one => [getComputedStyle(one).color, getComputedStyle(one).backgroundColor]")
    assert colours[0] != colours[1] and not violations(page)


def test_the_queue_changes_by_itself_and_never_under_an_open_sheet(browser, centre):
    page = seated(browser, centre)
    code = centre("kiosko").post("/tickets", {"service": "A"}).json()["code"]
    expect(page.locator("#cola")).to_contain_text(code)
    page.keyboard.press("F2")
    expect(page.locator("#turno")).to_contain_text("Llamado")
    page.keyboard.press("F7")
    page.get_by_label("Motivo").fill("era de obras")
    centre("kiosko").post("/tickets", {"service": "B"})
    page.wait_for_timeout(800)
    expect(page.get_by_label("Motivo")).to_have_value("era de obras")


def test_what_is_pressed_while_the_link_is_down_is_told_and_sent_when_it_returns(browser, centre):
    ticket = centre("kiosko").post("/tickets", {"service": "A"}).json()
    page = seated(browser, centre)
    page.keyboard.press("F2")
    expect(page.locator("#turno")).to_contain_text("Llamado")
    page.keyboard.press("F4")
    expect(page.locator("#turno")).to_contain_text("En atención")
    page.context.set_offline(True)
    page.keyboard.press("F9")
    expect(page.locator(".corte")).to_contain_text(f"1 por enviar: Terminar {ticket['code']}")
    assert not violations(page)
    page.context.set_offline(False)
    expect(page.locator("#turno")).to_contain_text("Nadie en su ventanilla")
    expect(page.locator(".corte")).to_be_hidden(timeout=15_000)
    assert centre("ventanilla").get(f"/tickets/{ticket['id']}").json()["state"] == "atendido"


def test_a_call_with_no_link_calls_nobody_later(browser, centre):
    centre("kiosko").post("/tickets", {"service": "A"})
    page = seated(browser, centre)
    page.context.set_offline(True)
    page.keyboard.press("F2")
    page.context.set_offline(False)
    expect(page.locator(".corte")).to_be_hidden(timeout=15_000)
    page.wait_for_timeout(500)
    assert centre("ventanilla").get("/salas/principal/tablero").json()["seq"] == 0


def test_the_supervisors_page_shows_the_room_and_axe_finds_nothing(browser, centre):
    page = signed_in(browser, centre, "supervisor")
    expect(page.locator("#vivo")).to_contain_text("Todo en orden")
    assert fits(page) and not violations(page)
    ticket = centre("kiosko").post("/tickets", {"service": "A"}).json()
    expect(page.locator("#vivo")).to_contain_text("Nadie atiende")
    centre("ventanilla").post("/ventanillas/3/llamados")
    expect(page.locator("#vivo")).to_contain_text(f"Llama {ticket['code']}")
    assert fits(page) and not violations(page)
    page.get_by_label("Ventanilla 3: acciones").click()
    page.get_by_label("Motivo").fill("se apagó la PC")
    assert not violations(page)
    page.get_by_role("button", name=f"Tomar {ticket['code']}").click()
    expect(page.locator("#avisos")).to_contain_text("pasó a la ventanilla 1")
