"""A class corrected: who was in the wrong line goes where the law puts them, and it can be shown why."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from cac.access.actions import SYSTEM
from cac.desk import actions as desk
from cac.desk.actions.classes import ClassReasonMissing, SameClass
from cac.desk.models import LineCount, Ticket, TicketMove
from cac.preferente.queries import evidence
from core.clock import lima_day, now_utc
from ticketing.moves import MoveNotAllowed


@pytest.fixture
def classify(store):
    def correct(ticket, preferente, reason="gestante"):
        press = desk.Press(SYSTEM, now_utc(), ticket["id"], reason=reason)
        return store.write(desk.classify, press, preferente=preferente)

    return correct


def lines(store):
    with store.read() as session:
        rows = session.execute(select(LineCount.preferente, LineCount.waiting).where(LineCount.waiting > 0))
        return {row.preferente: row.waiting for row in rows}


def test_a_corrected_ticket_keeps_its_number_and_goes_before_older_general_ones(store, issue, clerk, classify):
    issue("A")
    later = issue("A")
    answer = classify(later, True)
    assert answer["code"] == later["code"] and answer["preferente"] is True
    assert lines(store) == {True: 1, False: 1}
    assert clerk.post("/ventanillas/1/llamados").json["ticket"]["id"] == later["id"]
    assert lines(store) == {False: 1}


def test_and_back_to_general(store, issue, clerk, classify):
    first, wrong = issue("A"), issue("A", preferente=True)
    classify(wrong, False, "tocó preferente sin querer")
    assert clerk.post("/ventanillas/1/llamados").json["ticket"]["id"] == first["id"]
    assert lines(store) == {False: 1}


def test_the_move_keeps_reason_who_and_when(store, issue, classify):
    classify(issue("A"), True, "persona adulta mayor")
    with store.read() as session:
        move = session.scalars(select(TicketMove).where(TicketMove.move == "clase")).one()
        assert (move.reason, move.detail, move.principal) == ("persona adulta mayor", {"preferente": True}, "system:0")
        assert (move.from_state, move.to_state) == ("en_espera", "en_espera")


def test_without_a_reason_nothing_is_corrected(store, issue, classify):
    with pytest.raises(ClassReasonMissing):
        classify(issue("A"), True, None)
    with store.read() as session:
        assert session.scalar(select(Ticket.preferente)) is False


def test_the_same_class_is_no_correction(issue, classify):
    with pytest.raises(SameClass):
        classify(issue("A"), False)


def test_whoever_was_called_is_corrected_no_more(issue, clerk, classify):
    ticket = issue("A")
    clerk.post("/ventanillas/1/llamados")
    with pytest.raises(MoveNotAllowed):
        classify(ticket, True)


def test_by_api_the_class_is_corrected_with_its_reason_and_shows_in_the_evidence(store, issue, clerk):
    ticket = issue("A")
    path = f"/tickets/{ticket['id']}/clases"
    assert clerk.post(path, {"preferente": True}).json["code"] == "ticket.clase_sin_motivo"
    answer = clerk.post(path, {"preferente": True, "motivo": "gestante"})
    assert (answer.status_code, answer.json["code"], answer.json["preferente"]) == (200, ticket["code"], True)
    assert clerk.post(path, {"preferente": True, "motivo": "gestante"}).json["code"] == "ticket.misma_clase"
    now = now_utc()
    with store.read() as session:
        (shown,) = evidence(session, "principal", since=lima_day(now), until=lima_day(now), now=now).corrections
    assert (shown.code, shown.preferente, shown.reason) == (ticket["code"], True, "gestante")


def test_at_the_ventanilla_the_class_is_corrected_by_the_number_on_the_paper(store, issue, person):
    clara = person("ventanilla")
    issue("A")
    later = issue("A")
    clara.post("/ventanilla/puestos", {"number": "1"})
    said = clara.post("/ventanilla/clases", {"codigo": "a2", "clase": "preferente", "motivo": "Gestante"})
    assert said.status_code in (200, 303)
    assert f"{later['code']} ahora es preferente." in clara.get("/ventanilla").get_data(as_text=True)
    assert lines(store) == {True: 1, False: 1}
    clara.post("/ventanilla/clases", {"codigo": "A-001", "clase": "preferente", "motivo": " "})
    assert "Escriba el motivo de la corrección" in clara.get("/ventanilla").get_data(as_text=True)
