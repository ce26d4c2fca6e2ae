from datetime import UTC, datetime, timedelta

from ticketing.moves import Move
from ticketing.observed import PAUSED, Shift, Step, observe

EIGHT = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return EIGHT + timedelta(seconds=seconds)


def step(ticket: int, move: Move, seconds: float, *, ventanilla: int | None = 1, waited: float | None = None) -> Step:
    return Step(ticket, move, "A", ticket % 2 == 0, None if move is Move.ISSUE else ventanilla, waited, at(seconds))


def visit(ticket: int, called: float, *, coming: float, lasts: float, waited: float) -> list[Step]:
    return [
        step(ticket, Move.CALL, called, waited=waited),
        step(ticket, Move.START, called + coming),
        step(ticket, Move.FINISH, called + coming + lasts),
    ]


def test_the_log_says_how_long_people_take_to_come_and_clerks_to_call_the_next():
    steps = [*visit(1, 0, coming=20, lasts=100, waited=0), *visit(2, 135, coming=30, lasts=60, waited=100)]
    seen = observe(steps, [], {"A": [100.0, 60.0]}, now=at(300))
    assert (seen.coming, seen.between, seen.absent) == ([20, 30], [15], 0)


def test_a_clerk_who_waits_for_people_is_not_slow():
    steps = [*visit(1, 0, coming=20, lasts=100, waited=0), *visit(2, 500, coming=30, lasts=60, waited=5)]
    assert observe(steps, [], {}, now=at(600)).between == []


def test_a_pause_is_no_part_of_calling_the_next_and_is_known_when_it_ends():
    steps = [*visit(1, 0, coming=20, lasts=100, waited=0), *visit(2, 420, coming=30, lasts=60, waited=400)]
    shifts = [Shift(1, PAUSED, at(130)), Shift(1, "abierta", at(400)), Shift(1, PAUSED, at(520))]
    seen = observe(steps, shifts, {}, now=at(600))
    assert (seen.between, seen.pauses, seen.pausing) == ([], [270], 1.0)


def test_who_did_not_come_is_a_share_of_the_calls_and_who_came_lately_is_counted():
    steps = [step(n, Move.ISSUE, 60 * n) for n in range(3)]
    steps += [
        *visit(1, 200, coming=20, lasts=100, waited=0),
        step(2, Move.CALL, 330, waited=9),
        step(2, Move.ABSENT, 420),
    ]
    seen = observe(steps, [], {}, now=at(3000))
    assert (seen.absent, seen.missed) == (0.5, [90])
    assert seen.arrivals == {} and seen.arrivals_s == 1800
    assert observe(steps, [], {}, now=at(900)).arrivals == {("A", False): 1, ("A", True): 1}
