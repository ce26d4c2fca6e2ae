"""Who asks at the till: an operator signed in on its pages, a program with a token on its API; and from where."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, request, session

from cabinas.operators import queries
from cabinas.operators.models import Operator
from core.errors import Forbidden
from storage import Store
from web.access import ANYBODY, Principal, is_api

OPERATOR, RESPONSIBLE = "operador", "responsable"
MAY = {OPERATOR: frozenset({"caja"}), RESPONSIBLE: frozenset({"caja", "operadores"})}
OWN_NAMES = ("127.0.0.1", "localhost", "::1")
SESSION_KEY, PIN_KEY = "operador", "pin"


class ForeignOrigin(Forbidden):
    code = "acceso.origen_ajeno"
    detail = "Esta caja solo responde a sus propias páginas. Ábrala escribiendo su dirección en el navegador."


def may(role: str, permission: str) -> bool:
    return permission in MAY.get(role, ())


def identify(store: Store) -> Principal:
    if is_api():
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        return _of_token(store, text) if scheme.lower() == "bearer" else ANYBODY
    operator_id = session.get(SESSION_KEY)
    if not isinstance(operator_id, int):
        return ANYBODY
    with store.read() as reading:
        operator = queries.by_id(reading, operator_id)
        if operator is None or session.get(PIN_KEY) != queries.pin_mark(operator):
            return ANYBODY
        role = RESPONSIBLE if operator.responsible else OPERATOR
        return Principal("staff", operator.id, operator.name, role)


def begin_session(operator: Operator) -> None:
    """This browser is theirs, until they sign out, leave the cabin or have another PIN."""
    session.clear()
    session[SESSION_KEY], session[PIN_KEY] = operator.id, queries.pin_mark(operator)


def _of_token(store: Store, text: str) -> Principal:
    with store.read() as reading:
        found = queries.token(reading, text)
        return Principal("token", found.id, found.name, OPERATOR) if found else ANYBODY


def guard_origin(app: Flask) -> None:
    """Refuse a request that names another Host (a name rebound to this PC) or comes from another site's page."""

    @app.before_request
    def check() -> None:
        if urlsplit(f"//{request.host}").hostname not in OWN_NAMES:
            raise ForeignOrigin()
        origin = request.headers.get("Origin")
        if origin is not None and origin != f"{request.scheme}://{request.host}":
            raise ForeignOrigin()
        if request.method != "GET" and request.headers.get("Sec-Fetch-Site", "same-origin") not in (
            "same-origin",
            "none",
        ):
            raise ForeignOrigin()
