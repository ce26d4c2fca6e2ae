from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from ticketing.estimate import Wait, estimate, estimates
from ticketing.policy import Attends, Desk, Waiting
from ticketing.room import Busy, Seen
from ticketing.rules import Kind, Policy, Rule

EIGHT = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)
FIVE_MINUTES = Seen({"A": [300.0] * 10})


def line(size: int) -> list[Waiting]:
    return [Waiting(n, f"A-{n:03d}", "A", False, EIGHT + timedelta(minutes=n)) for n in range(1, size + 1)]


def free(*services: str, number: int = 1) -> Busy:
    return Busy(Desk(number, services))


def test_with_too_little_seen_there_is_no_estimate():
    queue = line(3)
    assert estimate(queue[2], queue, [free("A")], Seen({"A": [300.0] * 4}), now=EIGHT) is None


def test_with_no_ventanilla_for_it_there_is_no_estimate():
    queue = line(3)
    assert estimate(queue[2], queue, [free("B")], FIVE_MINUTES, now=EIGHT) is None
    assert estimate(queue[2], queue, [Busy(Desk(1, ("A",), Attends.PREFERENTE))], FIVE_MINUTES, now=EIGHT) is None


def test_who_is_next_at_a_free_ventanilla_does_not_wait():
    queue = line(1)
    assert estimate(queue[0], queue, [free("A")], FIVE_MINUTES, now=EIGHT) == Wait(0, 0)


def test_equal_service_times_give_an_exact_wait():
    queue = line(5)
    assert estimate(queue[4], queue, [free("A")], FIVE_MINUTES, now=EIGHT) == Wait(20, 20)
    assert estimate(queue[4], queue, [free("A"), free("A", number=2)], FIVE_MINUTES, now=EIGHT) == Wait(10, 10)


def test_a_preferente_that_just_came_waits_less_than_the_general_before_it():
    queue = line(5)
    late = Waiting(9, "P-001", "A", True, EIGHT + timedelta(hours=1))
    desks = [Busy(Desk(1, ("A",)), service="A", for_s=60)]
    assert (
        estimate(late, queue, desks, FIVE_MINUTES, now=EIGHT).high_minutes
        < estimate(queue[0], [*queue, late], desks, FIVE_MINUTES, now=EIGHT).high_minutes
    )


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 40), st.lists(st.floats(20, 3_000), min_size=5, max_size=40), st.integers(1, 6))
def test_a_longer_line_never_waits_less(size, times, count):
    queue, desks = line(size), [free("A", number=n) for n in range(1, count + 1)]
    last = estimate(queue[-1], queue, desks, Seen({"A": times}), now=EIGHT)
    first = estimate(queue[0], queue, desks, Seen({"A": times}), now=EIGHT)
    assert 0 <= last.low_minutes <= last.high_minutes
    assert first.low_minutes <= last.low_minutes


def test_the_same_queue_gives_the_same_answer():
    queue = line(12)
    times = Seen({"A": [60.0, 120.0, 300.0, 500.0, 900.0, 45.0]})
    assert estimate(queue[-1], queue, [free("A")], times, now=EIGHT) == estimate(
        queue[-1], queue, [free("A")], times, now=EIGHT
    )


def test_newcomers_take_no_time_of_those_who_wait_nor_of_each_other():
    queue, desks = line(4), [free("A")]
    newcomers = [
        Waiting(-place, "", "A", preferente, EIGHT + timedelta(hours=1))
        for place, preferente in ((1, False), (2, True))
    ]
    waits = estimates(queue, newcomers, desks, FIVE_MINUTES, now=EIGHT + timedelta(hours=1))
    assert [waits[n] for n in (1, 2, 3, 4, -1, -2)] == [Wait(m, m) for m in (0, 5, 10, 15, 20, 0)]


def test_the_same_policy_decides_as_in_a_call():
    queue = [*line(3), *(Waiting(n, f"P-{n:03d}", "A", True, EIGHT + timedelta(minutes=n)) for n in range(4, 7))]
    policy = Policy((Rule(Kind.EVERY, 2), Rule(Kind.PREFERENTE)))
    waits = estimates(queue, [], [free("A")], FIVE_MINUTES, policy=policy, now=EIGHT + timedelta(minutes=10))
    assert sorted(waits, key=lambda n: waits[n].likely_s) == [4, 1, 5, 2, 6, 3]


def test_who_will_have_waited_beyond_the_limit_is_then_called_first():
    queue = [*line(1), *(Waiting(n, f"P-{n:03d}", "A", True, EIGHT + timedelta(minutes=n)) for n in range(2, 8))]
    policy = Policy((Rule(Kind.WAITED, 15), Rule(Kind.PREFERENTE)))
    waits = estimates(queue, [], [free("A")], FIVE_MINUTES, policy=policy, now=EIGHT + timedelta(minutes=8))
    assert waits[1] == Wait(10, 10) and waits[4] == Wait(15, 15)


def test_preferentes_still_to_come_make_a_general_wait_longer():
    queue, busy = line(6), [Busy(Desk(1, ("A",)), "A", 60.0)]
    coming = replace(FIVE_MINUTES, arrivals={("A", True): 4}, arrivals_s=1800.0)
    alone, later = (estimate(queue[5], queue, busy, seen, now=EIGHT) for seen in (FIVE_MINUTES, coming))
    assert alone.likely_s < later.likely_s and alone.high_minutes < later.high_minutes


def test_a_paused_ventanilla_comes_back_and_one_whose_person_has_not_come_takes_longer():
    queue, there = line(3), [Busy(Desk(1, ("A",)), "A", 100.0)]
    away = Busy(Desk(2, ("A",)), for_s=120.0, paused=True)
    assert (
        estimate(queue[2], queue, [*there, away], FIVE_MINUTES, now=EIGHT).likely_s
        < estimate(queue[2], queue, there, FIVE_MINUTES, now=EIGHT).likely_s
    )
    called = [Busy(Desk(1, ("A",)), "A", 20.0, attending=False)]
    seen = replace(FIVE_MINUTES, coming=[60.0])
    assert estimate(queue[0], queue, called, seen, now=EIGHT).likely_s == 340.0
