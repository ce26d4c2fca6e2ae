"""Files and public pages go compressed, whoever asks again gets "not changed", and a signed-in person's page goes as it is."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from cac.access.actions import add_staff
from cac.app import create_app
from cac.base import Base
from core.clock import now_utc
from storage import Store
from web.settings import Settings

GZIP = {"Accept-Encoding": "gzip, br"}
SHEET = "/static/css/tokens.css"


@pytest.fixture(scope="module")
def store(databases):
    store = Store(databases.fresh("sqlite", Base.metadata))
    yield store
    store.close()


@pytest.fixture(scope="module")
def app(store, tmp_path_factory):
    return create_app(store, Settings(data_dir=tmp_path_factory.mktemp("compresion"), secret_key="only for tests"))


@pytest.fixture
def client(app):
    return app.test_client()


def test_a_file_goes_compressed_and_whole(client):
    plain, packed = client.get(SHEET), client.get(SHEET, headers=GZIP)
    assert "Content-Encoding" not in plain.headers and plain.data == Path(SHEET[1:]).read_bytes()
    assert packed.headers["Content-Encoding"] == "gzip" and gzip.decompress(packed.data) == plain.data
    assert len(packed.data) == packed.content_length < len(plain.data) / 2
    assert "Accept-Encoding" in packed.headers["Vary"] and "Accept-Encoding" in plain.headers["Vary"]
    assert client.get(SHEET, headers=GZIP).data == packed.data


def test_a_file_already_held_is_not_sent_again(client):
    etag = client.get(SHEET, headers=GZIP).headers["ETag"]
    assert etag.startswith("W/")
    again = client.get(SHEET, headers=GZIP | {"If-None-Match": etag})
    assert again.status_code == 304 and not again.data


def test_a_font_and_a_picture_go_as_they_are(client):
    font = client.get("/static/vendor/fonts/atkinson-400.woff2", headers=GZIP)
    assert "Content-Encoding" not in font.headers and font.cache_control.max_age == 30 * 86_400


def test_the_drawings_are_kept_by_the_browser_under_an_address_that_changes_with_them(client):
    address = re.search(r"/static/vendor/tabler\.svg\?v=[0-9a-f]+", client.get("/entrar").text)
    assert address and client.get(address[0]).cache_control.max_age == 30 * 86_400


def test_only_a_page_of_nobody_in_particular_is_compressed(client, store):
    account = {"username": "luz", "name": "Luz", "role": "ventanilla", "password": "una clave larga"}
    store.write(add_staff, **account, now=now_utc())
    page = client.get("/entrar", headers=GZIP)
    assert page.headers["Content-Encoding"] == "gzip"
    token = gzip.decompress(page.data).decode().split('name="csrf_token" value="', 1)[1].split('"', 1)[0]
    client.post("/entrar", data={"username": "luz", "password": "una clave larga", "csrf_token": token})
    mine = client.get("/impresiones", headers=GZIP)
    assert mine.status_code == 200 and "Content-Encoding" not in mine.headers
    assert client.head(SHEET, headers=GZIP).status_code == 200


def test_a_page_refused_before_anybody_is_known_is_still_that_refusal(client):
    assert client.post("/entrar", data={"username": "luz"}, headers=GZIP).status_code == 403
