"""An operator's whole day with no internet and no mouse, then the link back: the till, the centre and a network printer are
processes of their own, and nobody touches the cabin while what it did arrives."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from printing.decoder import decode
from tests.demo import Town, eventually, run
from tests.journeys.people import NUMBER, sign_in
from tests.printing.fault_printer import FaultPrinter

pytestmark = [pytest.mark.browser, pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(900)]

NELIDA, JOSE = "Nélida Chuquimango Soto", "José Ñáñez Quiliche"
BACK_S = 120  # the promise of a link that is back: by itself, within two minutes
SCAN = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
SERVICE = 400  # céntimos of each trámite are the cabin's own
TABS_MAX = 300


def tab_to(page: Page, wanted: Locator) -> None:
    """By the Tab key alone, as whoever has no mouse."""
    for _ in range(TABS_MAX):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the Tab key does not reach {wanted}")


def follow(page: Page, *keys: str) -> None:
    """Press keys of which the last one leads to another page, ready for the next key."""
    for key in keys[:-1]:
        page.keyboard.press(key)
    with page.expect_navigation():
        page.keyboard.press(keys[-1])
    page.wait_for_load_state("load")


def write(page: Page, field: str, text: str) -> None:
    tab_to(page, page.locator(field))
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


def home(page: Page) -> None:
    """Escape leads back from any page of the till."""
    follow(page, "Escape")
    page.locator(".nuevo-tramite").wait_for()


def open_from_home(page: Page, name: str) -> None:
    tab_to(page, page.get_by_role("link", name=re.compile(f"^{name}")))
    follow(page, "Enter")


def soles(text: str) -> int:
    """Céntimos of the first amount in a text."""
    found = re.search(r"S/\s*(-?\d+)\.(\d\d)", text)
    assert found, text
    return int(found[1]) * 100 + int(found[2])


def file_case(page: Page, tramite: str, *, document: str, name: str, lacking: str = "") -> tuple[str, int]:
    """From F2 to F9; all requisites but `lacking`. Its number and what was charged, as its page says them."""
    follow(page, "F2")
    page.keyboard.type(tramite)  # the cursor waits where one types
    follow(page, "Enter")
    write(page, "#document_number", document)
    with page.expect_response("**/persona?*"):  # who it is, if the till has seen the document before
        page.keyboard.press("Tab")
    write(page, "#name", name)
    page.keyboard.press("F4")
    boxes = page.locator("input[name=requisito]")
    expect(boxes.last).to_be_checked()
    if lacking:
        box = page.locator(f'input[name=requisito][value="{lacking}"]')
        tab_to(page, box)
        page.keyboard.press("Space")
        expect(box).not_to_be_checked()
    follow(page, "F9")
    number = page.locator("#hecho-t").inner_text()
    assert NUMBER.fullmatch(number) and "-C01" in number
    charged = page.locator(".datos div", has_text="Cobrado").locator("dd").inner_text()
    return number, soles(charged)


def test_a_whole_day_offline_and_what_follows_when_the_link_is_back(town: Town, open_page: Callable[..., Page]):
    with FaultPrinter() as printer:

        def printed(*texts: str) -> None:
            """The network printer has had papers with all of this."""

            def out() -> bool:
                paper = decode(printer.paper).text
                return all(text in paper for text in texts)

            eventually(out, within_s=60, what=f"{texts} on paper")

        run("cabina", "printer", printer.url, "--dir", str(town.cabina))
        town.start_cabina()
        till = open_page(1366, 768)

        # --- in by user and PIN; there is no internet, and the till says so in words
        till.goto(town.cabina_url)
        write(till, "#usuario", "cabina1")
        write(till, "#pin", "demo-cabina")
        follow(till, "Enter")
        expect(till.get_by_text("Sin internet desde las")).to_be_visible()

        # --- three citizens; one of them comes without a paper and is received all the same
        birth, birth_charged = file_case(till, "RC-01", document="10117410", name=NELIDA)
        printed(birth, "Servicio de cabina", NELIDA)
        lacking, lacking_charged = file_case(till, "RC-02", document="26692843", name=JOSE, lacking="2")
        expect(till.get_by_text("Recibido con observación")).to_be_visible()
        printed(lacking, "FALTA PRESENTAR")
        mistaken, _ = file_case(till, "RC-01", document="26692843", name=JOSE)
        printed(mistaken)

        # --- a scan of the second one; then its citizen is back with what lacked
        till.keyboard.press("Escape")
        till.locator(".nuevo-tramite").wait_for()
        till.wait_for_load_state("load")
        follow(till, "F3")
        till.keyboard.type(lacking)
        follow(till, "Enter")
        tab_to(till, till.get_by_role("link", name=lacking))
        follow(till, "Enter")
        tab_to(till, till.locator("#files"))
        till.locator("#files").set_input_files({"name": "DNI.pdf", "mimeType": "application/pdf", "buffer": SCAN})
        expect(till.get_by_role("link", name="DNI.pdf")).to_be_visible()
        tab_to(till, till.get_by_role("button", name="Recibir lo que faltaba"))
        follow(till, "Enter")
        expect(till.get_by_text("Observación subsanada")).to_be_visible()
        printed("CARGO DE SUBSANACIÓN")

        # --- the third was a mistake: its receipt comes back and the charge is given back
        home(till)
        open_from_home(till, "Remesar")
        write(till, "#numero", mistaken)
        write(till, "#motivo", "eligió otro trámite")
        follow(till, "Enter")
        expect(till.get_by_role("cell", name=mistaken)).to_be_visible()

        # --- what the drawer holds for the municipality, less what was given back, is declared
        declared = birth_charged + lacking_charged - 2 * SERVICE
        write(till, "#importe", f"{declared / 100:.2f}")
        write(till, "#referencia", "BN 0012345")
        follow(till, "Enter")
        expect(till.get_by_role("row", name=re.compile("BN 0012345"))).to_contain_text("Declarada")

        # --- the originals go into a bag
        home(till)
        open_from_home(till, "Valija")
        write(till, "#lleva", "Rosa Luna")
        follow(till, "F9")
        expect(till.get_by_role("row", name=re.compile("V-C01A-0001"))).to_contain_text("En camino")
        printed("V-C01A-0001", "Rosa Luna")

        # --- the blind count: nothing tells what should be there, forty céntimos are not
        home(till)
        open_from_home(till, "Cierre del día")
        expect(till.get_by_text("Debía haber")).to_have_count(0)
        counted = birth_charged + lacking_charged - declared - 40
        write(till, "#hay_100", str(counted // 100))
        write(till, "#hay_10", str(counted % 100 // 10))
        expect(till.locator('[data-part="total"]')).to_have_text(f"S/ {counted // 100}.{counted % 100:02}")
        follow(till, "F9")
        expect(till.get_by_text("Falta dinero")).to_be_visible()
        expect(till.locator(".hecho dd.total")).to_contain_text("0.40")
        printed("0.40")

        # --- the link comes back; the page, which nobody touches, tells that all arrived
        tab_to(till, till.get_by_role("link", name="Volver a la caja"))
        follow(till, "Enter")
        town.start_centre()
        pending = till.locator("#figuras dt", has_text="Por enviar al centro").locator("xpath=../dd/b")
        expect(pending).to_have_text("0", timeout=BACK_S * 1_000)
        expect(till.get_by_text("Con internet")).to_be_visible(timeout=BACK_S * 1_000)

    # --- at the centre: each case once, the cure, the scan to its last byte, the bag, the mistake by its name
    clerk, treasurer = town.call("ventanilla"), town.call("tesoreria")
    for number in (birth, lacking, mistaken):
        assert clerk.get(f"/expedientes/{number}").json()["state"] == "recibido"
    eventually(
        lambda: (
            {"subsanacion", "adjunto"}
            <= {paper["kind"] for paper in clerk.get(f"/expedientes/{lacking}").json()["documents"]}
        ),
        what="the cure and the scan",
    )
    seen = treasurer.get("/cabinas/C01").json()
    assert [row["state"] for row in seen["remesas"]] == ["declarada"]
    assert [row["number"] for row in seen["extornos"]] == [mistaken]

    # --- treasury has the money in its hands and says so; the till's guarantee is free by itself
    treasury = sign_in(town, open_page(1366, 768), "tesoreria", "/tesoreria")
    expect(treasury.get_by_text("BN 0012345")).to_be_visible()
    treasury.get_by_role("button", name=re.compile("Confirmar")).first.click()
    tab_to(till, till.get_by_role("link", name=re.compile("^Remesar")))
    follow(till, "Enter")
    row = till.get_by_role("row", name=re.compile("BN 0012345"))
    eventually(lambda: till.reload() and "Confirmada" in row.inner_text(), within_s=BACK_S, what="the confirmation")
