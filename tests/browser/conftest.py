"""Real pages of a real server in Debian's Chromium."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page

from cac.access.actions import SYSTEM, create_device, create_token
from cac.paper.actions import add_printer
from core.clock import now_utc
from storage import Store
from tests.axe import violations
from tests.servers import Demo, LiveServer

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
  const note = {src: this.src, at: performance.now(), ended: null};
  this.addEventListener("ended", () => { note.ended = performance.now(); });
  return play.call(this).then(() => { window.heard.push(note); });
};
"""


def until(page: Page, true: str | Callable[[], Any], arg: Any = None, *, timeout: int = PATIENCE_MS) -> None:
    """Wait for a function here, or a JavaScript expression or function of `arg`, to be true.

    The page's own wait_for_function needs an eval, which its CSP forbids.
    """
    deadline = time.monotonic() + timeout / 1000
    while not (true() if callable(true) else page.evaluate(true, arg)):
        assert time.monotonic() < deadline, f"not within {timeout} ms: {true} {arg or ''}"
        page.wait_for_timeout(50)


class Hall:
    """The demonstration's centre, running, and whoever stands in its hall."""

    def __init__(self, demo: Demo, server: LiveServer, browser: Browser):
        self.demo, self.server, self.browser, self.url = demo, server, browser, server.url
        self._contexts: list[BrowserContext] = []
        self._clerk = requests.Session()
        self._store = Store(f"sqlite:///{demo.centro / 'cac.db'}")
        token = self._store.write(create_token, role="ventanilla", name="prueba", sala="principal", now=now_utc())
        self._clerk.headers["Authorization"] = f"Bearer {token}"

    def page(self, size: tuple[int, int], *, path: str = "", device: str = "", **options: Any) -> Page:
        """A page of a browser of its own, paired first as `device` if named, opened at `path`."""
        context = self.browser.new_context(viewport={"width": size[0], "height": size[1]}, **options)
        context.add_init_script(LISTEN)
        self._contexts.append(context)
        page = context.new_page()
        page.faults = []  # type: ignore[attr-defined]
        page.on("pageerror", lambda error: page.faults.append(str(error)))  # type: ignore[attr-defined]
        page.on("console", lambda line: page.faults.append(line.text) if "Content Security" in line.text else None)  # type: ignore[attr-defined]
        if device:
            self.pair(page, device)
        if path:
            page.goto(self.url + path)
        return page

    def kiosk(self, size: tuple[int, int] = KIOSK, **options: Any) -> Page:
        return self.page(size, device="kiosko", path="/kiosko", **options)

    def screen(self, query: str = "", **options: Any) -> Page:
        page = self.page(TV, device="pantalla", path=f"/pantalla/principal{query}", **options)
        until(page, "Boolean(document.querySelector('[data-part=nobody]'))")
        return page

    def pair(self, page: Page, kind: str) -> None:
        page.goto(f"{self.url}/emparejar/{self.new_device(kind)}")
        page.get_by_role("button", name="Emparejar este equipo").click()
        page.wait_for_url(lambda address: "/emparejar/" not in address)

    def new_device(self, kind: str) -> str:
        """The secret of its one-time URL."""
        made: str = self._store.write(create_device, kind=kind, name=kind, sala="principal", now=now_utc())
        return made

    def break_printer(self) -> None:
        """From now on tickets go to a printer that nobody can reach."""
        nobody = {"name": "kiosko", "url": "tcp://127.0.0.1:9", "principal": SYSTEM, "now": now_utc()}
        self._store.write(add_printer, **nobody)

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """As the clerk's program."""
        key = {"Idempotency-Key": path + str(len(self._contexts)) + str(self._next())}
        answer = self._clerk.post(f"{self.url}/api/v1{path}", json=body or {}, headers=key, timeout=30)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def issue(self, service: str = "A", **body: Any) -> Any:
        return self.post("/tickets", {"service": service, "channel": "web", **body})

    def call(self, ventanilla: int) -> Any:
        return self.post(f"/ventanillas/{ventanilla}/llamados")

    def _next(self) -> int:
        self._count = getattr(self, "_count", 0) + 1
        return self._count

    def close(self) -> None:
        for context in self._contexts:
            context.close()
        self._store.close()
        self._clerk.close()  # an open connection would make the server wait for it when it stops


@pytest.fixture
def hall(demo: Demo, sounding_browser: Browser) -> Iterator[Hall]:
    server = demo.serve()
    hall = Hall(demo, server, sounding_browser)
    yield hall
    hall.close()


@pytest.fixture(scope="module")
def shared_hall(
    demo_model: Path, tmp_path_factory: pytest.TempPathFactory, sounding_browser: Browser
) -> Iterator[Hall]:
    """One hall for tests that only look."""
    folder = tmp_path_factory.mktemp("hall") / "demo"
    shutil.copytree(demo_model, folder)
    demo = Demo(folder)
    hall = Hall(demo, demo.serve(), sounding_browser)
    yield hall
    hall.close()
    demo.close()


@pytest.fixture
def axe() -> Callable[[Page], list[str]]:
    """`axe(page)`: what axe-core finds on a page as it stands."""
    return violations
