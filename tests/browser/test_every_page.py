"""Every page in every state (tests/browser/pages.py): axe finds nothing, nothing slides sideways, no script faults.

`CAC_PICTURES=DIR pytest tests/browser/test_every_page.py` also draws each of them into DIR, to be looked at."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

import run
from cac.app import create_app
from cac.base import Base
from storage import Store
from tests.axe import violations
from tests.browser.pages import EMPTY, FULL, Centre, State
from tests.cabinas.conftest import make_cabin
from tests.cabinas.stand_in import StandIn
from web.settings import Settings

pytestmark = pytest.mark.browser

# what a GET gives that is no page: files by their ending, data, and the parts that a page of the table brings into itself
A_FILE = re.compile(
    r"\.(bin|csv|json|pdf|png|svg|wav|xlsx)$|/<ending>$|/<sha256>$|<int:media_id>$|/documentos/<int:\w+>$"
)
NO_PAGES = frozenset(
    {
        "/expedientes/<number>/papel",
        "/expedientes/nuevo/tramites",
        "/health",
        "/kiosko/tickets/<token>",
        "/metrics",
        "/orientador/tickets/<token>/papel",
        "/pantalla/<sala>/ajustes",
        "/pantalla/<sala>/tablero",
        "/supervisor/alertas/vivas",
        "/supervisor/vivo",
        "/t/<token>/estado",
        "/tableta/estado",
        "/ventanilla/avisos",
        "/ventanilla/ficha",
        "/ventanilla/tramites",
        "/ventanilla/vivo",
    }
)
NO_PAGES_OF_A_TILL = frozenset(
    {
        "/adjuntos/<attachment>",
        "/barra",
        "/health",
        "/hoy",
        "/nuevo/cobro",
        "/nuevo/persona",
        "/nuevo/tramites",
        "/registrado/<number>/adjuntos",
        "/registrado/<number>/papel",
    }
)


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory, sounding_browser: Browser) -> Iterator[Centre]:
    centre = Centre(tmp_path_factory.mktemp("paginas") / "demo", sounding_browser)
    yield centre
    centre.close()


@pytest.fixture(scope="module")
def working_centre(centre: Centre) -> Centre:
    centre.fill()
    return centre


@pytest.mark.parametrize("state", EMPTY, ids=str)
def test_a_page_of_a_first_morning(centre: Centre, state: State):
    look(centre, state)


@pytest.mark.parametrize("state", FULL, ids=str)
def test_a_page_of_a_working_day(working_centre: Centre, state: State):
    look(working_centre, state)


def look(centre: Centre, state: State) -> None:
    page = centre.page(state.role, state.size)
    try:
        centre.show(page, state)
        draw(page, state)
        assert violations(page) == []
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), "it slides sideways"
        assert centre.faults == []
    finally:
        centre.faults.clear()
        if state.undo:
            state.undo(page, centre)


def draw(page: Page, state: State) -> None:
    if folder := os.environ.get("CAC_PICTURES"):
        name = str(state).replace("/", "_").replace(":", ".")
        page.screenshot(path=Path(folder) / f"{name}.png", animations="disabled", full_page=True)


def test_no_page_is_missing_from_the_table(databases, tmp_path):
    store = Store(databases.fresh("sqlite", Base.metadata))
    settings = Settings(data_dir=tmp_path, secret_key="only for tests")
    app = create_app(store, settings)
    for extend in run.EXTENSIONS:
        extend(app, store, settings)
    gets = pages_of(app)
    store.close()
    looked = {state.route for state in [*EMPTY, *FULL] if not state.route.startswith("cabina:")}
    assert gets - NO_PAGES - looked == set(), "give each its rows in tests/browser/pages.py"
    assert looked - gets == set() and NO_PAGES - gets == set(), "gone"


def test_no_page_of_a_till_is_missing_from_the_table(tmp_path: Path):
    centre = StandIn()
    centre.start()
    till = make_cabin(tmp_path / "cabina", centre)
    gets = pages_of(till.http.application)
    till.store.close()
    centre.stop()
    looked = {state.route.removeprefix("cabina:") for state in FULL if state.route.startswith("cabina:")}
    assert gets - NO_PAGES_OF_A_TILL - looked == set(), "give each its rows in tests/browser/pages.py"
    assert looked - gets == set() and NO_PAGES_OF_A_TILL - gets == set(), "gone"


def pages_of(app: Flask) -> set[str]:
    return {
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in rule.methods and not rule.rule.startswith(("/api/", "/static/")) and not A_FILE.search(rule.rule)
    }
