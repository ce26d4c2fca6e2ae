from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ticketing.policy import POLICIES, Attends, Desk, Waiting, ahead, appointment_turn, next_turn, upcoming

EIGHT = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)
ALL_SERVICES = Desk(1, ("A", "B", "C"))


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
)


def test_a_preferente_is_called_before_an_older_ticket():
    choice = next_turn(waiting("C-001 08:00", "P-002 08:05"), ALL_SERVICES)
    assert choice.ticket.code == "P-002"


def test_the_reason_says_rule_class_and_who_was_first_of_each():
    reason = next_turn(waiting("C-001 08:00", "P-002 08:05", "A-001 08:06"), ALL_SERVICES).reason
    assert reason["regla"] == "preferente_primero" and reason["clase"] == "preferente"
    assert reason["primeros"] == {"preferente": "P-002", "general": "C-001"}


def test_nobody_waiting_is_no_choice():
    assert next_turn([], ALL_SERVICES) is None
    assert next_turn(waiting("C-001 08:00"), Desk(1, ("A",))) is None


def test_a_ventanilla_for_general_tickets_leaves_preferentes_to_the_others():
    queue = waiting("A-001 08:00", "P-001 08:01")
    assert next_turn(queue, Desk(1, ("A",), Attends.GENERAL)).ticket.code == "A-001"
    assert next_turn(queue, Desk(1, ("A",), Attends.PREFERENTE)).ticket.code == "P-001"


def test_a_ticket_forwarded_to_a_ventanilla_is_called_by_no_other():
    ticket = Waiting(1, "A-001", "Z", False, EIGHT, only_ventanilla=2)
    assert next_turn([ticket], Desk(1, ("A", "Z"))) is None
    assert next_turn([ticket], Desk(2, ("A",))).ticket is ticket


def test_own_service_first_still_lets_preferentes_go_first():
    queue = waiting("B-001 08:00", "A-001 08:01", "P-001 08:02")
    desk = Desk(1, ("A", "B"))
    order = []
    while choice := next_turn(queue, desk, policy="servicio_propio_primero"):
        order.append(choice.ticket.code)
        queue.remove(choice.ticket)
    assert order == ["P-001", "A-001", "B-001"]


@given(queues(), desks, st.sampled_from(sorted(POLICIES)))
def test_calling_until_nobody_is_left_calls_everyone_the_desk_may_call_once(queue, desk, policy):
    left, called = list(queue), []
    while choice := next_turn(left, desk, policy=policy):
        called.append(choice.ticket)
        left.remove(choice.ticket)
    assert called == upcoming(queue, desk, policy=policy)
    assert sorted(t.ticket_id for t in called) == sorted(t.ticket_id for t in queue if desk.may_call(t))
    assert not any(desk.may_call(ticket) for ticket in left)


@given(queues(), desks)
def test_preferentes_go_first_and_each_class_strictly_by_turn_at(queue, desk):
    left, called = list(queue), []
    while choice := next_turn(left, desk):
        called.append((not choice.ticket.preferente, choice.ticket.turn_at, choice.ticket.ticket_id))
        left.remove(choice.ticket)
    assert called == sorted(called)


@given(queues(), st.sampled_from(sorted(POLICIES)), st.data())
def test_ahead_is_the_number_of_calls_before_mine_with_a_single_ventanilla(queue, policy, data):
    desk = Desk(1, ("A", "B", "C"))
    mine = [ticket for ticket in queue if desk.may_call(ticket)]
    if not mine:
        return
    ticket = data.draw(st.sampled_from(mine))
    expected, left = 0, list(queue)
    while (choice := next_turn(left, desk, policy=policy)).ticket is not ticket:
        left.remove(choice.ticket)
        expected += 1
    assert ahead(ticket, queue, [desk], policy=policy) == expected


@given(queues(), st.lists(desks, max_size=4))
def test_order_of_the_rows_changes_nothing(queue, several):
    for desk in several:
        assert next_turn(queue, desk) == next_turn(list(reversed(queue)), desk)
    for ticket in queue[:3]:
        assert ahead(ticket, queue, several) == ahead(ticket, list(reversed(queue)), several)


def test_tickets_no_common_ventanilla_calls_are_not_ahead():
    queue = waiting("B-001 08:00", "A-001 08:01")
    assert ahead(queue[1], queue, [Desk(1, ("A",)), Desk(2, ("B",))]) == 0
    assert ahead(queue[1], queue, [Desk(1, ("A", "B"))]) == 1


def test_an_appointment_keeps_its_slot_up_to_ten_minutes_late():
    assert appointment_turn(EIGHT, EIGHT + timedelta(minutes=10)) == EIGHT
    assert appointment_turn(EIGHT, EIGHT + timedelta(minutes=11)) == EIGHT + timedelta(minutes=11)
    assert appointment_turn(EIGHT, EIGHT - timedelta(minutes=30)) == EIGHT
