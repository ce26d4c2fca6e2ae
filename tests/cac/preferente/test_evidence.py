"""The evidence of a period, as read, as a page and as files."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from cac.access.actions import SYSTEM
from cac.desk import actions as desk
from cac.preferente import queries
from core.clock import lima_day, now_utc
from ticketing.policy import Attends


@pytest.fixture
def doris(sala, person):
    return person("supervisor")


@pytest.fixture
def at(store):
    """Verbs at a minute of a day that is over, as clerk of the whole sala."""
    start = now_utc().replace(hour=14, minute=0, second=0, microsecond=0) - timedelta(days=2)

    class Past:
        day = lima_day(start)

        def issue(self, minute, preferente=False):
            given = {"principal": SYSTEM, "public_url": "", "now": start + timedelta(minutes=minute)}
            return store.write(desk.issue, "A", preferente=preferente, channel="web", **given)["id"]

        def do(self, minute, verb, ticket=0, number=1, reason=None, **extra):
            press = desk.Press(SYSTEM, start + timedelta(minutes=minute), ticket, number=number, reason=reason)
            return store.write(verb, press, **extra)

        def attends(self, minute, number, which):
            press = desk.Press(SYSTEM, start + timedelta(minutes=minute), number=number)
            return store.write(desk.set_attends, which, press)

        def evidence(self):
            with store.read() as session:
                return queries.evidence(session, "principal", since=self.day, until=self.day, now=now_utc())

        def minutes(self, gap):
            return tuple(round((one - start).total_seconds() / 60) for one in (gap.since, gap.until))

    return Past()


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def test_waits_run_from_the_ticket_to_its_first_call_by_class(sala, at):
    general, preferente = at.issue(0), at.issue(2, preferente=True)
    at.do(6, desk.call_next)
    at.do(7, desk.start, preferente)
    at.do(10, desk.finish, preferente)
    at.do(10, desk.call_next)
    at.do(12, desk.absent, general)
    at.do(13, desk.return_, general)
    at.do(40, desk.call_next)  # called again: not another wait
    found = at.evidence()
    (day,) = found.days
    assert (day.preferente.n, day.preferente.median, day.preferente.longest) == (1, 4.0, 4.0)
    assert (day.general.n, day.general.median, day.general.p90) == (1, 10.0, 10.0)
    assert found.preferente == day.preferente


def test_whoever_left_before_a_call_is_told_apart(sala, at):
    ticket = at.issue(0, preferente=True)
    at.do(30, desk.cancel, ticket, number=None)
    (day,) = at.evidence().days
    assert (day.preferente.n, day.preferente.uncalled, day.preferente.median) == (0, 1, None)


def test_the_time_a_preferente_waited_with_nobody_attending_is_found(sala, at):
    ticket = at.issue(5, preferente=True)
    at.do(9, desk.open_ventanilla, number=1)
    at.do(12, desk.pause_ventanilla, number=1)
    at.do(15, desk.open_ventanilla, number=2)
    at.do(20, desk.call_next, number=2)
    at.do(21, desk.start, ticket, number=2)
    found = at.evidence()
    assert [at.minutes(gap) for gap in found.gaps] == [(5, 9), (12, 15)]
    assert found.uncovered == timedelta(minutes=7) and found.waited == timedelta(minutes=15)


def test_a_ventanilla_open_since_the_day_before_covers(sala, at):
    at.do(-24 * 60, desk.open_ventanilla, number=1)
    ticket = at.issue(5, preferente=True)
    at.do(9, desk.call_next)
    at.do(10, desk.start, ticket)
    assert at.evidence().gaps == ()


def test_one_that_calls_only_general_covers_nobody(sala, at):
    at.do(0, desk.open_ventanilla, number=1)
    at.attends(2, 1, Attends.GENERAL)
    ticket = at.issue(5, preferente=True)
    at.do(9, desk.cancel, ticket, number=None)
    assert [at.minutes(gap) for gap in at.evidence().gaps] == [(5, 9)]


def test_a_ticket_corrected_to_preferente_counts_as_one_from_then_on(sala, at):
    ticket = at.issue(5)
    at.do(8, desk.classify, ticket, number=None, preferente=True, reason="adulta mayor")
    at.do(11, desk.call_next)
    found = at.evidence()
    assert [at.minutes(gap) for gap in found.gaps] == [(8, 11)]
    (one,) = found.corrections
    assert (one.preferente, one.reason) == (True, "adulta mayor")
    assert found.preferente.n == 1 and found.general.n == 0


def test_an_empty_period_says_so(doris):
    page = text_of(doris.get("/reportes/preferente"))
    assert "no se dieron turnos" in page and "Ningún preferente esperó" in page


def test_the_page_and_both_files_tell_the_same(doris, attend, issue):
    ticket, waiting = attend("A", preferente=True), issue("A")
    doris.post("/preferente/clases", {"turno": waiting["code"], "clase": "preferente", "motivo": "gestante"})
    doris.post("/preferente/quejas", {"turno": ticket["code"], "que": "=1+1 esperó de pie"})
    page = text_of(doris.get("/reportes/preferente"))
    assert "gestante" in page and "esperó de pie" in page
    rows = list(csv.reader(io.StringIO(doris.get("/reportes/preferente.csv").get_data().decode("utf-8-sig"))))
    assert next(row for row in rows if "gestante" in row)[1:3] == [waiting["code"], "preferente"]
    book = load_workbook(io.BytesIO(doris.get("/reportes/preferente.xlsx").get_data()))
    assert book.sheetnames == ["Esperas por día", "Cambios de clase", "Quejas", "Sin ventanilla"]
    waits = list(book["Esperas por día"].values)
    assert waits[1][1] == 1 and waits[-1][0] == "todo el periodo"
    complaint = list(book["Quejas"].values)[1]
    assert complaint[2] == ticket["code"] and complaint[4] == "'=1+1 esperó de pie"


def test_a_complaint_is_answered_from_the_page_once(doris):
    doris.post("/preferente/quejas", {"que": "Nadie atendía"})
    page = doris.get("/reportes/preferente").get_data(as_text=True)
    action = re.search(r'action="(/reportes/preferente/quejas/\d+/respuestas)"', page)[1]
    doris.post(action, {"que": "Se abrió la ventanilla 4"})
    assert "Se abrió la ventanilla 4" in text_of(doris.get("/reportes/preferente"))
    doris.post(action, {"que": "otra vez"})
    assert "ya tiene anotado" in text_of(doris.get("/reportes/preferente"))


def test_a_wrong_turn_is_told_beside_its_field_and_what_was_typed_stays(doris):
    answer = doris.post("/preferente/quejas", {"turno": "Z-999", "que": "texto largo"})
    assert answer.status_code == 404 and "Hoy no se dio ese turno" in text_of(answer)
    assert "texto largo" in answer.get_data(as_text=True)
    answer = doris.post("/preferente/clases", {"turno": "nada", "clase": "preferente", "motivo": "x"})
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("role", "notes", "evidence"),
    [("ventanilla", 200, 403), ("orientador", 200, 403), ("auditor", 403, 200), ("cajero", 403, 403)],
)
def test_the_desk_notes_and_supervision_and_auditor_read(sala, person, role, notes, evidence):
    who = person(role)
    assert who.get("/preferente").status_code == notes
    for path in ("/reportes/preferente", "/reportes/preferente.csv", "/reportes/preferente.xlsx"):
        assert who.get(path).status_code == evidence


def test_a_period_that_is_none_is_refused(doris):
    assert doris.get("/reportes/preferente?desde=2026-02-02&hasta=2026-02-01").status_code == 422
