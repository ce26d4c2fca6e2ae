"""A town of its own for each journey, and pages for its people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.demo import Town
from tests.journeys.people import PATIENCE_MS


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = Town(tmp_path / "demo")
    yield town
    town.close()


@pytest.fixture
def open_page(sounding_browser: Browser) -> Iterator[Callable[..., Page]]:
    """A page of a browser of its own, so that each is another person's; no page may fault or break its CSP."""
    contexts, faults = [], []

    def make(width: int, height: int, **options: object) -> Page:
        context = sounding_browser.new_context(viewport={"width": width, "height": height}, locale="es-PE", **options)
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
        page.on("console", lambda line: faults.append(line.text) if "Content Security" in line.text else None)
        return page

    yield make
    for context in contexts:
        context.close()
    assert faults == []
