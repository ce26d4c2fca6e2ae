"""What the queue keeps true through a day, at told moments, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import select, update

from cac.access.actions import SYSTEM
from cac.audit.models import AuditEntry
from cac.desk import actions, queries
from cac.desk.actions.calls import _candidates, desk_of
from cac.desk.actions.rows import find_ventanilla, to_waiting
from cac.desk.models import Llamado, Sala, Service, Site, Ticket, TicketCounter, TicketMove
from cac.desk.queries import _LINE
from cac.paper.actions import add_printer, route_papers
from cac.paper.models import PrintJob
from core.clock import LIMA
from printing.decoder import decode
from storage import Store
from ticketing.estimate import Wait
from ticketing.moves import MoveNotAllowed
from ticketing.policy import Attends, next_turn
from ticketing.rules import DEFAULT, Kind, Policy, Returned, Rule

URL = "http://cac.example"
EIGHT = datetime(2026, 11, 20, 8, 0, tzinfo=LIMA)


class Day:
    """The sala on a day whose clock the test moves."""

    def __init__(self, store: Store):
        self.store, self.now = store, EIGHT

    def at(self, hour: int, minute: int = 0, *, day: int = 20) -> Day:
        self.now = EIGHT.replace(day=day, hour=hour, minute=minute)
        return self

    def later(self, **span: float) -> Day:
        self.now += timedelta(**span)
        return self

    def issue(self, service: str = "A", *, preferente: bool = False, **kw: Any) -> dict:
        given = {"channel": "kiosko", "principal": SYSTEM, "public_url": URL, "now": self.now} | kw
        return self.store.write(actions.issue, service, preferente=preferente, **given)

    def call(self, number: int = 1) -> dict | None:
        self.later(seconds=1)
        return self.store.write(actions.call_next, self.press(number=number))

    def move(self, verb: Any, ticket: int, number: int | None = None, **kw: Any) -> dict:
        self.later(seconds=1)
        return self.store.write(verb, self.press(ticket_id=ticket, number=number, **kw))

    def press(self, **given: Any) -> actions.Press:
        return actions.Press(SYSTEM, self.now, public_url=URL, **given)

    def serve(self, number: int = 1, *, minutes: float = 5) -> str | None:
        """Call, attend and finish; the code served."""
        call = self.call(number)
        if call is None:
            return None
        self.move(actions.start, call["ticket"]["id"], number)
        self.later(minutes=minutes)
        self.move(actions.finish, call["ticket"]["id"], number)
        return call["ticket"]["code"]

    def board(self):
        with self.store.read() as session:
            return queries.board_of(session, "principal", now=self.now)

    def rows(self, model: Any) -> list[Any]:
        with self.store.read() as session:
            return list(session.scalars(select(model).order_by(*model.__table__.primary_key)))


@pytest.fixture
def day(store: Store, sala: str) -> Day:
    return Day(store)


def test_a_cancelled_number_is_not_used_again_that_day(day):
    first = day.issue()
    day.move(actions.cancel, first["id"], reason="se retiró")
    assert day.issue()["code"] == "A-002"


def test_the_first_ticket_after_midnight_in_lima_is_001_and_the_one_of_2359_stays_in_yesterday(day):
    late = day.at(23, 59).issue()
    early = day.at(0, 1, day=21).issue()
    assert (late["code"], early["code"]) == ("A-001", "A-001")
    assert [(t.code, t.day.day) for t in day.rows(Ticket)] == [("A-001", 20), ("A-001", 21)]
    assert [(c.day.day, c.last) for c in day.rows(TicketCounter)] == [(20, 1), (21, 1)]
    assert day.call()["ticket"]["id"] == late["id"]


def test_a_call_of_last_night_stays_on_the_board_while_its_person_is_attended(day):
    ticket = day.at(23, 58).issue()
    day.call()
    assert [call.code for call in day.at(0, 5, day=21).board().calls] == [ticket["code"]]
    day.move(actions.start, ticket["id"], 1)
    day.move(actions.finish, ticket["id"], 1)
    assert day.board().calls == () and day.board().seq == 1


def test_preferentes_go_first_each_class_in_its_order_and_the_reason_is_kept(day):
    for preferente in (False, False, True, False, True):
        day.later(minutes=1).issue("B", preferente=preferente)
    assert [day.serve() for _ in range(5)] == ["P-001", "P-002", "B-001", "B-002", "B-003"]
    reasons = [call.reason for call in day.rows(Llamado)]
    assert [reason["clase"] for reason in reasons] == ["preferente"] * 2 + ["general"] * 3
    assert reasons[0]["regla"] == "preferente_primero" and reasons[0]["primeros"] == {
        "preferente": "P-001",
        "general": "B-001",
    }


def test_ten_of_a_class_are_called_by_the_older_turn_whatever_the_order_of_their_rows(day, store):
    tickets = [day.issue()["id"] for _ in range(10)]
    turns = dict(zip(Random(7).sample(tickets, 10), range(10), strict=True))

    def set_turns(session):
        for ticket, minute in turns.items():
            session.execute(update(Ticket).where(Ticket.id == ticket).values(turn_at=EIGHT - timedelta(minutes=minute)))

    store.write(set_turns)
    day.later(minutes=1)
    called = [day.rows(Ticket) and day.call(number) for number in (1, 2, 3, 4)]
    assert [call["ticket"]["id"] for call in called] == sorted(tickets, key=lambda t: -turns[t])[:4]


@pytest.mark.parametrize(
    "policy",
    [
        DEFAULT,
        Policy((Rule(Kind.PREFERENTE), Rule(Kind.OWN))),
        Policy((Rule(Kind.EVERY, 3), Rule(Kind.WAITED, 5), Rule(Kind.PREFERENTE))),
        Policy((Rule(Kind.WAITED, 5), Rule(Kind.OWN), Rule(Kind.PREFERENTE)), Returned.AFTER_THREE),
    ],
)
def test_the_first_of_each_class_and_service_decide_as_the_whole_queue_would(day, store, policy):
    random = Random(11)
    store.write(actions.set_order, "principal", policy, principal=SYSTEM, now=EIGHT)
    for _ in range(60):
        day.later(seconds=10).issue(random.choice("ABCDEF"), preferente=random.random() < 0.3)

    def compare(session):
        place = find_ventanilla(session, 1, sala="principal")
        desk = desk_of(session, place)
        whole = [to_waiting(row) for row in session.execute(_LINE, {"sala_id": place.sala_id})]
        heads = [to_waiting(row) for row in _candidates(session, place)]
        given = {"policy": policy, "now": day.now}
        return next_turn(heads, desk, **given), next_turn(whole, desk, **given), len(heads)

    while True:
        from_heads, from_whole, heads = store.write(compare)
        assert from_heads == from_whole and heads <= 12
        if day.serve(minutes=0) is None:
            break


def test_ahead_told_at_issue_is_ahead_as_it_stands(day, store):
    random = Random(3)
    for _ in range(40):
        ticket = day.later(seconds=1).issue(random.choice("ABCDEF"), preferente=random.random() < 0.3)
        with store.read() as session:
            stands = queries.ticket_as_it_stands(session, ticket["id"], principal=SYSTEM, public_url=URL, now=day.now)
        assert stands["ahead"] == ticket["ahead"]


def test_a_ventanilla_for_general_tickets_only_needs_another_that_attends_preferentes(day, store):
    day.issue(preferente=True)
    store.write(actions.open_ventanilla, day.press(number=1))
    with pytest.raises(Exception, match="28683"):
        store.write(actions.set_attends, Attends.GENERAL, day.press(number=1))
    store.write(actions.open_ventanilla, day.press(number=2))
    store.write(actions.set_attends, Attends.GENERAL, day.press(number=1))
    assert day.call(1) is None and day.call(2)["ticket"]["code"] == "P-001"


def test_each_step_leaves_a_movement_and_an_audit_entry_and_changes_no_other_ticket(day):
    other, mine = day.issue("B"), day.issue("A", preferente=True)
    before = [(t.id, t.state, t.turn_at, t.calls) for t in day.rows(Ticket) if t.id == other["id"]]
    day.call(3)
    day.move(actions.recall, mine["id"], 3)
    day.move(actions.start, mine["id"], 3)
    day.move(actions.forward, mine["id"], 3, service="C", reason="era de obras")
    assert day.serve(2) == mine["code"]
    steps = [step.move for step in day.rows(TicketMove) if step.ticket_id == mine["id"]]
    assert steps == ["emision", "llamado", "rellamado", "atencion", "derivacion", "llamado", "atencion", "cierre"]
    audited = [entry.action for entry in day.rows(AuditEntry) if entry.subject == f"ticket:{mine['id']}"]
    assert audited == [f"ticket.{step}" for step in steps]
    assert [call.seq for call in day.rows(Llamado)] == [1, 2, 3]
    assert before == [(t.id, t.state, t.turn_at, t.calls) for t in day.rows(Ticket) if t.id == other["id"]]


def test_a_transfer_keeps_the_number_and_the_whole_wait(day):
    ticket = day.issue()
    day.later(minutes=10).call(1)
    day.move(actions.start, ticket["id"], 1)
    day.later(minutes=5)
    day.move(actions.forward, ticket["id"], 1, to_ventanilla=2)
    again = day.call(2)
    assert again["ticket"]["code"] == ticket["code"] and day.board().calls[-1].code == ticket["code"]
    waits = [step.seconds for step in day.rows(TicketMove) if step.move == "llamado"]
    assert waits == [601, None]  # a visit waits once; what it waited counts from its issue at the next ventanilla too
    kept = day.rows(Ticket)[0]
    assert kept.turn_at == kept.issued_at


def test_a_ticket_is_printed_in_its_own_transaction_with_its_number_and_no_person(day, store, tmp_path):
    store.write(add_printer, name="kiosko", url=f"folder://{tmp_path}", principal=SYSTEM, now=day.now)
    store.write(route_papers, printer="kiosko", purpose="tickets", sala="principal", principal=SYSTEM, now=day.now)
    ticket = day.issue("A", wait=Wait(3, 9), demo=True)
    (job,) = day.rows(PrintJob)
    assert job.id == ticket["print_job"]
    paper = decode(job.data)
    text = "\n".join(str(line) for line in paper.lines)
    assert "A-001" in text and "DEMOSTRACI" in text and ticket["follow_url"] in [str(qr) for qr in paper.qrs]
    assert day.issue("A", channel="web")["print_job"] is None


def test_what_the_day_leaves_over_is_closed_as_not_served(day, store):
    def shut_at_half_past_three(session):
        session.execute(update(Sala).values(timetable={"week": [[["07:30", "15:30"]]] * 7}))

    store.write(shut_at_half_past_three)
    waits, called = day.at(15, 20).issue(), day.issue()
    store.write(actions.open_ventanilla, day.press(number=1))
    assert store.write(actions.close_days, day.at(16).now) == 0, "who is inside at closing hour is served"
    assert day.serve() == waits["code"]
    store.write(actions.close_ventanilla, day.press(number=1))
    assert store.write(actions.close_days, day.later(minutes=1).now) == 1
    assert [t.state for t in day.rows(Ticket)] == ["atendido", "no_atendido_al_cierre"]
    assert store.write(actions.close_days, day.now) == 0 and called["code"] == "A-002"


def test_a_sala_open_day_and_night_lets_go_only_of_what_nobody_touched_for_twelve_hours(day, store):
    day.issue()
    day.later(hours=11).issue()
    assert store.write(actions.close_days, day.later(hours=2).now) == 1
    assert [t.state for t in day.rows(Ticket)] == ["no_atendido_al_cierre", "en_espera"]


def test_after_some_attentions_a_newcomer_is_told_an_honest_range(day, store):
    for _ in range(6):
        day.issue()
        day.serve(minutes=5)
    for _ in range(4):
        day.issue()
    ticket = day.issue()
    with store.read() as session:
        stands = queries.ticket_as_it_stands(session, ticket["id"], principal=SYSTEM, public_url=URL, now=day.now)
    assert stands["ahead"] == 4 and stands["wait"] == {"low_minutes": 20, "high_minutes": 21}


def test_a_screen_or_a_phone_is_told_nothing_of_a_person_or_of_another(day, store):
    ticket = day.issue(preferente=True)
    day.call()
    with store.read() as session:
        token = ticket["follow_url"].rsplit("/", 1)[1]
        phone = queries.followed_ticket(session, token, now=day.now)
    assert token not in str(phone) and "follow_url" not in phone and "id" not in phone
    assert token not in str(day.board().content()) and set(day.board().content()["calls"][0]) == {
        "seq",
        "code",
        "ventanilla",
        "called_at",
    }


def set_order(store: Store, *rules: Rule, returned: Returned = Returned.NOW) -> None:
    policy = Policy((*rules, Rule(Kind.PREFERENTE)), returned)
    store.write(actions.set_order, "principal", policy, principal=SYSTEM, now=EIGHT)


def test_every_third_call_of_a_ventanilla_is_of_a_general_and_the_log_says_why(day, store):
    set_order(store, Rule(Kind.EVERY, 3))
    for preferente in (False, False, True, True, True, True, True):
        day.later(seconds=1).issue(preferente=preferente)
    assert [day.serve() for _ in range(7)] == ["P-001", "P-002", "A-001", "P-003", "P-004", "A-002", "P-005"]
    third = day.rows(Llamado)[2].reason
    assert third["regla"] == "un_general_cada" and third["orden"][0] == {"rule": "un_general_cada", "value": 3}
    assert third["explicacion"].endswith("Esperaba el preferente P-003.")


def test_who_waits_too_long_goes_first_and_everybody_is_told_by_the_same_order(day, store):
    set_order(store, Rule(Kind.WAITED, 30))
    old = day.issue()
    day.later(minutes=29).issue(preferente=True)
    assert (day.issue(preferente=True)["ahead"], day.board().waiting) == (1, ("P-001", "P-002", "A-001"))
    assert (day.later(minutes=2).issue(preferente=True)["ahead"], day.board().waiting[0]) == (3, "A-001")
    assert day.call()["ticket"]["id"] == old["id"]


def test_the_ahead_of_a_newcomer_is_that_of_its_ticket_whatever_the_order(day, store):
    random = Random(5)
    for rules in ((), (Rule(Kind.EVERY, 3),), (Rule(Kind.WAITED, 5), Rule(Kind.EVERY, 2), Rule(Kind.OWN))):
        set_order(store, *rules)
        for _ in range(12):
            ticket = day.later(seconds=40).issue(random.choice("ABC"), preferente=random.random() < 0.5)
            with store.read() as session:
                stands = queries.ticket_as_it_stands(
                    session, ticket["id"], principal=SYSTEM, public_url=URL, now=day.now
                )
            assert stands["ahead"] == ticket["ahead"]
        day.serve()


def test_who_was_absent_comes_back_after_the_next_three_when_the_sala_says_so(day, store):
    set_order(store, returned=Returned.AFTER_THREE)
    codes = [day.later(seconds=1).issue()["code"] for _ in range(6)]
    absent = day.call()["ticket"]
    day.move(actions.absent, absent["id"], 1)
    day.move(actions.return_, absent["id"])
    assert [day.serve() for _ in range(6)] == [*codes[1:4], codes[0], *codes[4:]]


def test_a_ventanilla_of_generals_calls_preferentes_while_no_other_open_one_accepts_them(day, store):
    day.call(1), day.call(2)
    store.write(actions.set_attends, Attends.GENERAL, day.press(number=1))
    day.issue()
    first, second = day.issue(preferente=True), day.issue(preferente=True)
    assert day.serve(1) == "A-001"
    assert day.call(2)["ticket"]["id"] == first["id"]
    store.write(actions.pause_ventanilla, day.press(number=3))
    day.move(actions.absent, first["id"], 2)
    store.write(actions.close_ventanilla, day.press(number=2))
    assert day.call(1)["ticket"]["id"] == second["id"]
    assert "Ninguna otra ventanilla" in day.rows(Llamado)[-1].reason["explicacion"]


def test_a_new_order_is_in_the_audit_log_in_words(day, store):
    set_order(store, Rule(Kind.WAITED, 45))
    entry = next(row for row in day.rows(AuditEntry) if row.action == "sala.orden")
    assert entry.subject == "sala:principal" and "más de 45 minutos" in entry.detail


def test_q11_when_one_site_closes_its_day_its_series_restarts_and_the_other_is_untouched(day, store):
    def second_site(session):
        session.execute(update(Sala).values(timetable={"week": [[["07:30", "15:30"]]] * 7}))
        site = Site(code="norte", name="Agencia Norte", office="Mesa de partes")
        session.add(site)
        session.flush()
        sala = Sala(site_id=site.id, code="norte", name="Norte", timetable=None)
        session.add(sala)
        session.flush()
        names = {"name": "Partidas", "example": "", "icon": "certificate", "position": 0}
        session.add(Service(site_id=site.id, sala_id=sala.id, code="A", **names))

    store.write(second_site)
    here = replace(SYSTEM, sala="principal")
    north = replace(SYSTEM, sala="norte")
    assert [day.at(15).issue(principal=who)["code"] for who in (here, north, here, north, north)] == [
        *("A-001", "A-001", "A-002", "A-002", "A-003")
    ]
    assert store.write(actions.close_days, day.at(16).now) == 2
    states = {sala: sorted(t.state for t in day.rows(Ticket) if t.sala_id == sala) for sala in (1, 2)}
    assert list(states.values()) == [["no_atendido_al_cierre"] * 2, ["en_espera"] * 3]
    assert day.issue(principal=north)["code"] == "A-004"
    assert day.at(8, day=21).issue(principal=here)["code"] == "A-001"
    assert day.at(1, day=21).issue(principal=north)["code"] == "A-001", "its own day, not the other's"


def test_q21_a_no_show_after_the_set_calls_returns_in_time_with_one_press_by_the_rule_once_and_logged(day):
    late, *others = [day.issue()["id"] for _ in range(3)]
    day.call(1)
    recalls = day.rows(Sala)[0].recalls
    for _ in range(recalls - 1):
        day.move(actions.recall, late, 1)
    assert next(t.calls for t in day.rows(Ticket) if t.id == late) == recalls
    day.move(actions.absent, late, 1)
    day.later(minutes=20)
    assert day.move(actions.return_, late)["state"] == "en_espera"
    with pytest.raises(MoveNotAllowed):
        day.move(actions.return_, late)
    assert [step.move for step in day.rows(TicketMove) if step.ticket_id == late][-2:] == ["ausencia", "retorno"]
    logged = [entry.action for entry in day.rows(AuditEntry) if entry.subject == f"ticket:{late}"]
    assert logged.count("ticket.retorno") == 1
    assert [day.call(number)["ticket"]["id"] for number in (1, 2, 3)] == [*others, late], (
        "behind who waits: the default"
    )
