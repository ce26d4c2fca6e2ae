"""Properties of the centre's routes: access declared on each, every role tried on each, no change on GET."""

from __future__ import annotations

import pytest
from apiflask import APIFlask

from cac.access.roles import MAY, ROLES
from web.access import PUBLIC


def test_every_route_declares_who_may(app: APIFlask):
    silent = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static" and not hasattr(app.view_functions[rule.endpoint], "access")
    ]
    assert not silent


def test_every_declared_permission_is_in_the_table(app: APIFlask):
    declared = {getattr(view, "access", PUBLIC) for view in app.view_functions.values()} - {PUBLIC}
    assert declared <= set(MAY)


def test_every_role_of_the_table_exists():
    assert {role for roles in MAY.values() for role in roles} <= set(ROLES)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_refused_wherever_the_table_does_not_name_it(app: APIFlask, caller, role: str):
    asks, wrong = caller(role), []
    for rule in app.url_map.iter_rules():
        permission = getattr(app.view_functions.get(rule.endpoint), "access", PUBLIC)
        if not rule.rule.startswith("/api/v1/") or permission == PUBLIC:
            continue
        path = app.url_map.bind("").build(rule.endpoint, dict.fromkeys(rule.arguments, 1)).removeprefix("/api/v1")
        for method in rule.methods & {"GET", "POST"}:
            answer = asks.get(path) if method == "GET" else asks.post(path)
            refused = answer.status_code == 403 and answer.json["code"] == "acceso.negado"
            if refused == (role in MAY[permission]):
                wrong.append(f"{method} {path}: {answer.status_code}")
    assert not wrong


def test_without_a_token_every_private_call_is_401(app: APIFlask, client):
    for rule in app.url_map.iter_rules():
        permission = getattr(app.view_functions.get(rule.endpoint), "access", PUBLIC)
        if rule.rule.startswith("/api/v1/") and permission != PUBLIC:
            path = app.url_map.bind("").build(rule.endpoint, dict.fromkeys(rule.arguments, 1))
            method = "GET" if "GET" in rule.methods else "POST"
            assert client.open(path, method=method).status_code == 401, path
