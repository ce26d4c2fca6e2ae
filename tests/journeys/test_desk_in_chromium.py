"""A clerk and an area in Chromium: a case from its filing to its delivery, by keyboard, without an axe violation."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.axe import violations
from tests.servers import Demo

NUMBER = re.compile(r"\d{4}-MPA-\d{6}-[0-9A-Z]")

pytestmark = pytest.mark.browser


class Desk:
    """Somebody signed in at the demonstration; what the browser complains of fails the test."""

    def __init__(self, browser: Browser, url: str, role: str):
        self.url = url
        self.context = browser.new_context(viewport={"width": 1366, "height": 768})
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.open("/entrar")
        self.page.fill("#username", f"{role}1")
        self.page.fill("#password", f"demo-{role}")
        self.page.keyboard.press("Enter")
        expect(self.page.get_by_role("button", name="Salir")).to_be_visible()

    def open(self, path: str) -> None:
        self.page.goto(self.url + path)

    def type_sheet(self, document: str, name: str, words: str, sheets: str) -> None:
        """A sheet typed with the keyboard alone, from its first field to the folios; no requisite ticked."""
        keys, page = self.page.keyboard, self.page
        expect(page.locator("#document_number")).to_be_focused()
        keys.type(document)
        expect(page.locator("#n-persona [name=name]")).to_be_visible()
        keys.press("Tab")
        expect(page.locator("#n-persona [name=name]")).to_be_focused()
        keys.type(name)
        while not page.evaluate("document.activeElement.id === 'tramite'"):
            keys.press("Tab")
        keys.type(words)
        first = page.locator("#tramite-lista [role=option]").first
        expect(first).to_contain_text(re.compile(words.replace("espectaculo", "espect[aá]culo"), re.IGNORECASE))
        keys.press("ArrowDown")
        keys.press("Enter")
        expect(page.locator("#n-requisitos input").first).to_be_visible()
        while not page.evaluate("document.activeElement.id === 'sheets'"):
            keys.press("Tab")
            if page.evaluate("document.activeElement.name === 'requisito' && !document.activeElement.checked"):
                self.tick()
        keys.type(sheets)

    def tick(self) -> None:
        self.page.keyboard.press("Space")

    def receive(self) -> str:
        self.page.keyboard.press("Control+Enter")
        expect(self.page.locator(".numero-grande")).to_be_visible()
        return self.page.locator(".numero-grande").inner_text()

    def step(self, move: str, **fields: str) -> None:
        """Open a step's form on the case page, fill it in, send it, and have the page that answers: the one before may still show
        the good word of the step before."""
        self.page.evaluate("document.documentElement.dataset.before = ''")
        self.page.locator(f"[data-opens={move}]").click()
        form = self.page.locator(f"#{move}")
        for name, text in fields.items():
            form.locator(f"[name={name}]").fill(text)
        for box in form.locator("[name=item]").all():
            box.check()
        form.locator("button.fuerte").click()
        expect(self.page.locator("html:not([data-before]) .nota-bien")).to_be_visible()

    def check(self) -> None:
        """No axe violation in what is on the screen now."""
        assert violations(self.page) == []


class PartialDesk(Desk):
    """Ticks every requisite but the second."""

    seen = 0

    def tick(self) -> None:
        self.seen += 1
        if self.seen != 2:
            super().tick()


@pytest.fixture
def centre(demo: Demo) -> str:
    return demo.serve().url


@pytest.fixture
def clerk(browser: Browser, centre: str) -> Iterator[Desk]:
    desk = Desk(browser, centre, "ventanilla")
    yield desk
    desk.context.close()
    assert not desk.complaints


@pytest.fixture
def area(browser: Browser, centre: str) -> Iterator[Desk]:
    desk = Desk(browser, centre, "unidad")
    yield desk
    desk.context.close()
    assert not desk.complaints


def test_a_clerk_registers_with_the_keyboard_alone_and_the_cargo_is_confirmed(clerk: Desk):
    clerk.open("/expedientes/nuevo")
    clerk.check()
    clerk.type_sheet("10117410", "Nélida Chuquimango Soto", "espectaculo", "18")
    page = clerk.page
    expect(page.locator("#n-cuenta")).to_contain_text("193.20")
    expect(page.locator("#n-confirmar")).to_contain_text("Completo")
    expect(page.locator("#n-borrador")).to_contain_text("Borrador guardado")
    clerk.check()
    assert NUMBER.fullmatch(clerk.receive())
    expect(page.locator("#n-papel")).to_contain_text("Cargo impreso", timeout=60_000)
    clerk.check()


def test_a_missing_requisite_is_received_with_an_observation(browser: Browser, centre: str):
    clerk = PartialDesk(browser, centre, "ventanilla")
    clerk.open("/expedientes/nuevo")
    clerk.type_sheet("45678912", "Rosa Vásquez Terán", "LF-10", "9")
    expect(clerk.page.locator("#n-confirmar")).to_contain_text("Falta un requisito y aun así se recibe")
    expect(clerk.page.get_by_role("button", name="Recibir con observación")).to_be_visible()
    clerk.check()
    number = clerk.receive()
    expect(clerk.page.locator("#recibido-t")).to_have_text(re.compile("Recibido con observación"))
    clerk.open(f"/expedientes/{number}")
    expect(clerk.page.locator("#plazo-t")).to_have_text("Plazo para subsanar")
    clerk.check()
    clerk.step("subsanacion")
    expect(clerk.page.locator(".donde")).to_contain_text("Recibido")
    clerk.context.close()
    assert not clerk.complaints


def test_what_was_typed_is_there_after_the_pc_died(clerk: Desk, browser: Browser, centre: str):
    clerk.open("/expedientes/nuevo")
    clerk.type_sheet("10117410", "Nélida Chuquimango Soto", "espectaculo", "18")
    expect(clerk.page.locator("#n-cuenta")).to_contain_text("193.20")
    with clerk.page.expect_response(lambda answer: "partes=cuenta" in answer.url):
        clerk.page.keyboard.press("Tab")
    clerk.page.close()
    other = Desk(browser, centre, "ventanilla")
    other.open("/expedientes/nuevo")
    expect(other.page.locator("#sheets")).to_have_value("18")
    expect(other.page.locator("[name=name]")).to_have_value("Nélida Chuquimango Soto")
    expect(other.page.locator("[name=requisito]:checked")).to_have_count(6)
    other.context.close()


def test_a_refused_sheet_comes_back_with_everything_and_the_cursor_where_it_is_wrong(clerk: Desk):
    clerk.open("/expedientes/nuevo")
    clerk.type_sheet("10117410", "Nélida Chuquimango Soto", "espectaculo", "doce")
    clerk.page.keyboard.press("Control+Enter")
    expect(clerk.page.locator("#sheets-error")).to_be_visible()
    expect(clerk.page.locator("#sheets")).to_be_focused()
    expect(clerk.page.locator("[name=requisito]:checked")).to_have_count(6)
    clerk.check()


def test_an_area_receives_reports_resolves_and_returns_and_the_cac_delivers(clerk: Desk, area: Desk):
    clerk.open("/expedientes/nuevo")
    clerk.type_sheet("10117410", "Nélida Chuquimango Soto", "espectaculo", "18")
    number = clerk.receive()
    clerk.open("/bandeja")
    expect(clerk.page.locator("tr.rojo")).to_contain_text(number)
    clerk.check()
    clerk.open(f"/expedientes/{number}")
    clerk.step("pase", motivo="Para su evaluación")
    area.open("/bandeja?area=LF")
    expect(area.page.locator("[name=number]")).to_have_value(number)
    area.check()
    area.page.get_by_role("checkbox", name=f"Recibir {number}").check()
    area.page.get_by_role("button", name="Recibir los marcados").click()
    expect(area.page.locator(".nota-bien")).to_contain_text("Recibió 1 expediente")
    area.open(f"/expedientes/{number}#informe")  # as when its button is pressed before the page is ready
    expect(area.page.locator("details#informe")).to_have_attribute("open", "")
    area.step("informe", text="Local conforme.")
    area.step("resolucion", resultado="aprobado", text="Se autoriza el espectáculo.")
    area.check()
    area.step("pase")
    clerk.open(f"/expedientes/{number}")
    clerk.step("recepcion")
    clerk.step("entrega")
    expect(clerk.page.locator(".donde")).to_contain_text("Entregado")
    expect(clerk.page.locator(".recorrido li")).to_have_count(8)
    clerk.check()
    clerk.open(f"/expedientes?q={number}")
    expect(clerk.page.locator("#resultado")).to_contain_text("Entregado")
    clerk.check()


def test_the_administrators_pages_have_no_violation(browser: Browser, centre: str):
    admin = Desk(browser, centre, "admin")
    for section in ("personal", "equipos", "tokens", "salas", "impresoras", "cabinas", "tupa", "registro"):
        admin.open(f"/admin/{section}")
        admin.check()
    admin.context.close()
    assert not admin.complaints


def test_what_is_typed_while_an_answer_is_on_its_way_stays(clerk: Desk):
    """The sheet answers the document a moment after it was typed; the clerk is already at the name by then."""
    clerk.open("/expedientes/nuevo")
    keys, name = clerk.page.keyboard, clerk.page.locator("#n-persona [name=name]")
    keys.type("45678912")
    expect(name).to_be_visible()
    name.focus()
    with clerk.page.expect_response("**/ficha?partes=persona"):
        # asked again while the name is being typed, as a slow link would answer late
        clerk.page.locator("#document_number").evaluate(
            "field => { field.value = '45678913'; field.dispatchEvent(new Event('change', {bubbles: true})); }"
        )
        keys.type("Nélida Chuquimango Soto", delay=15)
    clerk.page.wait_for_timeout(600)  # whatever else was on its way has come
    expect(name).to_have_value("Nélida Chuquimango Soto")
    expect(name).to_be_focused()
