"""What a person of the demonstration does in a browser, and the papers they read: shared by the journeys."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from printing.decoder import decode
from tests.demo import Town, eventually

NUMBER = re.compile(r"\d{4}-[A-Z0-9]+-\d{6}-[0-9A-Z]")
KEY = re.compile(r"Clave\s+([0-9A-Z]{4}-[0-9A-Z]{4})")
PATIENCE_MS = 60_000


def pair(town: Town, page: Page, kind: str, name: str) -> Page:
    page.goto(town.run("device", "pair", "--kind", kind, "--name", name, "--sala", "principal").strip())
    page.get_by_role("button").first.click()
    return page


def sign_in(town: Town, page: Page, role: str, path: str) -> Page:
    page.goto(f"{town.url}{path}")
    page.fill("#username", f"{role}1")
    page.fill("#password", f"demo-{role}")
    with page.expect_navigation():
        page.press("#password", "Enter")
    return page


def new_paper(town: Town, printer: str, had: int) -> str:
    """The text of the first paper beyond the `had` that had come out."""
    return decode(eventually(lambda: town.paper(printer)[had:], what=f"paper at {printer}")[0].read_bytes()).text


def file_at_the_desk(page: Page, *, document: str, name: str, tramite: str, lacking: int | None = None) -> str:
    """Fill the sheet beside the turn and receive it; the number given."""
    page.locator("#document_number").fill(document)
    page.keyboard.press("Tab")
    page.locator("input[name=name]").first.fill(name)
    page.locator("#tramite").press_sequentially(tramite)
    page.locator("#tramite-lista [role=option]").first.click()
    page.get_by_role("button", name="Recibí todos").click()
    expect(page.locator("#n-requisitos input[type=checkbox]").last).to_be_focused()
    if lacking is not None:
        page.locator("#n-requisitos input[type=checkbox]").nth(lacking).uncheck()
    page.locator("#sheets").fill("3")
    page.locator("input[type=file][name=files]").set_input_files(
        {
            "name": "solicitud.pdf",
            "mimeType": "application/pdf",
            "buffer": b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n",
        }
    )
    page.get_by_text("solicitud.pdf", exact=True).wait_for()
    words = "Recibir" if lacking is None else "Recibir con observación"
    expect(page.locator("#n-confirmar [data-part=submit]")).to_contain_text(words)
    page.keyboard.press("Control+Enter")
    page.locator("#recibido-t").wait_for()
    found = NUMBER.search(page.locator(".numero-grande").inner_text())
    assert found
    return found[0]


def file_at_the_cabin(page: Page, tramite: str, *, document: str, name: str) -> None:
    page.wait_for_load_state("load")  # its keys work from here on
    with page.expect_navigation():
        page.keyboard.press("F2")
    page.locator("#que").fill(tramite)
    with page.expect_navigation():
        page.locator("#encontrados a.opcion", has_text=tramite).click()
    page.locator("#document_number").fill(document)
    with page.expect_response("**/persona?*"):  # who it is, if the till has seen the document before
        page.keyboard.press("Tab")
    page.locator("#name").fill(name)
    for box in page.locator("input[name=requisito]").all():
        box.check()
    page.locator("#sheets").fill("1")
    page.keyboard.press("F9")


def shows(screen: Page, code: str, ventanilla: str) -> None:
    expect(screen.locator("#normal [data-part=code]")).to_have_text(code, timeout=PATIENCE_MS)
    expect(screen.locator("#normal [data-part=ventanilla]")).to_have_text(ventanilla)


def heard(screen: Page, spoken: list[str], call: str) -> bool:
    screen.wait_for_timeout(50)  # the browser's events come while it is asked something
    return any(call in url for url in spoken)


def key_on(paper: str) -> str:
    found = KEY.search(paper)
    assert found, paper
    return found[1]
