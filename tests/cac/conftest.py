"""The centre's application on a fresh database of each kind, and people to ask it things."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import MetaData
from werkzeug.test import TestResponse

from cac.access import actions as access
from cac.app import create_app
from cac.base import Base
from core.clock import now_utc
from storage import Store
from web.settings import Settings


@pytest.fixture
def schema() -> MetaData:
    return Base.metadata


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, public_url="http://cac.example", secret_key="only for tests")


@pytest.fixture
def app(store: Store, settings: Settings) -> APIFlask:
    return create_app(store, settings)


@pytest.fixture
def client(app: APIFlask) -> FlaskClient:
    return app.test_client()


class Caller:
    """A program with a token of one role. `post` sends a fresh Idempotency-Key unless told which."""

    def __init__(self, client: FlaskClient, token: str):
        self._client, self._token = client, token

    def get(self, path: str, **kw: Any) -> TestResponse:
        return self._client.get(f"/api/v1{path}", headers=self._headers(kw), **kw)

    def post(self, path: str, body: Any = None, *, key: str | None = None, **kw: Any) -> TestResponse:
        headers = self._headers(kw) | {"Idempotency-Key": uuid4().hex if key is None else key}
        return self._client.post(f"/api/v1{path}", json=body if body is not None else {}, headers=headers, **kw)

    def post_form(self, path: str, fields: dict[str, Any]) -> TestResponse:
        headers = self._headers({}) | {"Idempotency-Key": uuid4().hex}
        return self._client.post(f"/api/v1{path}", data=fields, headers=headers)

    def _headers(self, kw: dict[str, Any]) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}", **kw.pop("headers", {})}


@pytest.fixture
def caller(app: APIFlask, store: Store) -> Callable[..., Caller]:
    """`caller("ventanilla")` is a program with that role."""

    def make(role: str, **kw: Any) -> Caller:
        token = store.write(access.create_token, role=role, name=f"{role} de prueba", now=now_utc(), **kw)
        return Caller(app.test_client(), token)

    return make


class Person:
    """Somebody signed in at a browser without JavaScript. `post` sends the CSRF token and a fresh `_key`."""

    def __init__(self, client: FlaskClient, username: str, password: str):
        self._client = client
        self.csrf = self._token(client.get("/entrar"))
        self.post("/entrar", {"username": username, "password": password})

    def get(self, path: str, **kw: Any) -> TestResponse:
        return self._client.get(path, **kw)

    def post(self, path: str, form: dict[str, Any] | None = None, *, key: str | None = None, **kw: Any) -> TestResponse:
        data = {"csrf_token": self.csrf, "_key": key or uuid4().hex, **(form or {})}
        return self._client.post(path, data=data, **kw)

    @staticmethod
    def _token(page: TestResponse) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', page.get_data(as_text=True))
        assert found, "the page carries a CSRF token"
        return found[1]


@pytest.fixture
def person(app: APIFlask, store: Store) -> Callable[..., Person]:
    """`person("ventanilla")` is somebody of that role, signed in."""

    def make(role: str, **kw: Any) -> Person:
        username, password = f"{role}-{uuid4().hex[:6]}", "una clave larga"
        name = kw.pop("name", f"{role.title()} de prueba")
        store.write(access.add_staff, username=username, name=name, role=role, password=password, now=now_utc(), **kw)
        return Person(app.test_client(), username, password)

    return make
