"""Real pages of a real server in Debian's Chromium."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import requests
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cac.access.actions import SYSTEM, create_device, create_token
from cac.audit.models import AuditEntry
from cac.desk.models import Sala, Service
from cac.paper.actions import add_printer
from cac.paper.models import PrintJob
from cac.salas.actions import add_ventanilla
from cac.screens.actions import add_media, save_screen
from cac.screens.files import keep
from cac.screens.rules import Screen
from core.clock import now_utc
from storage import Store
from tests.axe import violations
from tests.databases import free_port
from tests.servers import Demo, LiveServer, copy_demo
from ticketing.policy import Attends

KIOSK, KIOSK_WIDE, TV, DESK = (1080, 1920), (1920, 1080), (1920, 1080), (1366, 768)
PHONE, SMALL_PHONE = (390, 844), (320, 640)
PATIENCE_MS = 30_000  # a deadline for a starved machine, not a pace

# notes each sound a page plays, when it begins and when it ends
# and each code its screen shows, with the instant
LISTEN = """
window.heard = [];
window.codes = [];
document.addEventListener("DOMContentLoaded", () => {
  const code = document.querySelector("#normal [data-part=code]");
  if (code) new MutationObserver(() => {
    const last = window.codes[window.codes.length - 1];
    if (!last || last[0] !== code.textContent) window.codes.push([code.textContent, performance.now()]);
  }).observe(code, {childList: true});
});
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () {
  const note = {src: this.src, at: performance.now(), ended: null, volume: this.volume, muted: this.muted};
  this.addEventListener("ended", () => { note.ended = performance.now(); });
  return play.call(this).then(() => { window.heard.push(note); });
};
"""

# a screen that speaks, and goes from one call to the next, so many times as fast; what it does stays the same
HURRY = 4
HURRIED = f"""
const unhurried = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () {{
  this.defaultPlaybackRate = this.playbackRate = {HURRY};
  return unhurried.call(this);
}};
"""
PACE = Path(__file__).resolve().parents[2] / "static" / "js" / "pace.js"
HURRIED_PACE = re.sub(r"(?<=shownMs: )\d+", lambda shown: str(int(shown[0]) // HURRY), PACE.read_text(encoding="utf-8"))


def until(page: Page, true: str | Callable[[], Any], arg: Any = None, *, timeout: int = PATIENCE_MS) -> None:
    """Wait for a function here, or a JavaScript expression or function of `arg`, to be true.

    The page's own wait_for_function needs an eval, which its CSP forbids.
    """
    deadline = time.monotonic() + timeout / 1000
    while not (true() if callable(true) else page.evaluate(true, arg)):
        assert time.monotonic() < deadline, f"not within {timeout} ms: {true} {arg or ''}"
        page.wait_for_timeout(50)


def build_sala(session: Session, code: str, *, ventanillas: int, letter: str) -> None:
    """A waiting room of the first site, with one service of its own and so many ventanillas."""
    first = session.scalars(select(Sala).order_by(Sala.id)).first()
    assert first
    sala = Sala(site_id=first.site_id, code=code, name=f"Sala {code}", preferente_series=first.preferente_series)
    session.add(sala)
    session.flush()
    service = {"name": "Rentas", "example": "Predial, arbitrios", "icon": "coins", "position": 1}
    session.add(Service(site_id=first.site_id, sala_id=sala.id, code=letter, **service))
    session.flush()
    for number in range(1, ventanillas + 1):
        given = {"attends": Attends.ALL, "principal": SYSTEM, "now": now_utc()}
        add_ventanilla(session, code, number, [letter], **given)


def settled(page: Page) -> Page:
    """The page with its letters in their own shapes: nothing is measured before."""
    page.evaluate("document.fonts.ready.then(() => true)")
    return page


class Hall:
    """The demonstration's centre, running, and whoever stands in its hall."""

    def __init__(self, demo: Demo, server: LiveServer, browser: Browser):
        self.demo, self.server, self.browser, self.url = demo, server, browser, server.url
        self._contexts: list[BrowserContext] = []
        self._count = count()
        self._clerk = requests.Session()
        self._store = Store(f"sqlite:///{demo.centro / 'cac.db'}")
        token = self._store.write(create_token, role="ventanilla", name="prueba", sala="principal", now=now_utc())
        self._clerk.headers["Authorization"] = f"Bearer {token}"

    def page(
        self, size: tuple[int, int], *, path: str = "", device: str = "", sala: str = "principal", **options: Any
    ) -> Page:
        """A page of a browser of its own, paired first as `device` if named, opened at `path`."""
        context = self.browser.new_context(viewport={"width": size[0], "height": size[1]}, **options)
        context.add_init_script(LISTEN)
        self._contexts.append(context)
        page = context.new_page()
        page.faults = []  # type: ignore[attr-defined]
        page.on("pageerror", lambda error: page.faults.append(str(error)))  # type: ignore[attr-defined]
        page.on("console", lambda line: page.faults.append(line.text) if "Content Security" in line.text else None)  # type: ignore[attr-defined]
        if device:
            self.pair(page, device, sala)
        if path:
            page.goto(self.url + path)
        return page

    def kiosk(self, size: tuple[int, int] = KIOSK, **options: Any) -> Page:
        return self.page(size, device="kiosko", path="/kiosko", **options)

    def screen(self, query: str = "", sala: str = "principal", *, hurried: bool = False, **options: Any) -> Page:
        page = self.page(TV, **options)
        if hurried:
            page.add_init_script(HURRIED)
            page.route("**/js/pace.js*", lambda route: route.fulfill(body=HURRIED_PACE, content_type="text/javascript"))
        self.pair(page, "pantalla", sala)
        page.goto(f"{self.url}/pantalla/{sala}{query}")
        page.locator("#normal:not([aria-busy])").wait_for()  # its first board came
        return page

    def pair(self, page: Page, kind: str, sala: str = "principal") -> None:
        page.goto(f"{self.url}/emparejar/{self.new_device(kind, sala)}")
        page.get_by_role("button", name="Emparejar este equipo").click()
        page.wait_for_url(lambda address: "/emparejar/" not in address)

    def new_device(self, kind: str, sala: str = "principal") -> str:
        """The secret of its one-time URL."""
        made: str = self._store.write(create_device, kind=kind, name=kind, sala=sala, now=now_utc())
        return made

    def mend_printer(self) -> None:
        """The printer of tickets answers again."""
        folder = {"name": "kiosko", "url": f"folder://{self.demo.papel / 'kiosko'}", "principal": SYSTEM}
        self._store.write(add_printer, now=now_utc(), **folder)

    def break_printer(self) -> None:
        """From now on tickets go to a printer that nobody can reach."""
        nobody = {"name": "kiosko", "url": "tcp://127.0.0.1:9", "principal": SYSTEM, "now": now_utc()}
        self._store.write(add_printer, **nobody)

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """As the clerk's program."""
        key = {"Idempotency-Key": f"{path} {self._next()}"}
        answer = self._clerk.post(f"{self.url}/api/v1{path}", json=body or {}, headers=key, timeout=60)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def issue(self, service: str = "A", **body: Any) -> Any:
        return self.post("/tickets", {"service": service, "channel": "web", **body})

    def call(self, ventanilla: int) -> Any:
        return self.post(f"/ventanillas/{ventanilla}/llamados")

    def rename_service(self, code: str, name: str) -> None:
        self._store.write(
            lambda session: session.execute(update(Service).where(Service.code == code).values(name=name)) and None
        )

    def print_jobs(self) -> list[tuple[str, int]]:
        """Each paper's state and which copy it is, oldest first."""
        with self._store.read() as session:
            return [(job.state, job.copy) for job in session.scalars(select(PrintJob).order_by(PrintJob.id))]

    def papers(self) -> list[Path]:
        """What came out of the kiosk's printer, oldest first."""
        return sorted((self.demo.papel / "kiosko").glob("*.bin"), key=lambda path: int(path.stem))

    def logged(self, action: str) -> int:
        with self._store.read() as session:
            return len(session.scalars(select(AuditEntry.id).where(AuditEntry.action == action)).all())

    def signed_in(self, role: str) -> Page:
        """The first page of somebody of that role."""
        page = self.page(DESK, path="/entrar")
        page.fill("#username", f"{role}1")
        page.fill("#password", f"demo-{role}")
        page.press("#password", "Enter")
        page.wait_for_url(lambda address: "/entrar" not in address)
        return page

    def new_sala(self, code: str, *, ventanillas: int, letter: str = "K") -> None:
        """Another waiting room of the same site, with one service of its own and so many ventanillas."""
        self._store.write(build_sala, code, ventanillas=ventanillas, letter=letter)

    def set_screen(self, screen: Screen, sala: str = "principal") -> None:
        self._store.write(save_screen, sala, screen, principal=SYSTEM, now=now_utc())

    def add_picture(self, colour: str = "seagreen", sala: str = "principal") -> None:
        """A picture in the sala's playlist."""
        drawn = io.BytesIO()
        Image.new("RGB", (1920, 1080), colour).save(drawn, "PNG")
        drawn.seek(0)
        kept = keep(self.demo.centro / "medios", drawn)
        self._store.write(add_media, sala, kept, name=f"Cartel {colour}", principal=SYSTEM, now=now_utc())

    def clerk_of(self, sala: str) -> None:
        """From now on calls are made in that sala."""
        token = self._store.write(create_token, role="ventanilla", name="prueba", sala=sala, now=now_utc())
        self._clerk.headers["Authorization"] = f"Bearer {token}"

    def add_ventanillas(self, count: int) -> None:
        """More of them in the sala "principal", after its four."""
        given = {"attends": Attends.ALL, "principal": SYSTEM}
        for number in range(5, 5 + count):
            self._store.write(add_ventanilla, "principal", number, list("ABCDEF"), now=now_utc(), **given)

    def _next(self) -> int:
        return next(self._count)

    def leave(self) -> None:
        for context in self._contexts:
            context.close()
        self._contexts.clear()

    def close(self) -> None:
        self.leave()
        self._store.close()
        self._clerk.close()  # an open connection would make the server wait for it when it stops


@pytest.fixture
def hall(demo: Demo, sounding_browser: Browser) -> Iterator[Hall]:
    hall = Hall(demo, demo.serve(port=free_port()), sounding_browser)  # a port to which it can come back
    yield hall
    hall.close()


@pytest.fixture
def shared_hall(one_hall: Hall) -> Iterator[Hall]:
    """One hall for tests that only look, or that have a sala of their own; each leaves its pages."""
    yield one_hall
    one_hall.leave()


@pytest.fixture(scope="module")
def one_hall(demo_model: Path, tmp_path_factory: pytest.TempPathFactory, sounding_browser: Browser) -> Iterator[Hall]:
    demo = copy_demo(demo_model, tmp_path_factory.mktemp("hall") / "demo")
    hall = Hall(demo, demo.serve(), sounding_browser)
    yield hall
    hall.close()
    demo.close()


@pytest.fixture
def axe() -> Callable[[Page], list[str]]:
    """`axe(page)`: what axe-core finds on a page as it stands."""
    return violations
