"""What each page weighs over the wire: bytes and requests of its first visit and of the next, in Chromium, without the sockets."""

from __future__ import annotations

import json
import shutil
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

from playwright.sync_api import Browser, Page, sync_playwright

from bench.place import Place, demonstration
from bench.report import Line, Report

OWN_KB_MAX = 100  # of any page, compressed, without its vendor files
PHONE_KB_MAX = 100  # of the citizen's phone, with them
VENDOR = "/static/vendor/"
WAITING = 12  # people in the sala while its pages are opened


@dataclass(frozen=True, slots=True)
class Weight:
    """Of one visit. `kb` is all that came, headers too; `own_kb` without vendor files."""

    kb: float
    own_kb: float
    requests: int


def weigh(page: Page, address: str) -> Weight:
    """Open `address` and wait until it is quiet."""
    link = page.context.new_cdp_session(page)
    link.send("Network.enable")
    addresses: dict[str, str] = {}
    sizes: dict[str, float] = {}
    cached: set[str] = set()
    link.on("Network.requestWillBeSent", lambda event: addresses.update({event["requestId"]: event["request"]["url"]}))
    link.on("Network.requestServedFromCache", lambda event: cached.add(event["requestId"]))
    link.on("Network.loadingFinished", lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}))
    page.goto(address, wait_until="load")
    page.evaluate("document.fonts.ready.then(() => true)")
    page.wait_for_timeout(500)  # what its scripts ask for at once
    link.detach()
    came = {one: size for one, size in sizes.items() if one in addresses and one not in cached and size}
    own = sum(size for one, size in came.items() if VENDOR not in addresses[one])
    return Weight(sum(came.values()) / 1000, own / 1000, len(came))


def run(*, seconds: float) -> Report:
    report = Report("pages", "Peso de las páginas, en kB comprimidos por la red")
    with sync_playwright() as playwright, demonstration() as here:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        with here.server() as server:
            for name, page, address in _pages(browser, here, "http://{}:{}".format(*server.address)):
                first, again = weigh(page, address), weigh(page, address)
                page.context.close()
                values = {
                    "primera_kB": first.kb,
                    "sin_terceros_kB": first.own_kb,
                    "pedidos": first.requests,
                    "otra_vez_kB": again.kb,
                    "otra_vez_pedidos": again.requests,
                }
                report.add(Line(name, ratios={}, values=values))
                limit = f"{name}: menos de {OWN_KB_MAX} kB sin archivos de terceros"
                report.judge(limit, first.own_kb < OWN_KB_MAX)
                if name == "celular":
                    report.judge(f"celular: menos de {PHONE_KB_MAX} kB con todo", first.kb < PHONE_KB_MAX)
        browser.close()
    return report


def _pages(browser: Browser, here: Place, url: str) -> Iterator[tuple[str, Page, str]]:
    """Each with a browser of its own whose cache is empty: paired or signed in elsewhere."""
    clerk, follow = here.token("ventanilla"), ""
    for _ in range(WAITING):
        follow = _post(f"{url}/api/v1/tickets", clerk, {"service": "A"})["follow_url"]
    yield "celular", _page(browser, 390, 844), f"{url}/t/{follow.rsplit('/', 1)[1]}"
    yield "portal", _page(browser, 390, 844), f"{url}/"
    for kind, path, width, height in (
        ("kiosko", "/kiosko", 1080, 1920),
        ("pantalla", "/pantalla/principal", 1920, 1080),
    ):
        secret = here.command("device", "pair", "--kind", kind, "--name", kind, "--sala", "principal").rsplit("/", 1)[1]
        with _signed(browser, width, height) as (door, page):
            door.goto(f"{url}/emparejar/{secret}")
            door.get_by_role("button").first.click()
            door.wait_for_url(lambda address: "/emparejar/" not in address)
        yield kind, page(), f"{url}{path}"
    for role, path in (("ventanilla", "/ventanilla"), ("supervisor", "/supervisor")):
        with _signed(browser, 1366, 768) as (door, page):
            door.goto(f"{url}/entrar")
            door.fill("#username", f"{role}1")
            door.fill("#password", f"demo-{role}")
            with door.expect_navigation():
                door.press("#password", "Enter")
            if role == "ventanilla":
                with door.expect_navigation():
                    door.get_by_role("button", name="Ventanilla 1").click()
        yield role, page(), f"{url}{path}"


def _page(browser: Browser, width: int, height: int) -> Page:
    return browser.new_context(viewport={"width": width, "height": height}).new_page()


@contextmanager
def _signed(browser: Browser, width: int, height: int):
    """A page to go in through, and what makes another with its cookies and nothing cached."""
    door = _page(browser, width, height)
    kept: list[dict[str, object]] = []

    def make() -> Page:
        page = _page(browser, width, height)
        page.context.add_cookies(kept)  # type: ignore[arg-type]
        return page

    yield door, make
    kept.extend(door.context.cookies())  # type: ignore[arg-type]
    door.context.close()


def _post(address: str, token: str, body: dict[str, str]) -> dict[str, str]:
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid4().hex, "Content-Type": "application/json"}
    asked = urllib.request.Request(address, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return dict(json.load(answer))
