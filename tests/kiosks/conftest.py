"""The centre with the hall's devices, on SQLite: what is tried here is pages, not the database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cac.access.actions import SYSTEM, create_device
from cac.app import create_app
from cac.base import Base
from cac.desk.demo import seed as seed_desk
from cac.paper.actions import add_printer, route_papers
from core.clock import now_utc
from kiosks.pages import add_pages
from storage import Store
from tests.databases import Databases
from web.settings import Settings


class Browser(FlaskClient):
    """Sends with each form the CSRF token of a page it opened."""

    def post(self, *args: Any, **kw: Any) -> TestResponse:
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get("/entrar", follow_redirects=True).text)
        assert token
        return super().post(*args, headers={"X-CSRFToken": token[1], **kw.pop("headers", {})}, **kw)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, public_url="http://cac.example", secret_key="only for tests")


@pytest.fixture
def store(databases: Databases) -> Iterator[Store]:
    url = databases.fresh("sqlite", Base.metadata)
    store = Store(url)
    yield store
    store.close()
    databases.drop(url)


@pytest.fixture
def sala(store: Store) -> None:
    """The sala "principal" with its services and ventanillas, and a printer for tickets whose paper nobody fetches."""
    now = now_utc()
    store.write(seed_desk, now=now)
    store.write(add_printer, name="kiosko", url="agent://kiosko", principal=SYSTEM, now=now)
    store.write(route_papers, purpose="tickets", sala=None, printer="kiosko", principal=SYSTEM, now=now)


@pytest.fixture
def app(store: Store, settings: Settings) -> APIFlask:
    app = create_app(store, settings)
    app.test_client_class = Browser
    add_pages(app, store, settings)
    return app


@pytest.fixture
def client(app: APIFlask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def pair(store: Store):
    """Pairs the browser `client` as a device of the sala "principal"."""

    def pair(client: FlaskClient, kind: str) -> None:
        secret = store.write(create_device, kind=kind, name=f"{kind} 1", sala="principal", now=now_utc())
        client.post(f"/emparejar/{secret}")

    return pair
