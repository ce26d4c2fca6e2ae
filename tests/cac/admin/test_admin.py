"""The administrator's pages, as a person uses them with forms alone."""

from __future__ import annotations

import html
import re

import pytest

from cac.access import actions as access
from cac.access.identify import Identity
from core.clock import now_utc


def text_of(answer) -> str:
    return html.unescape(answer.get_data(as_text=True))


def test_the_admin_adds_a_person_who_can_then_enter(person, client):
    admin = person("admin")
    form = {"username": "luz", "name": "Luz Tirado", "role": "ventanilla", "password": "clave de luz"}
    answer = admin.post("/admin/personal", form, follow_redirects=True)
    assert "Luz Tirado ya puede entrar" in text_of(answer)
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/entrar").get_data(as_text=True))[1]
    entered = client.post("/entrar", data={"csrf_token": token, "username": "luz", "password": "clave de luz"})
    assert entered.status_code == 302


def test_a_refused_person_keeps_what_was_typed_and_says_it_beside_the_field(person):
    answer = person("admin").post(
        "/admin/personal", {"username": "luz", "name": "Luz", "role": "ventanilla", "password": "x"}
    )
    page = text_of(answer)
    assert answer.status_code == 422
    assert 'value="luz"' in page and 'id="password-error"' in page and "al menos 8" in page


def test_a_disabled_person_no_longer_enters_and_may_be_enabled_again(person, store):
    admin = person("admin")
    staff_id = store.write(
        access.add_staff, username="h", name="Hugo", role="unidad", password="una clave larga", now=now_utc()
    )
    admin.post(f"/admin/personal/{staff_id}/bajas")
    assert Identity(store).of_staff_id(staff_id).kind == "public"
    admin.post(f"/admin/personal/{staff_id}/reactivaciones")
    assert Identity(store).of_staff_id(staff_id).name == "Hugo"


def test_the_last_administrator_cannot_be_disabled(person, store):
    admin = person("admin")
    answer = admin.post("/admin/personal/1/bajas")
    assert answer.status_code == 409
    assert "Cree otra antes" in text_of(answer)


def test_a_token_is_shown_once_and_opens_the_api_until_it_is_revoked(person, client):
    admin = person("admin")
    form = {"name": "Web municipal", "role": "ventanilla"}
    first = text_of(admin.post("/admin/tokens", form, key="k1"))
    token = re.search(r'class="clave">([^<]+)<', first)[1]
    again = text_of(admin.post("/admin/tokens", form, key="k1"))
    assert token not in again and "ya estaba creado" in again
    assert token not in text_of(admin.get("/admin/tokens"))
    assert again.count("Web municipal</b>") == 1


def test_no_secret_stays_in_the_replies(person, store, app):
    admin = person("admin")
    made = text_of(admin.post("/admin/tokens", {"name": "x", "role": "ventanilla"}))
    token = re.search(r'class="clave">([^<]+)<', made)[1]
    with store.read() as session:
        answers = session.execute(app.extensions["replies"].select()).all()
    assert answers and all(token not in row.answer for row in answers)


def test_a_device_gets_a_one_time_address(person, store):
    made = text_of(person("admin").post("/admin/equipos", {"kind": "pantalla", "name": "TV 1"}))
    secret = re.search(r'class="clave">http://cac.example/emparejar/([^<]+)<', made)[1]
    assert store.write(access.pair_device, secret, now=now_utc())["kind"] == "pantalla"


def test_the_log_names_who_did_it_and_its_chain_can_be_checked(person):
    admin = person("admin", name="Rosa V.")
    admin.post("/admin/tokens", {"name": "x", "role": "ventanilla"})
    page = text_of(person("auditor").get("/admin/registro?q=token"))
    assert "Rosa V." in page and "Token: alta" in page and "Token x" in page
    assert "Íntegro" in text_of(admin.post("/admin/registro/comprobaciones"))


@pytest.mark.parametrize("role", ["ventanilla", "unidad", "supervisor", "auditor", "tesoreria"])
def test_only_the_administrator_sets_up(person, role: str):
    somebody = person(role)
    for path in ("/admin/personal", "/admin/equipos", "/admin/tokens"):
        assert somebody.get(path).status_code == 403
