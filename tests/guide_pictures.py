"""The pictures of the operator's guide: pieces of the till's own pages on a bad morning, into static/guia/.

Run by `make screenshots`. The till shown has no link, a printer that is off and its guarantee used up."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page
from requests import Response

from tests.cabinas.conftest import filing
from tests.demo import Api, Town, eventually, run

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "static" / "guia"
PIECES = {  # name: page, what of it
    "enlace": ("/", ".enlace-estado >> nth=0"),
    "impresora": ("/", ".enlace-estado >> nth=1"),
    "garantia": ("/", ".garantia"),
    "conteo": ("/cierre", "form.conteo"),
    "extorno": ("/caja", "section[aria-labelledby=extorno-t]"),
}
SIZE = {"width": 1366, "height": 900}
ROOM = 60
TALLEST = 330  # of a piece: its beginning says enough


def bad_morning(town: Town) -> None:
    """The centre is off; so is the printer; and nothing more may be charged in cash."""
    run("cabina", "printer", "tcp://127.0.0.1:9", "--dir", str(town.cabina))
    town.start_cabina()
    till = town.till()
    while _files(till).status_code == 201:
        pass
    eventually(lambda: till.get("/sync").json()["state"] == "sin_internet", within_s=120, what="no link")


def draw(page: Page, url: str, folder: Path = FOLDER) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    page.set_viewport_size(SIZE)
    page.goto(f"{url}/entrar")
    page.fill("input[name=usuario]", "cabina1")
    page.fill("input[name=pin]", "demo-cabina")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    for name, (path, piece) in PIECES.items():
        page.goto(url + path)
        page.evaluate("document.fonts.ready")
        found = page.locator(piece).first
        box = found.bounding_box()
        assert box
        box = {"x": box["x"], "y": box["y"], "width": box["width"], "height": min(box["height"], TALLEST)}
        if box["height"] < ROOM:  # words of the bar: a little of what is around them
            box = {"x": box["x"] - 10, "y": box["y"] - 10, "width": box["width"] + 20, "height": box["height"] + 20}
        page.screenshot(path=folder / f"{name}.png", clip=box, full_page=True, animations="disabled")
        print(f"guia/{name}.png", flush=True)


def _files(till: Api) -> Response:
    return till.post("/expedientes", filing())
