"""Who works at the till: the responsible says who, and nobody's past is deleted."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from cabinas.operators import routes
from cabinas.operators.actions import hash_pin
from cabinas.operators.models import Operator
from cabinas.operators.rules import WRONG_PINS_MAX, PinTooEasy, PinTooShort
from cabinas.operators.tries import Tries
from tests.cabinas.conftest import Cabin, csrf, later

ROSA = {"name": "Rosa Quispe Leyva", "usuario": "Rosa", "pin": "lima-7", "otra_vez": "lima-7"}


@pytest.fixture(autouse=True)
def tries_of_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "tries", Tries())


def press(http: FlaskClient, action: str, *, page: str = "/operadores", **fields: str) -> TestResponse:
    return http.post(action, data={"csrf_token": csrf(http.get(page)), **fields})


def enter(cabin: Cabin, login: str, pin: str) -> FlaskClient | None:
    """Another browser at the till, signed in; None when it was not let in."""
    http = cabin.http.application.test_client()
    sent = http.post("/entrar", data={"csrf_token": csrf(http.get("/entrar")), "usuario": login, "pin": pin})
    return http if sent.status_code == 302 else None


def id_of(cabin: Cabin, login: str) -> int:
    with cabin.store.read() as session:
        return session.scalars(select(Operator.id).where(Operator.login == login)).one()


def test_the_first_one_answers_for_the_cabin_and_adds_another(cabin: Cabin, operator: FlaskClient):
    assert "Responsable" in operator.get("/operadores").text
    assert press(operator, "/operadores", **ROSA).status_code == 303
    rosa = enter(cabin, "rosa", "lima-7")
    assert rosa is not None and rosa.get("/nuevo").status_code == 200
    assert "Operadores" not in rosa.get("/").text and rosa.get("/operadores").status_code == 403
    page = operator.get("/operadores").text
    assert "Rosa Quispe Leyva" in page and "Entró a trabajar" in page and "Elva Rojas" in page


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"usuario": "cabina1"}, "Ya hay un operador con ese usuario"),
        ({"usuario": "rosa quispe"}, "sin espacios"),
        ({"name": "elva  rojas"}, "segundo apellido"),
        ({"name": " "}, "nombre y apellido"),
        ({"otra_vez": "otro"}, "no son iguales"),
        ({"pin": "123", "otra_vez": "123"}, "al menos 4"),
        ({"pin": "1234", "otra_vez": "1234"}, "se adivina"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_keeps_what_was_typed(
    cabin: Cabin, operator: FlaskClient, changed: dict[str, str], said: str
):
    refused = press(operator, "/operadores", **ROSA | changed)
    assert refused.status_code in (409, 422) and said in refused.text and "aria-invalid" in refused.text
    assert 'value="lima-7"' not in refused.text, "a PIN is never written back"
    with cabin.store.read() as session:
        assert len(session.scalars(select(Operator)).all()) == 1


@pytest.mark.parametrize("pin", ["0000", "4567", "dcba"[::-1], "qwerty", "9876", "rosa"])
def test_a_pin_that_is_guessed_is_refused(pin: str):
    with pytest.raises(PinTooEasy):
        hash_pin(pin, login="rosa")


def test_a_pin_has_four_characters_at_least():
    with pytest.raises(PinTooShort):
        hash_pin("7x9")


def test_who_leaves_is_out_at_their_next_press_and_what_they_did_stays(cabin: Cabin, operator: FlaskClient):
    press(operator, "/operadores", **ROSA)
    rosa = enter(cabin, "rosa", "lima-7")
    assert rosa is not None
    assert press(operator, f"/operadores/{id_of(cabin, 'rosa')}/bajas").status_code == 303
    assert rosa.get("/").status_code == 302 and enter(cabin, "rosa", "lima-7") is None
    page = operator.get("/operadores").text
    assert "Quienes ya no trabajan aquí" in page and "Dejó de trabajar" in page


def test_who_comes_back_is_the_same_operator_with_another_pin(cabin: Cabin, operator: FlaskClient):
    press(operator, "/operadores", **ROSA)
    first = id_of(cabin, "rosa")
    press(operator, f"/operadores/{first}/bajas")
    again = press(operator, "/operadores", **ROSA | {"pin": "cusco-8", "otra_vez": "cusco-8"})
    assert again.status_code == 303 and id_of(cabin, "rosa") == first
    assert enter(cabin, "rosa", "lima-7") is None and enter(cabin, "rosa", "cusco-8")
    assert "Volvió a trabajar" in operator.get("/operadores").text


def test_somebody_always_answers_for_the_cabin(cabin: Cabin, operator: FlaskClient):
    press(operator, "/operadores", **ROSA)
    me, rosa = id_of(cabin, "cabina1"), id_of(cabin, "rosa")
    for action in (f"/operadores/{me}/bajas", f"/operadores/{me}/cargos"):
        refused = press(operator, action, responsable="no")
        assert refused.status_code == 409 and "Alguien debe responder" in refused.text
    assert press(operator, f"/operadores/{rosa}/cargos", responsable="si").status_code == 303
    assert press(operator, f"/operadores/{me}/cargos", responsable="no").location == "/"
    assert operator.get("/operadores").status_code == 403 and operator.get("/").status_code == 200


def test_the_responsible_gives_another_pin(cabin: Cabin, operator: FlaskClient):
    press(operator, "/operadores", **ROSA)
    rosa = id_of(cabin, "rosa")
    wrong = press(operator, f"/operadores/{rosa}/pin", pin="puno-9", otra_vez="otro")
    assert wrong.status_code == 422 and "no son iguales" in wrong.text
    assert press(operator, f"/operadores/{rosa}/pin", pin="puno-9", otra_vez="puno-9").status_code == 303
    assert enter(cabin, "rosa", "lima-7") is None and enter(cabin, "rosa", "puno-9")
    assert press(operator, "/operadores/999/pin", pin="puno-9", otra_vez="puno-9").status_code == 404


def test_each_changes_their_own_pin_knowing_the_one_they_have(cabin: Cabin, operator: FlaskClient):
    new = {"pin": "piura-3", "otra_vez": "piura-3"}
    for _ in range(6):  # guessing from a till left open is limited as the sign-in is
        refused = press(operator, "/mi-pin", page="/mi-pin", actual="otro", **new)
        assert refused.status_code == 403 and "no es ese" in refused.text
    assert press(operator, "/mi-pin", page="/mi-pin", actual="demo-cabina", **new).status_code == 403
    later(minutes=2)
    assert press(operator, "/mi-pin", page="/mi-pin", actual="demo-cabina", **new).status_code == 303
    assert enter(cabin, "cabina1", "piura-3") and enter(cabin, "cabina1", "demo-cabina") is None


def test_another_pin_ends_what_was_open_elsewhere(cabin: Cabin, operator: FlaskClient):
    press(operator, "/operadores", **ROSA)
    rosa, elva = enter(cabin, "rosa", "lima-7"), enter(cabin, "cabina1", "demo-cabina")
    press(operator, f"/operadores/{id_of(cabin, 'rosa')}/pin", pin="puno-9", otra_vez="puno-9")
    assert rosa.get("/nuevo").status_code in (302, 401, 403)
    press(operator, "/mi-pin", page="/mi-pin", actual="demo-cabina", pin="piura-3", otra_vez="piura-3")
    assert operator.get("/nuevo").status_code == 200, "who changed it goes on"
    assert elva.get("/nuevo").status_code != 200


def test_many_wrong_pins_in_a_row_shut_a_user_out_even_of_a_till_that_restarts(
    cabin: Cabin, operator: FlaskClient, monkeypatch: pytest.MonkeyPatch
):
    press(operator, "/operadores", **ROSA)
    for _ in range(WRONG_PINS_MAX):
        monkeypatch.setattr(routes, "tries", Tries())  # what a restart forgets
        assert enter(cabin, "rosa", "nada") is None
    assert enter(cabin, "rosa", "lima-7") is None, "the right one comes too late"
    assert "Cerrado por PIN equivocados" in operator.get("/operadores").text
    press(operator, f"/operadores/{id_of(cabin, 'rosa')}/pin", pin="puno-9", otra_vez="puno-9")
    assert enter(cabin, "rosa", "puno-9")


def test_a_right_pin_forgets_the_wrong_ones(cabin: Cabin, operator: FlaskClient, monkeypatch: pytest.MonkeyPatch):
    press(operator, "/operadores", **ROSA)
    for _ in range(2):
        for _ in range(WRONG_PINS_MAX - 1):
            monkeypatch.setattr(routes, "tries", Tries())
            enter(cabin, "rosa", "nada")
        monkeypatch.setattr(routes, "tries", Tries())
        assert enter(cabin, "rosa", "lima-7")


def test_a_program_is_shown_and_its_token_taken_away(cabin: Cabin, operator: FlaskClient):
    assert "Programas que usan la caja" in operator.get("/operadores").text and cabin.get("/caja").status_code == 200
    assert press(operator, "/operadores/programas/1/bajas").status_code == 303
    assert cabin.get("/caja").status_code == 401
