from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from ticketing.estimate import Busy, Wait, estimate
from ticketing.policy import Attends, Desk, Waiting

EIGHT = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)
FIVE_MINUTES = {"A": [300.0] * 10}


def line(size: int) -> list[Waiting]:
    return [Waiting(n, f"A-{n:03d}", "A", False, EIGHT + timedelta(minutes=n)) for n in range(1, size + 1)]


def free(*services: str, number: int = 1) -> Busy:
    return Busy(Desk(number, services))


def test_with_too_little_seen_there_is_no_estimate():
    queue = line(3)
    assert estimate(queue[2], queue, [free("A")], {"A": [300.0] * 4}) is None


def test_with_no_ventanilla_for_it_there_is_no_estimate():
    queue = line(3)
    assert estimate(queue[2], queue, [free("B")], FIVE_MINUTES) is None
    assert estimate(queue[2], queue, [Busy(Desk(1, ("A",), Attends.PREFERENTE))], FIVE_MINUTES) is None


def test_who_is_next_at_a_free_ventanilla_does_not_wait():
    queue = line(1)
    assert estimate(queue[0], queue, [free("A")], FIVE_MINUTES) == Wait(0, 0)


def test_equal_service_times_give_an_exact_wait():
    queue = line(5)
    assert estimate(queue[4], queue, [free("A")], FIVE_MINUTES) == Wait(20, 20)
    assert estimate(queue[4], queue, [free("A"), free("A", number=2)], FIVE_MINUTES) == Wait(10, 10)


def test_a_preferente_that_just_came_waits_less_than_the_general_before_it():
    queue = line(5)
    late = Waiting(9, "P-001", "A", True, EIGHT + timedelta(hours=1))
    desks = [Busy(Desk(1, ("A",)), service="A", for_s=60)]
    assert (
        estimate(late, queue, desks, FIVE_MINUTES).high_minutes
        < estimate(queue[0], [*queue, late], desks, FIVE_MINUTES).high_minutes
    )


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 40), st.lists(st.floats(20, 3_000), min_size=5, max_size=40), st.integers(1, 6))
def test_a_longer_line_never_waits_less(size, times, count):
    queue, desks = line(size), [free("A", number=n) for n in range(1, count + 1)]
    last = estimate(queue[-1], queue, desks, {"A": times})
    first = estimate(queue[0], queue, desks, {"A": times})
    assert 0 <= last.low_minutes <= last.high_minutes
    assert first.low_minutes <= last.low_minutes


def test_the_same_queue_gives_the_same_answer():
    queue = line(12)
    times = {"A": [60.0, 120.0, 300.0, 500.0, 900.0, 45.0]}
    assert estimate(queue[-1], queue, [free("A")], times) == estimate(queue[-1], queue, [free("A")], times)
