"""What all tests share: databases, stores, servers, a browser. One good set, so that no test makes its own."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright
from sqlalchemy import MetaData

from storage import Store
from tests.databases import Databases, missing
from tests.servers import Demo, PrivateRedis, copy_demo, prepare_demo

# as root Chromium needs --no-sandbox; the rest keeps it from looking for its maker's servers
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
SOUND = "--autoplay-policy=no-user-gesture-required"
expect.set_options(timeout=30_000)  # a deadline for a starved machine, not a pace


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever starts a database says so, so that the quick part can do without. A page is tried once more, and told.

    Chromium on a starved machine now and then loses seconds of its own. What has no page gets one try only.
    The long files come first, so that at the end no worker waits for another's journey.
    """
    for item in items:
        if "databases" in getattr(item, "fixturenames", ()):
            item.add_marker("database")
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))
    long = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in long)


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    databases = Databases(tmp_path_factory.mktemp("databases"))
    yield databases
    databases.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, databases: Databases, schema: MetaData) -> Iterator[str]:
    """A new database with the tables of `schema`, once on SQLite and once on PostgreSQL."""
    url = databases.fresh(request.param, schema)
    yield url
    databases.drop(url)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A store on a database of the test's own, once on SQLite and once on PostgreSQL."""
    store = Store(database_url)
    yield store
    store.close()


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    server = PrivateRedis()
    yield server.url
    server.stop()


@pytest.fixture(scope="session")
def demo_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration's data as `run.py demo --prepare` makes it, once for all workers; copy it, never use it."""
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    with open(root / "demo.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return root / "demo" if (root / "demo" / "centro").exists() else prepare_demo(root / "demo")


@pytest.fixture
def demo(demo_model: Path, tmp_path: Path) -> Iterator[Demo]:
    """The demonstration's data for one test: `demo.serve()` starts the centre as a process, `demo.token("kiosko")`."""
    demo = copy_demo(demo_model, tmp_path / "demo")
    yield demo
    demo.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium through Playwright; a test opens a context of its own."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        missing("Chromium", "apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def sounding_browser(browser: Browser) -> Iterator[Browser]:
    """A browser that may play sound by itself, as kiosks and screens are set up."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    sounding = browser.browser_type.launch(executable_path=program, args=[*CHROMIUM, SOUND])
    yield sounding
    sounding.close()
