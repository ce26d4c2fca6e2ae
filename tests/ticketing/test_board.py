from datetime import UTC, datetime, timedelta

from ticketing.board import Call, board
from ticketing.policy import Waiting

NOON = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)


def call(seq: int) -> Call:
    return Call(seq, f"A-{seq:03d}", 3, NOON + timedelta(seconds=seq))


def test_the_last_fifty_calls_come_oldest_first():
    shown = board([call(seq) for seq in range(60, 0, -1)], [], seq=60, now=NOON)
    assert [c.seq for c in shown.calls] == list(range(11, 61))


def test_twenty_codes_wait_in_calling_order():
    queue = [Waiting(n, f"A-{n:03d}", "A", n == 30, NOON + timedelta(minutes=n)) for n in range(1, 31)]
    shown = board([], queue, seq=0, now=NOON)
    assert shown.waiting[:3] == ("A-030", "A-001", "A-002") and len(shown.waiting) == 20


def test_the_etag_covers_all_but_the_hour():
    queue = [Waiting(1, "A-001", "A", False, NOON)]
    one, other = board([call(1)], queue, seq=1, now=NOON), board([call(1)], [], seq=1, now=NOON)
    assert one.etag() == board([call(1)], queue, seq=1, now=NOON).etag() != other.etag()
    assert one.as_json(NOON)["now"] != one.as_json(NOON + timedelta(seconds=1))["now"]


def test_a_board_carries_numbers_and_ventanillas_only():
    shown = board([call(1)], [Waiting(1, "A-001", "A", True, NOON)], seq=1, now=NOON).as_json(NOON)
    assert set(shown) == {"seq", "now", "calls", "waiting"}
    assert set(shown["calls"][0]) == {"seq", "code", "ventanilla", "called_at"}
    assert set(shown["waiting"][0]) == {"code"}
