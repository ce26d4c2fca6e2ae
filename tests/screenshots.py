"""`make screenshots`: the demonstration on an ordinary morning, drawn by the software itself into docs/images/.

Real processes, a real browser at each screen's real size, paper drawn from the bytes the printers got."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from playwright.sync_api import Browser, Page, sync_playwright

from printing.decoder import decode
from tests import drawn_papers, guide_pictures
from tests.conftest import CHROMIUM, SOUND
from tests.demo import Api, Town, eventually

MORNING = "2026-11-20T10:42:00-05:00"
KIOSK, TV, DESK, PHONE = (1080, 1920), (1920, 1080), (1366, 768), (390, 844)
PERSON = {"document_type": "DNI", "document_number": "10117410", "name": "Nélida Chuquimango Soto"}
OTHER = {"document_type": "DNI", "document_number": "26692843", "name": "José Ñáñez Quiliche"}


class Morning:
    """The demonstration running, a browser, and where pictures go."""

    def __init__(self, town: Town, browser: Browser, folder: Path):
        self.town, self.browser, self.folder = town, browser, folder

    @contextmanager
    def page(self, size: tuple[int, int], **options: object) -> Iterator[Page]:
        viewport = {"width": size[0], "height": size[1]}
        context = self.browser.new_context(viewport=viewport, locale="es-PE", timezone_id="America/Lima", **options)
        try:
            yield context.new_page()
        finally:
            context.close()

    def shoot(self, page: Page, name: str) -> None:
        page.wait_for_load_state("load")
        page.evaluate("document.fonts.ready")
        page.screenshot(path=self.folder / f"{name}.png", animations="disabled")
        print(f"{name}.png", flush=True)

    def sign_in(self, page: Page, role: str, path: str) -> None:
        page.goto(f"{self.town.url}{path}")
        page.fill("#username", f"{role}1")
        page.fill("#password", f"demo-{role}")
        with page.expect_navigation():
            page.press("#password", "Enter")

    def pair(self, page: Page, kind: str, name: str) -> None:
        page.goto(self.town.run("device", "pair", "--kind", kind, "--name", name, "--sala", "principal").strip())
        with page.expect_navigation():
            page.get_by_role("button").first.click()

    def wait_for_paper(self, job: int) -> None:
        desk = self.town.call("ventanilla")
        eventually(lambda: desk.get(f"/impresiones/{job}").json()["state"] == "confirmada", what="the paper")


def hall(morning: Morning) -> None:
    """The kiosk before and after a touch, the screen with calls on it."""
    desk = morning.town.call("ventanilla")
    with morning.page(TV) as screen, morning.page(KIOSK, has_touch=True) as kiosk:
        morning.pair(screen, "pantalla", "TV 1")
        morning.pair(kiosk, "kiosko", "Kiosco 1")
        morning.shoot(kiosk, "kiosko")
        for service in "AABCAEFBACDA":
            desk.post("/tickets", {"service": service})
        desk.post("/tickets", {"service": "A", "preferente": True})
        for number in (1, 2, 4):
            call = desk.post(f"/ventanillas/{number}/llamados").json()
            desk.post(f"/tickets/{call['ticket']['id']}/atenciones", {"ventanilla": number})
        kiosk.get_by_role("button", name="Partidas").tap()
        kiosk.locator("#turno [data-print=impreso]").wait_for(timeout=60_000)  # its paper has come out
        morning.shoot(kiosk, "kiosko-emitido")
        last = desk.post("/ventanillas/3/llamados").json()["ticket"]
        on_screen = screen.locator("#normal")
        eventually(
            lambda: "Ventanilla 3" in " ".join(on_screen.inner_text().split()), within_s=90, what="the last call"
        )
        screen.wait_for_timeout(1500)  # the pulse of the call settles
        morning.shoot(screen, "pantalla")
        desk.post(f"/tickets/{last['id']}/ausencias", {"ventanilla": 3})


def desk_pages(morning: Morning) -> dict:
    """The ventanilla while it files, the supervisor, the case it filed."""
    with morning.page(DESK) as page:
        morning.sign_in(page, "ventanilla", "/ventanilla")
        page.get_by_role("button", name="Ventanilla 3").click()
        page.wait_for_load_state()
        page.keyboard.press("F2")
        page.get_by_text("Llamado", exact=False).first.wait_for()
        page.keyboard.press("F4")
        page.locator("#document_number").wait_for()
        page.fill("#document_number", "10117410")
        page.keyboard.press("Tab")
        page.locator("input[name=name]").first.wait_for()
        page.fill("input[name=name]", PERSON["name"])
        page.locator("#tramite").press_sequentially("espectaculo", delay=20)
        page.locator("#tramite-lista [role=option]").first.click()
        page.locator("#n-requisitos input").first.wait_for()
        page.get_by_role("button", name="Recibí todos").click()
        page.locator("#n-requisitos input").nth(2).uncheck()
        page.fill("#sheets", "18")
        page.keyboard.press("Tab")
        page.get_by_role("button", name="Recibir con observación").wait_for()
        page.wait_for_timeout(1200)  # the draft is saved
        morning.shoot(page, "ventanilla")
    made = morning.town.run("token", "create", "--role", "ventanilla", "--name", "Rosa Huamán Quispe")
    desk = Api(morning.town.url, made.strip())  # the receiver on the cargo is a person
    filing = {
        "tramite": "LF-11",
        "applicant": PERSON,
        "subject": "Concierto de aniversario",
        "sheets": 18,
        "missing": [],
    }
    case = desk.post("/expedientes", filing | {"payment": {"method": "efectivo"}}).json()
    morning.wait_for_paper(case["print_job"])
    with morning.page(DESK) as page:
        morning.sign_in(page, "ventanilla", f"/expedientes/{case['number']}")
        morning.shoot(page, "expediente")
        page.goto(f"{morning.town.url}/expedientes")
        morning.shoot(page, "expedientes")
    with morning.page(DESK) as page:
        morning.sign_in(page, "supervisor", "/supervisor")
        page.wait_for_timeout(800)
        morning.shoot(page, "supervisor")
    return case


def cabin(morning: Morning) -> None:
    """The till with a morning's work, and treasury's view of it."""
    till = morning.town.till()
    for tramite, person in (("RC-01", PERSON), ("RC-03", OTHER), ("RC-02", OTHER)):
        filing = {"tramite": tramite, "applicant": person, "subject": "Copia certificada", "sheets": 1, "missing": []}
        answer = till.post("/expedientes", filing | {"payment": {"method": "efectivo"}})
        assert answer.status_code == 201, answer.text
    eventually(lambda: till.get("/sync").json()["pending"] == 0, within_s=60, what="the cabin's outbox")
    till.post("/remesas", {"centimos": 1100, "reference": "BN 0012345"})
    with morning.page(DESK) as page:
        page.goto(morning.town.cabina_url)
        if "/entrar" in page.url:
            page.locator("input[type=text], input:not([type])").first.fill("cabina1")
            page.locator("input[type=password]").fill("demo-cabina")
            with page.expect_navigation():
                page.keyboard.press("Enter")
        morning.shoot(page, "cabina")
    with morning.page(DESK) as page:
        morning.sign_in(page, "tesoreria", "/tesoreria")
        morning.shoot(page, "tesoreria")


def citizen(morning: Morning, case: dict) -> None:
    """The portal, a trámite, tracking and a turn on a phone."""
    ticket = morning.town.call("ventanilla").post("/tickets", {"service": "B"}).json()
    with morning.page(PHONE) as page:
        page.goto(morning.town.url)
        morning.shoot(page, "portal")
        page.goto(f"{morning.town.url}/tramites/RC-01")
        morning.shoot(page, "tramite")
        page.goto(case["track_url"])
        morning.shoot(page, "seguimiento")
        page.goto(ticket["follow_url"])
        page.wait_for_timeout(800)
        morning.shoot(page, "turno")


def paper(morning: Morning, case: dict) -> None:
    """The ticket, the cargo and the cabin's receipt as the printers cut them, and the cargo on A4."""
    town = morning.town
    cases = {"ticket": ("kiosko", -1), "cargo": ("cargos", -1), "cabina-recibo": ("cabina", 0)}
    for name, (printer, which) in cases.items():
        eventually(lambda printer=printer: town.paper(printer), what=printer)
        drawn = decode(town.paper(printer)[which].read_bytes()).png()
        (morning.folder / f"{name}.png").write_bytes(drawn)
        print(f"{name}.png", flush=True)
    with morning.page(DESK) as page:
        morning.sign_in(page, "ventanilla", "/expedientes")
        pdf = page.request.get(f"{town.url}/expedientes/{case['number']}/cargo.pdf")
        assert pdf.ok, pdf.status
        (town.folder / "cargo.pdf").write_bytes(pdf.body())
    target = str(morning.folder / "cargo-a4")
    subprocess.run(["pdftoppm", "-png", "-r", "80", "-singlefile", str(town.folder / "cargo.pdf"), target], check=True)
    print("cargo-a4.png", flush=True)


def guide(morning: Morning) -> None:
    """The pictures of the operator's guide; the centre and the till stop for them."""
    morning.town.close()
    guide_pictures.bad_morning(morning.town)
    with morning.page(DESK, device_scale_factor=1.5) as page:
        guide_pictures.draw(page, morning.town.cabina_url)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, sync_playwright() as playwright:
        town = Town(Path(data) / "demo", clock=MORNING)
        try:
            town.start_centre()
            town.start_cabina()
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=[*CHROMIUM, SOUND])
            morning = Morning(town, browser, folder)
            hall(morning)
            case = desk_pages(morning)
            cabin(morning)
            citizen(morning, case)
            paper(morning, case)
            drawn_papers.draw(folder)
            guide(morning)
            browser.close()
        finally:
            town.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
