from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.ticketing.lines import policies
from ticketing.policy import (
    Attends,
    Desk,
    Waiting,
    ahead,
    appointment_turn,
    key,
    lawful,
    next_turn,
    returned_turn,
    upcoming,
)
from ticketing.rules import DEFAULT, Kind, Policy, Returned, Rule

EIGHT = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)
NOW = EIGHT + timedelta(minutes=30)
ALL_SERVICES = Desk(1, ("A", "B", "C"))
OWN_FIRST = Policy((Rule(Kind.PREFERENTE), Rule(Kind.OWN)))
ONE_IN_THREE = Policy((Rule(Kind.EVERY, 3), Rule(Kind.PREFERENTE)))


def waiting(*lines: str) -> list[Waiting]:
    """`"C-001 08:00"`; a code of series P is a preferente for service A."""
    tickets = []
    for number, line in enumerate(lines, 1):
        code, at = line.split()
        hour, minute = map(int, at.split(":"))
        turn_at = EIGHT + timedelta(hours=hour - 8, minutes=minute)
        tickets.append(Waiting(number, code, "A" if code[0] == "P" else code[0], code[0] == "P", turn_at))
    return tickets


@st.composite
def queues(draw, most=25):
    size = draw(st.integers(0, most))
    return [
        Waiting(
            number,
            f"X-{number:03d}",
            draw(st.sampled_from("ABC")),
            draw(st.booleans()),
            EIGHT + timedelta(seconds=draw(st.integers(0, 60))),
            draw(st.sampled_from([None, None, None, 1, 2])),
        )
        for number in range(1, size + 1)
    ]


desks = st.builds(
    Desk,
    number=st.integers(1, 3),
    services=st.lists(st.sampled_from("ABC"), min_size=1, unique=True).map(tuple),
    attends=st.sampled_from(Attends),
    since_general=st.integers(0, 6),
)


def called_by(queue, desk, policy, now=NOW) -> list[Waiting]:
    """Call until nobody is left, as a ventanilla does."""
    left, called = list(queue), []
    while choice := next_turn(left, desk, policy=policy, now=now):
        called.append(choice.ticket)
        left.remove(choice.ticket)
        desk = desk.having_called(choice.ticket.preferente)
    return called


def test_a_preferente_is_called_before_an_older_ticket():
    choice = next_turn(waiting("C-001 08:00", "P-002 08:05"), ALL_SERVICES, now=NOW)
    assert choice.ticket.code == "P-002"


def test_the_reason_says_rule_class_and_who_was_first_of_each():
    reason = next_turn(waiting("C-001 08:00", "P-002 08:05", "A-001 08:06"), ALL_SERVICES, now=NOW).reason
    assert reason["regla"] == "preferente_primero" and reason["clase"] == "preferente"
    assert reason["primeros"] == {"preferente": "P-002", "general": "C-001"}


def test_nobody_waiting_is_no_choice():
    assert next_turn([], ALL_SERVICES, now=NOW) is None
    assert next_turn(waiting("C-001 08:00"), Desk(1, ("A",)), now=NOW) is None


def test_a_ventanilla_for_general_tickets_leaves_preferentes_to_the_others():
    queue = waiting("A-001 08:00", "P-001 08:01")
    assert next_turn(queue, Desk(1, ("A",), Attends.GENERAL), now=NOW).ticket.code == "A-001"
    assert next_turn(queue, Desk(1, ("A",), Attends.PREFERENTE), now=NOW).ticket.code == "P-001"


def test_a_ticket_forwarded_to_a_ventanilla_is_called_by_no_other():
    ticket = Waiting(1, "A-001", "Z", False, EIGHT, only_ventanilla=2)
    assert next_turn([ticket], Desk(1, ("A", "Z")), now=NOW) is None
    assert next_turn([ticket], Desk(2, ("A",)), now=NOW).ticket is ticket


def test_own_service_first_still_lets_preferentes_go_first():
    queue = waiting("B-001 08:00", "A-001 08:01", "P-001 08:02")
    called = called_by(queue, Desk(1, ("A", "B")), OWN_FIRST)
    assert [ticket.code for ticket in called] == ["P-001", "A-001", "B-001"]


def test_one_of_every_three_calls_of_a_ventanilla_is_of_a_general():
    queue = waiting("A-001 08:00", "A-002 08:01", *(f"P-{n:03d} 08:{n:02d}" for n in range(2, 8)))
    called = called_by(queue, ALL_SERVICES, ONE_IN_THREE)
    assert [t.code for t in called] == ["P-002", "P-003", "A-001", "P-004", "P-005", "A-002", "P-006", "P-007"]


def test_who_waited_more_than_the_limit_goes_first_and_the_reason_says_so():
    policy = Policy((Rule(Kind.WAITED, 25), Rule(Kind.PREFERENTE)))
    choice = next_turn(waiting("A-001 08:04", "P-001 08:06"), ALL_SERVICES, policy=policy, now=NOW)
    assert choice.ticket.code == "A-001" and choice.reason["regla"] == "espera_mayor"
    assert choice.reason["explicacion"] == "Esperaba más de 25 minutos. Esperaba el preferente P-001."
    assert next_turn(waiting("A-001 08:05", "P-001 08:06"), ALL_SERVICES, policy=policy, now=NOW).ticket.preferente


def test_the_order_of_the_rules_is_the_order_in_which_they_decide():
    queue = waiting("B-001 08:00", "A-001 08:20")
    waited, own, first = Rule(Kind.WAITED, 25), Rule(Kind.OWN), Rule(Kind.PREFERENTE)
    for rules, code in (((waited, own, first), "B-001"), ((own, waited, first), "A-001")):
        assert next_turn(queue, Desk(1, ("A", "B")), policy=Policy(rules), now=NOW).ticket.code == code


