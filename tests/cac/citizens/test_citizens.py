"""One person, one row: the registered name stays until somebody looks at the document."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from cac.access.actions import SYSTEM
from cac.citizens import actions, queries
from cac.citizens.models import Person
from intake.filing import Person as Told
from storage import Store

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
NELIDA = Told("DNI", "10117410", "Nélida Chuquimango Soto", phone="976000111")


def register(store: Store, told: Told, **kw: bool) -> actions.Registered:
    return store.write(actions.register, told, principal=SYSTEM, now=NOW, **kw)


def test_a_person_is_registered_once(store: Store):
    first, again = register(store, NELIDA), register(store, NELIDA)
    assert (first.new, again.new, again.differs) == (True, False, False)
    assert first.id == again.id
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 1
        assert queries.find_person(session, "DNI", "10117410-2")["name"] == "Nélida Chuquimango Soto"
        assert queries.find_person(session, "DNI", "00000001") is None


def test_another_name_waits_as_a_correction_and_the_registered_one_stays(store: Store):
    register(store, NELIDA)
    typed = register(store, Told("DNI", "10117410", "Nélida Chuquimango Sotil"))
    register(store, Told("DNI", "10117410", "NELIDA CHUQUIMANGO SOTIL"))
    assert (typed.differs, typed.name) == (True, "Nélida Chuquimango Soto")
    with store.read() as session:
        waiting = queries.list_corrections(session)
    assert [row["typed"] for row in waiting] == ["Nélida Chuquimango Sotil"]
    decided = store.write(actions.decide_correction, waiting[0]["id"], accepted=True, principal=SYSTEM, now=NOW)
    assert decided["name"] == "Nélida Chuquimango Sotil"
    with pytest.raises(actions.CorrectionDecided):
        store.write(actions.decide_correction, waiting[0]["id"], accepted=False, principal=SYSTEM, now=NOW)


def test_accents_and_case_are_no_other_name(store: Store):
    register(store, NELIDA)
    assert not register(store, Told("DNI", "10117410", "NELIDA CHUQUIMANGO SOTO")).differs


def test_a_cabin_never_overwrites_a_person(store: Store):
    register(store, NELIDA)
    register(store, Told("DNI", "10117410", "Otro Nombre", phone="900000000"), from_sync=True)
    with store.read() as session:
        known = queries.find_person(session, "DNI", "10117410")
    assert (known["name"], known["phone"]) == ("Nélida Chuquimango Soto", "976000111")
    register(store, Told("DNI", "10117410", "Nélida Chuquimango Soto", phone="900000000"))
    with store.read() as session:
        assert queries.find_person(session, "DNI", "10117410")["phone"] == "900000000"


def test_people_without_document_are_never_taken_for_one_another(store: Store):
    nobody = Told("SIN", "", "Juan Pérez")
    assert register(store, nobody).id != register(store, nobody).id
