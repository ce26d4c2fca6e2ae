"""The register of complaints: numbers without gaps, the turn and its ventanilla, one answer; nothing is edited."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DatabaseError

from cac.access.actions import SYSTEM
from cac.desk.actions.rows import VentanillaUnknown
from cac.preferente import actions, queries
from cac.preferente.models import PreferenteAnswer, PreferenteComplaint
from core.clock import lima_day, now_utc


@pytest.fixture
def complain(store, sala):
    def note(what="Pasaron antes tres personas", ticket="", ventanilla=None):
        given = {"sala": sala, "ticket": ticket, "ventanilla": ventanilla, "what": what}
        return store.write(actions.note_complaint, **given, principal=SYSTEM, now=now_utc())

    return note


@pytest.fixture
def register(store, sala):
    def read():
        today = lima_day(now_utc())
        with store.read() as session:
            return queries.complaints_of(session, queries.find_sala(session, sala).id, since=today, until=today)

    return read


def test_numbers_go_on_without_gaps_in_the_year(complain):
    numbers = [complain()["number"] for _ in range(3)]
    year = lima_day(now_utc()).year
    assert numbers == [f"{year}-{n:04d}" for n in (1, 2, 3)]


def test_a_turn_brings_its_ventanilla(complain, register, attend):
    ticket = attend("A", ventanilla=3, preferente=True)
    complain(ticket=ticket["code"])
    (one,) = register()
    assert (one.code, one.ventanilla, one.answer) == (ticket["code"], 3, "")


def test_a_ventanilla_alone_is_enough_and_a_wrong_one_is_told(complain, register):
    complain(ventanilla=2)
    assert register()[0].ventanilla == 2
    with pytest.raises(VentanillaUnknown):
        complain(ventanilla=99)


def test_a_turn_that_was_not_given_today_is_told(complain):
    with pytest.raises(actions.ComplaintTicketUnknown):
        complain(ticket="Z-999")


@pytest.mark.parametrize("what", ["", "   ", "x" * 1_001])
def test_a_complaint_says_what_happened(complain, what):
    with pytest.raises(actions.ComplaintEmpty):
        complain(what)


def test_what_was_done_is_written_once(store, complain, register):
    number = complain()["id"]
    given = {"principal": SYSTEM, "now": now_utc()}
    store.write(actions.answer_complaint, number, what="Se abrió la ventanilla 4", **given)
    assert register()[0].answer == "Se abrió la ventanilla 4"
    with pytest.raises(actions.ComplaintAnswered):
        store.write(actions.answer_complaint, number, what="otra cosa", **given)
    with pytest.raises(actions.ComplaintUnknown):
        store.write(actions.answer_complaint, 999, what="nada", **given)


@pytest.mark.parametrize("model", [PreferenteComplaint, PreferenteAnswer])
@pytest.mark.parametrize("change", [lambda model: update(model).values(what="otra"), delete], ids=["edit", "delete"])
def test_the_database_refuses_to_edit_the_register(store, complain, model, change):
    store.write(actions.answer_complaint, complain()["id"], what="hecho", principal=SYSTEM, now=now_utc())
    with pytest.raises(DatabaseError):
        store.write(lambda session: session.execute(change(model)) and None)
