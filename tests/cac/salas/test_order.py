"""The calling order of a sala, read, tried and saved by forms alone."""

from __future__ import annotations

import html

import pytest
from sqlalchemy import select

from cac.access.actions import SYSTEM
from cac.audit.models import AuditEntry
from cac.desk import actions
from cac.desk.demo import seed
from cac.desk.models import Sala
from core.clock import now_utc
from ticketing.rules import DEFAULT, Kind, Policy, Rule, parse_policy, policy_as_form

PAGE = "/admin/salas/principal/orden"
WAITED_FIRST = Policy((Rule(Kind.WAITED, 60), Rule(Kind.PREFERENTE)))


def text_of(answer) -> str:
    return html.unescape(answer.get_data(as_text=True))


@pytest.fixture
def admin(person, store):
    store.write(seed, now_utc())
    return person("admin")


@pytest.fixture
def queue(store, admin):
    """A ventanilla open; a general and a preferente wait."""
    store.write(actions.open_ventanilla, actions.Press(SYSTEM, now_utc(), number=1))
    for preferente in (False, True):
        given = {"channel": "web", "principal": SYSTEM, "public_url": "http://cac.example", "now": now_utc()}
        store.write(actions.issue, "A", preferente=preferente, **given)


def policy_of(store) -> Policy:
    with store.read() as session:
        return parse_policy(session.scalars(select(Sala)).one().policy)


def test_the_order_in_force_is_told_in_words_with_whom_each_ventanilla_would_call(admin, queue):
    page = text_of(admin.get(PAGE))
    assert "los preferentes antes que los generales (Ley 28683)" in page
    assert page.index("P-001") < page.index("A-001")
    assert "Se aparta" not in page


def test_an_order_is_tried_on_the_queue_without_saving_it(admin, store, queue):
    page = text_of(admin.post(PAGE, policy_as_form(WAITED_FIRST) | {"probar": "1"}))
    assert "sin guardar" in page and "quien espera más de 60 minutos" in page
    assert "Un general que espera más de 60 minutos pasa antes que un preferente más reciente." in page
    assert policy_of(store) == DEFAULT


def test_a_saved_order_counts_at_once_and_is_in_the_log(admin, store):
    saved = admin.post(PAGE, policy_as_form(WAITED_FIRST), follow_redirects=True)
    assert "Orden de llamado guardado" in text_of(saved) and policy_of(store) == WAITED_FIRST
    with store.read() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "sala.orden")).one()
    assert entry.role == "admin" and "más de 60 minutos" in entry.detail


def test_a_refused_order_keeps_what_was_typed_and_says_it_beside_the_field(admin, store):
    answer = admin.post(PAGE, policy_as_form(WAITED_FIRST) | {"valor-espera_mayor": "2000"})
    page = text_of(answer)
    assert answer.status_code == 422 and 'id="valor-espera_mayor-error"' in page and 'value="2000"' in page
    assert "entre 5 y 480" in page and policy_of(store) == DEFAULT
    assert admin.post(PAGE, {"lugar-servicio_propio_primero": "1"}).status_code == 422


def test_an_unknown_sala_is_not_found(admin):
    assert admin.get("/admin/salas/otra/orden").status_code == 404
    assert admin.post("/admin/salas/otra/orden", policy_as_form(DEFAULT)).status_code == 404
