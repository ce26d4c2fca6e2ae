from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ticketing.lines import policies
from ticketing.policy import Desk, Waiting
from ticketing.replay import Stretch, Visit, by_quarter, replay
from ticketing.rules import DEFAULT

EIGHT = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)
NOON = EIGHT + timedelta(hours=4)


def visit(
    number: int, minute: float, *, takes: float = 10, preferente: bool = False, gone: float | None = None
) -> Visit:
    turn = Waiting(number, f"A-{number:03d}", "A", preferente, EIGHT + timedelta(minutes=minute))
    return Visit(turn, timedelta(minutes=takes), EIGHT + timedelta(minutes=gone) if gone is not None else None)


def open_at(number: int, since: float, until: float = 240, services: tuple[str, ...] = ("A",)) -> Stretch:
    return Stretch(Desk(number, services), EIGHT + timedelta(minutes=since), EIGHT + timedelta(minutes=until))


def minutes(visits, stretches, policy=DEFAULT) -> list[float]:
    waits = replay(visits, stretches, policy=policy, until=NOON)
    return [waits[number].total_seconds() / 60 for number in sorted(waits)]


def test_one_ventanilla_takes_them_one_after_another_and_two_share_them():
    visits = [visit(n, 0) for n in range(1, 5)]
    assert minutes(visits, [open_at(1, 0)]) == [0, 10, 20, 30]
    assert minutes(visits, [open_at(1, 0), open_at(2, 15)]) == [0, 10, 15, 20]


def test_the_policy_of_the_sala_calls():
    visits = [visit(1, 0), visit(2, 1), visit(3, 2, preferente=True)]
    assert minutes(visits, [open_at(1, 0)]) == [0, 19, 8]


def test_a_closed_ventanilla_calls_nobody_and_who_left_holds_nobody_up():
    visits = [visit(1, 0), visit(2, 1, gone=5), visit(3, 2)]
    assert minutes(visits, [open_at(1, 0)]) == [0, 8]
    assert minutes(visits, [open_at(1, 0, until=9)]) == [0, 238]


def test_a_newcomer_is_called_by_an_open_ventanilla_though_a_closed_one_was_idle():
    visits = [visit(1, 60)]
    assert minutes(visits, [open_at(1, 0, until=30), open_at(2, 0)]) == [0]


def test_waits_are_shown_by_the_quarter_of_arrival():
    visits = [visit(1, 0), visit(2, 14), visit(3, 31)]
    waits = {1: timedelta(minutes=4), 2: timedelta(minutes=8), 3: timedelta(minutes=1)}
    assert by_quarter(visits, waits) == [(EIGHT, 6), (EIGHT + timedelta(minutes=30), 1)]


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 200), st.booleans()), min_size=1, max_size=40),
    st.integers(0, 120),
    policies(),
)
def test_one_more_ventanilla_never_makes_people_wait_longer_together(came, since, policy):
    visits = [visit(n, minute, preferente=preferente) for n, (minute, preferente) in enumerate(came, 1)]
    was, would = (minutes(visits, more, policy) for more in ([open_at(1, 0)], [open_at(1, 0), open_at(2, since)]))
    assert len(was) == len(would) == len(visits)
    assert sum(would) <= sum(was) + 1e-6
