"""Signing in, tokens and devices, over the application's own HTTP."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from cac.access import actions
from cac.access.identify import Identity
from cac.app import create_app
from core.clock import now_utc
from core.errors import Invalid
from storage import Store
from web.access import ANYBODY
from web.settings import Settings


def sign_in(client: FlaskClient, username: str, password: str, **extra: str):
    page = client.get("/entrar").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token, "the sign-in page carries a CSRF token"
    return client.post("/entrar", data={"csrf_token": token[1], "username": username, "password": password, **extra})


def focused(page: str) -> list[str]:
    return re.findall(r'<input id="(\w+)"[^>]* autofocus', page)


@pytest.fixture
def person(store: Store) -> int:
    return store.write(
        actions.add_staff, username="luz", name="Luz T.", role="ventanilla", password="una clave larga", now=now_utc()
    )


def test_a_person_signs_in_and_lands_on_the_page_of_its_role(client: FlaskClient, person: int):
    answer = sign_in(client, "luz", "una clave larga")
    assert (answer.status_code, answer.location) == (302, "/ventanilla")


def test_a_wrong_password_keeps_the_typed_name_and_says_what_to_do(client: FlaskClient, person: int):
    answer = sign_in(client, "luz", "otra clave")
    assert answer.status_code == 403
    assert 'value="luz"' in answer.get_data(as_text=True)
    assert "no coinciden" in answer.get_data(as_text=True)


def test_the_cursor_waits_where_the_person_must_type(client: FlaskClient, person: int):
    asked = client.get("/entrar").get_data(as_text=True)
    refused = sign_in(client, "luz", "otra clave").get_data(as_text=True)
    assert [focused(page) for page in (asked, refused)] == [["username"], ["password"]]


def test_many_wrong_passwords_are_stopped_even_if_the_next_is_right(client: FlaskClient, person: int):
    for _ in range(actions.TRIES_PER_NAME):
        sign_in(client, "luz", "otra clave")
    assert sign_in(client, "luz", "una clave larga").status_code == 429


def test_a_form_without_its_csrf_token_is_refused(client: FlaskClient, person: int):
    answer = client.post("/entrar", data={"username": "luz", "password": "una clave larga"})
    assert answer.status_code == 403


def test_sign_in_never_sends_the_person_to_another_site(client: FlaskClient, person: int):
    assert sign_in(client, "luz", "una clave larga", next="//malo.example/").location == "/ventanilla"


def test_demo_accounts_are_refused_when_the_server_listens_to_the_network(store: Store, tmp_path: Path):
    now = now_utc()
    store.write(actions.add_staff, username="d", name="D", role="admin", password="demo-admin", now=now, demo=True)
    open_to_all = create_app(store, Settings(data_dir=tmp_path, host="0.0.0.0", secret_key="only for tests"))
    assert sign_in(open_to_all.test_client(), "d", "demo-admin").status_code == 403


def test_no_token_is_401_and_a_token_of_no_known_role_cannot_be_made(client: FlaskClient, store: Store):
    with pytest.raises(Invalid):
        store.write(actions.create_token, role="jefe", name="x", now=now_utc())
    answer = client.get("/api/v1/nope")
    assert answer.status_code == 404 and answer.json["code"] == "recurso.no_existe"


def test_a_device_is_paired_once_and_forgotten_when_revoked(store: Store):
    now, identity = now_utc(), Identity(store)
    secret = store.write(actions.create_device, kind="pantalla", name="TV 1", sala="principal", now=now)
    paired = store.write(actions.pair_device, secret, now=now)
    with pytest.raises(actions.PairingUnknown):
        store.write(actions.pair_device, secret, now=now)
    screen = identity.of_cookie(paired["cookie"])
    assert (screen.role, screen.sala) == ("pantalla", "principal")
    store.write(actions.revoke_device, screen.id, principal=actions.SYSTEM, now=now)
    assert Identity(store).of_cookie(paired["cookie"]) is ANYBODY


def test_a_pairing_link_expires(store: Store):
    now = now_utc()
    secret = store.write(actions.create_device, kind="kiosko", name="K", sala="principal", now=now)
    with pytest.raises(actions.PairingUnknown):
        store.write(actions.pair_device, secret, now=now + actions.PAIRING_VALID + timedelta(seconds=1))