def test_while_no_open_ventanilla_accepts_preferentes_those_of_generals_do():
    queue = waiting("A-001 08:00", "P-001 08:01")
    alone, other = Desk(1, ("A", "B"), Attends.GENERAL), Desk(2, ("A",), Attends.PREFERENTE)
    assert next_turn(queue, lawful([alone, other])[0], now=NOW).ticket.code == "A-001"
    choice = next_turn(queue, lawful([alone])[0], now=NOW)
    assert choice.ticket.code == "P-001" and "Ninguna otra ventanilla" in choice.reason["explicacion"]


@given(st.lists(desks, max_size=4), st.sampled_from("ABC"))
def test_a_service_that_is_attended_is_attended_for_preferentes(several, service):
    attended = any(service in desk.services for desk in several)
    assert attended == any(desk.takes(service, True) for desk in lawful(several))


@given(queues(), desks, policies())
def test_calling_until_nobody_is_left_calls_everyone_the_desk_may_call_once(queue, desk, policy):
    called = called_by(queue, desk, policy)
    assert called == upcoming(queue, desk, policy=policy, now=NOW)
    assert sorted(t.ticket_id for t in called) == sorted(t.ticket_id for t in queue if desk.may_call(t))


@given(queues(), desks, policies())
def test_every_policy_is_total_and_never_calls_a_younger_turn_of_the_same_kind(queue, desk, policy):
    mine = [ticket for ticket in queue if desk.may_call(ticket)]
    keys = [key(policy, desk, ticket, NOW) for ticket in mine]
    assert len(set(keys)) == len(mine)
    kinds: dict[tuple, list] = {}
    for ticket in called_by(queue, desk, policy):
        kind = (ticket.service, ticket.preferente, ticket.only_ventanilla)
        kinds.setdefault(kind, []).append((ticket.turn_at, ticket.ticket_id))
    assert all(turns == sorted(turns) for turns in kinds.values())


@given(queues(), desks, st.integers(2, 6))
def test_every_n_th_call_takes_a_general_however_many_preferentes_wait(queue, desk, n):
    policy = Policy((Rule(Kind.EVERY, n), Rule(Kind.PREFERENTE)))
    left = list(queue)
    while choice := next_turn(left, desk, policy=policy, now=NOW):
        due = desk.since_general >= n - 1 and any(desk.may_call(t) and not t.preferente for t in left)
        assert not (due and choice.ticket.preferente)
        left.remove(choice.ticket)
        desk = desk.having_called(choice.ticket.preferente)


@given(queues(), desks)
def test_preferentes_go_first_and_each_class_strictly_by_turn_at(queue, desk):
    called = [(not t.preferente, t.turn_at, t.ticket_id) for t in called_by(queue, desk, DEFAULT)]
    assert called == sorted(called)


@given(queues(), policies(), st.integers(0, 4), st.data())
def test_ahead_is_the_number_of_calls_before_mine_with_a_single_ventanilla(queue, policy, since_general, data):
    desk = Desk(1, ("A", "B", "C"), since_general=since_general)
    mine = [ticket for ticket in queue if desk.may_call(ticket)]
    if not mine:
        return
    ticket = data.draw(st.sampled_from(mine))
    expected = called_by(queue, desk, policy).index(ticket)
    assert ahead(ticket, queue, [desk], policy=policy, now=NOW) == expected


@given(queues(), st.lists(desks, max_size=4), policies())
def test_order_of_the_rows_changes_nothing(queue, several, policy):
    other, told = list(reversed(queue)), {"policy": policy, "now": NOW}
    for desk in several:
        assert next_turn(queue, desk, **told) == next_turn(other, desk, **told)
    for ticket in queue[:3]:
        assert ahead(ticket, queue, several, **told) == ahead(ticket, other, several, **told)


def test_tickets_no_common_ventanilla_calls_are_not_ahead():
    queue = waiting("B-001 08:00", "A-001 08:01")
    assert ahead(queue[1], queue, [Desk(1, ("A",)), Desk(2, ("B",))], now=NOW) == 0
    assert ahead(queue[1], queue, [Desk(1, ("A", "B"))], now=NOW) == 1


def test_an_appointment_keeps_its_slot_up_to_ten_minutes_late():
    assert appointment_turn(EIGHT, EIGHT + timedelta(minutes=10)) == EIGHT
    assert appointment_turn(EIGHT, EIGHT + timedelta(minutes=11)) == EIGHT + timedelta(minutes=11)
    assert appointment_turn(EIGHT, EIGHT - timedelta(minutes=30)) == EIGHT


def test_who_was_absent_comes_back_now_or_after_the_next_three_of_its_class():
    turns = [EIGHT + timedelta(minutes=minute) for minute in (5, 6, 7, 8)]
    three = Policy(returned=Returned.AFTER_THREE)
    assert returned_turn(EIGHT, turns, policy=DEFAULT, now=NOW) == NOW
    assert turns[2] < returned_turn(EIGHT, turns, policy=three, now=NOW) < turns[3]
    assert returned_turn(EIGHT, turns[:2], policy=three, now=NOW) == NOW


@given(queues(), st.booleans(), st.integers(0, 90))
def test_who_comes_back_never_gains_by_having_been_absent(queue, preferente, minute):
    mine = EIGHT + timedelta(minutes=minute)
    policy, now = Policy(returned=Returned.AFTER_THREE), max(mine, NOW)
    before = sorted(t.turn_at for t in queue if t.preferente is preferente)
    assert mine <= returned_turn(mine, before, policy=policy, now=now) <= now
