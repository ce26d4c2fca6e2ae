"""A new trámite that is not finished: it survives its page and another's sign-out, and is never charged twice."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from cabinas.filing.models import Draft, Expediente
from cabinas.operators.actions import add_operator
from tests.cabinas.conftest import PIN_HASH, Cabin, csrf, later, send
from tests.cabinas.test_pages import FORM

OFFER = "Quedó una ficha sin terminar"


def opened(http: FlaskClient, path: str = "/nuevo?tramite=RC-01") -> tuple[TestResponse, dict[str, str]]:
    """The page and what its form carries besides what is typed."""
    page = http.get(path, follow_redirects=True)
    key = re.search(r'name="_key" value="([^"]+)"', page.text)
    assert key
    return page, {"csrf_token": csrf(page), "_key": key[1]}


def typed(http: FlaskClient, **changes: Any) -> dict[str, Any]:
    """A form that was begun and saved itself; what it would send."""
    _, carried = opened(http)
    data = {**carried, **FORM, **changes}
    assert http.post("/nuevo/borradores", data=data).status_code == 200
    return data


def filed(cabin: Cabin) -> int:
    with cabin.store.read() as session:
        return session.scalar(select(func.count()).select_from(Expediente)) or 0


def go_on(http: FlaskClient) -> str:
    link = re.search(r'href="(/nuevo\?borrador=[^"]+)"', http.get("/nuevo").text)
    assert link
    return http.get(link[1]).text


def sign_in(http: FlaskClient, **more: str) -> TestResponse:
    page = http.get("/entrar")
    return http.post("/entrar", data={"csrf_token": csrf(page), "usuario": "cabina1", "pin": "demo-cabina", **more})


def test_what_is_typed_is_kept_and_offered_until_it_is_filed(cabin: Cabin, operator: FlaskClient):
    data = typed(operator, requisito=["1", "3"], method="banco", phone="976123456")
    for page in (operator.get("/nuevo").text, operator.get("/nuevo?tramite=RC-02").text):
        assert OFFER in page and "a las 10:42" in page and "Nélida Chuquimango Soto" in page
    again = go_on(operator)
    assert 'value="10117410"' in again and 'value="976123456"' in again and again.count(" checked") == 2
    assert 'value="banco" selected' in again and f'value="{data["_key"]}"' in again
    assert operator.post("/nuevo", data=data).status_code == 303
    assert OFFER not in operator.get("/nuevo").text and filed(cabin) == 1


def test_a_draft_sent_from_two_pages_is_charged_once(cabin: Cabin, operator: FlaskClient):
    data = typed(operator)
    same = re.search(r'name="_key" value="([^"]+)"', go_on(operator))
    assert same and same[1] == data["_key"]
    first, second = operator.post("/nuevo", data=data), operator.post("/nuevo", data=data)
    assert first.location == second.location and cabin.held == 1_100


def test_a_save_that_comes_late_does_not_bring_back_what_was_filed(cabin: Cabin, operator: FlaskClient):
    data = typed(operator)
    assert operator.post("/nuevo", data=data).status_code == 303
    assert operator.post("/nuevo/borradores", data=data).status_code == 204
    assert OFFER not in operator.get("/nuevo").text


def test_a_refused_filing_keeps_its_draft_and_its_key(operator: FlaskClient):
    data = typed(operator, name="")
    refused = operator.post("/nuevo", data=data)
    assert refused.status_code == 422 and f'value="{data["_key"]}"' in refused.text
    assert OFFER in operator.get("/nuevo").text


def test_it_is_discarded_by_a_press_and_forgotten_after_a_week(cabin: Cabin, operator: FlaskClient):
    data = typed(operator)
    drop = f"/nuevo/borradores/{data['_key']}/bajas"
    assert operator.post(drop, data={"csrf_token": data["csrf_token"]}).status_code == 303
    assert OFFER not in operator.get("/nuevo").text
    typed(operator)
    later(days=8)
    typed(operator)
    with cabin.store.read() as session:
        assert session.scalar(select(func.count()).select_from(Draft)) == 1


def test_a_draft_is_of_its_operator(cabin: Cabin, operator: FlaskClient):
    data = typed(operator)
    other(cabin, operator)
    assert OFFER not in operator.get("/nuevo").text
    opened_by_another = operator.get(f"/nuevo?borrador={data['_key']}", follow_redirects=True).text
    assert "10117410" not in opened_by_another


def other(cabin: Cabin, http: FlaskClient) -> None:
    """In another tab this one goes and Rosa comes."""
    cabin.store.write(add_operator, login="rosa", name="Rosa T.", pin_hash=PIN_HASH, now=later(seconds=1))
    http.post("/salir", data={"csrf_token": csrf(http.get("/"))})
    sign_in(http, usuario="rosa")


def test_another_came_in_in_another_tab_and_all_that_was_typed_comes_back(cabin: Cabin, operator: FlaskClient):
    data = typed(operator)
    other(cabin, operator)
    back = operator.post("/nuevo", data=data | {"subject": "Escrito después"})
    assert back.status_code == 403 and "No se cobró nada" in back.text and "a nombre de Rosa T." in back.text
    assert 'value="Escrito después"' in back.text and 'value="10117410"' in back.text and filed(cabin) == 0
    sent = operator.post("/nuevo", data=data | {"csrf_token": csrf(back)})
    assert sent.status_code == 303 and filed(cabin) == 1


def test_signed_out_in_another_tab_the_sign_in_carries_what_was_typed(cabin: Cabin, operator: FlaskClient):
    _, carried = opened(operator)
    operator.post("/salir", data={"csrf_token": carried["csrf_token"]})
    asked = operator.post("/nuevo", data={**carried, **FORM, "requisito": ["1", "3"]})
    assert asked.status_code == 401 and "no se perdió" in asked.text and filed(cabin) == 0
    form = re.findall(r'<input type="hidden" name="(ficha\.[^"]+)" value="([^"]*)"', asked.text)
    wrong = operator.post("/entrar", data=sign_in_form(asked, form, pin="0000"))
    assert wrong.status_code == 401 and wrong.text.count('name="ficha.') == len(form), "a wrong PIN loses nothing"
    entered = operator.post("/entrar", data=sign_in_form(wrong, form))
    assert entered.status_code == 302 and "/nuevo?borrador=" in entered.location
    page = operator.get(entered.location).text
    assert 'value="10117410"' in page and page.count(" checked") == 2


def sign_in_form(page: TestResponse, carried: list[tuple[str, str]], pin: str = "demo-cabina") -> dict[str, Any]:
    form: dict[str, Any] = {"csrf_token": csrf(page), "usuario": "cabina1", "pin": pin}
    for name, text in carried:
        form.setdefault(name, []).append(text)
    return form


def test_what_was_filed_before_the_sign_out_is_not_filed_again_after_it(cabin: Cabin, operator: FlaskClient):
    data = typed(operator)
    done = operator.post("/nuevo", data=data)
    other(cabin, operator)
    again = operator.post("/nuevo", data=data)  # the first answer never arrived: the browser sends it again
    assert (again.status_code, again.location) == (303, done.location) and filed(cabin) == 1


@pytest.mark.parametrize("path", ["/barra", "/hoy", "/nuevo/persona?document_number=10117410"])
def test_the_sign_in_page_is_not_put_inside_a_page_left_open(cabin: Cabin, path: str):
    assert cabin.http.get(path, headers={"HX-Request": "true"}).status_code == 401


def test_any_other_form_left_behind_says_so_and_not_that_nobody_may(cabin: Cabin, operator: FlaskClient):
    page = operator.get("/caja")
    other(cabin, operator)
    refused = operator.post("/remesas", data={"csrf_token": csrf(page), "_key": "x", "importe": "1.00"})
    assert refused.status_code == 403 and "No tiene permiso" not in refused.text and "otra sesión" in refused.text
    assert send(operator, "/caja", "/remesas", importe="1.00", referencia="BN").status_code == 409
