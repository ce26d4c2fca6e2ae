"""What happens at the centre to a cabin's cases and bags is known at its till at the next talk, and what the till did meanwhile
without knowing it is settled and told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from cabinas.operators.actions import add_operator
from core.clock import now_utc
from tests.both_ends import Town
from tests.cabinas.conftest import PIN_HASH, Cabin, csrf, send


@pytest.fixture
def cabin(town: Town) -> Cabin:
    cabin = town.pair("C01")
    cabin.talk()
    return cabin


def signed_in(cabin: Cabin) -> FlaskClient:
    who = {"login": "cabina1", "name": "Elva Rojas", "pin_hash": PIN_HASH}
    cabin.store.write(add_operator, **who, now=now_utc())
    form = {"csrf_token": csrf(cabin.http.get("/entrar")), "usuario": "cabina1", "pin": "demo-cabina"}
    assert cabin.http.post("/entrar", data=form).status_code == 302
    return cabin.http


def cured_at_the_cac(caller: Callable[..., Any], number: str, *presented: str) -> Any:
    """Those requisites, or all that is missing."""
    brought = {"sheets": 1} | ({"presented": [*presented]} if presented else {})
    done = caller("ventanilla").post(f"/expedientes/{number}/subsanaciones", brought)
    assert done.status_code == 201, done.json
    return done.json


def test_what_was_brought_to_the_cac_is_not_asked_for_at_the_till(town: Town, cabin: Cabin, caller):
    number = cabin.file(missing=["2", "3"]).json["number"]
    cabin.talk()
    cured_at_the_cac(caller, number, "2")
    till = signed_in(cabin)
    assert "Lo llevaron al CAC" not in till.get(f"/registrado/{number}").text
    cabin.talk()
    assert "Lo llevaron al CAC" in till.get(f"/registrado/{number}").text
    rest = cabin.post(f"/expedientes/{number}/subsanaciones", {}).json
    assert (rest["presented"], rest["missing"]) == (["3"], [])
    cabin.talk()
    case = caller("ventanilla").get(f"/expedientes/{number}").json
    assert case["state"] == "recibido" and case["due_on"] == rest["due_on"]
    town.agree()


def test_a_cure_at_the_till_of_what_the_cac_had_taken_joins_the_case_and_both_ends_tell_the_same_term(
    town: Town, cabin: Cabin, caller
):
    number = cabin.file(missing=["2"]).json["number"]
    cabin.talk()
    at_the_cac = cured_at_the_cac(caller, number)
    assert cabin.post(f"/expedientes/{number}/subsanaciones", {"sheets": 3}).status_code == 201  # nobody told it yet
    cabin.talk()
    cabin.talk()
    page = signed_in(cabin).get(f"/registrado/{number}").text
    assert "El CAC ya lo había recibido antes" in page and "Lo llevaron al CAC" in page
    case = caller("ventanilla").get(f"/expedientes/{number}").json
    assert case["documents"][-1]["sheets"] == 3 and case["due_on"] == at_the_cac["due_on"]
    assert cabin.get("/sync").json["quarantined"] == 0


def test_the_halves_of_a_cure_made_at_both_ends_make_it_whole(town: Town, cabin: Cabin, caller):
    number = cabin.file(missing=["2", "3"]).json["number"]
    cabin.talk()
    cured_at_the_cac(caller, number, "2")
    half = cabin.post(f"/expedientes/{number}/subsanaciones", {"presented": ["3"]}).json
    assert half["missing"] == ["2"], "as far as the till knew"
    cabin.talk()
    cabin.talk()
    case = caller("ventanilla").get(f"/expedientes/{number}").json
    assert case["state"] == "recibido" and case["due_on"]
    page = signed_in(cabin).get(f"/registrado/{number}").text
    assert "Observación subsanada" in page and "Respuesta hasta" in page


def test_a_bag_is_followed_from_the_till_to_the_cac_and_what_lacked_comes_in_the_next(
    town: Town, cabin: Cabin, caller, person
):
    here, lost = cabin.file().json["number"], cabin.file().json["number"]
    till, clerk = signed_in(cabin), person("ventanilla")
    send(till, "/valija", "/valijas", number=[here, lost])
    cabin.talk()
    assert "En camino" in till.get("/valija").text
    clerk.post("/valijas/V-C01A-0001/recepciones", {"scanned": here})
    cabin.talk()
    assert "Llegó: la revisan" in till.get("/valija").text
    clerk.post("/valijas/V-C01A-0001/cierres")
    cabin.talk()
    assert "Falta 1" in till.get("/valija").text and "No llegaron" in till.get("/").text
    send(till, "/valija", "/valijas", number=lost)
    cabin.talk()
    clerk.post("/valijas/V-C01A-0002/recepciones", {"scanned": lost})
    clerk.post("/valijas/V-C01A-0002/cierres")
    cabin.talk()
    page = till.get("/valija").text
    assert page.count("Llegó completa") == 2, "it is looked for in the first bag no more"
    assert caller("tesoreria").get("/cabinas/C01").json["alarms"] == []
    assert "En el CAC" in till.get(f"/registrado/{lost}").text


def test_a_new_pc_knows_what_left_in_bags_and_gives_no_code_twice(town: Town, cabin: Cabin, caller):
    number, kept = cabin.file().json["number"], cabin.file(missing=["2"]).json["number"]
    send(signed_in(cabin), "/valija", "/valijas", number=number)
    cabin.talk()
    cured_at_the_cac(caller, kept)
    town.stop(cabin)
    other = town.pair("C01")
    other.talk()
    till = signed_in(other)
    page = till.get("/valija").text
    assert "V-C01A-0001" in page and kept in page and f'value="{number}"' not in page
    assert "Lo llevaron al CAC" in till.get(f"/registrado/{kept}").text
    assert send(till, "/valija", "/valijas", number=number).status_code == 409
