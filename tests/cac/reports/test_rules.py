from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from cac.reports.rules import (
    BOTTOM,
    LEFT,
    RIGHT,
    TOP,
    chart,
    device_health,
    duration,
    mean_curve,
    quarters,
    waiting_curve,
)
from core.clock import LIMA

EIGHT = datetime(2026, 11, 20, 8, 0, tzinfo=LIMA)
minutes = st.integers(0, 180)


def at(minute: int) -> datetime:
    return EIGHT + timedelta(minutes=minute)


def test_a_curve_counts_who_came_and_who_was_called():
    changes = [(at(1), 1), (at(2), 1), (at(20), -1)]
    curve = waiting_curve(changes, start=EIGHT, until=at(40), waiting=1)
    assert [count for _, count in curve] == [0, 2, 1, 1] and curve[-1][0] == at(40)


@given(st.lists(minutes, max_size=30), st.data())
def test_a_curve_ends_at_those_who_wait_now(arrivals, data):
    called = data.draw(st.integers(0, len(arrivals)))
    changes = [(at(minute), 1) for minute in arrivals] + [(at(180), -1)] * called
    curve = waiting_curve(changes, start=EIGHT, until=at(181), waiting=len(arrivals) - called)
    assert curve[-1][1] == len(arrivals) - called and all(count >= 0 for _, count in curve)


def test_each_quarter_hour_tells_who_came_who_was_attended_and_how_many_waited_at_its_end():
    came, went = [at(1), at(2), at(20)], [at(17)]
    curve = waiting_curve([(one, 1) for one in came] + [(at(16), -1)], start=EIGHT, until=at(40), waiting=2)
    told = quarters(came, went, curve, start=EIGHT, until=at(40))
    assert [(one.at, one.arrived, one.attended, one.waiting) for one in told] == [
        (at(0), 2, 0, 2),
        (at(15), 1, 1, 2),
        (at(30), 0, 0, 2),
    ]


def test_a_day_that_just_began_has_one_quarter_hour():
    curve = waiting_curve([(EIGHT, 1)], start=EIGHT, until=EIGHT, waiting=1)
    assert [one.arrived for one in quarters([EIGHT], [], curve, start=EIGHT, until=EIGHT)] == [1]


@given(st.lists(st.integers(0, 6_000), min_size=1, max_size=12))
def test_a_drawing_stays_inside_its_frame(counts):
    curve = tuple((at(15 * place), count) for place, count in enumerate(counts))
    drawn = chart(curve, (), end=at(15 * len(counts)))
    points = [
        tuple(map(float, point.split()))
        for point in zip(*[iter(drawn.line[1:].split())] * 2, strict=True)
        for point in [" ".join(point)]
    ]
    assert all(LEFT <= x <= RIGHT and TOP <= y <= BOTTOM for x, y in points)
    assert drawn.peak == max(counts) and drawn.now == counts[-1]


def test_a_typical_day_is_the_mean_of_the_earlier_ones_moved_to_today():
    week = [
        ((at(0) - timedelta(days=7), 4), (at(15) - timedelta(days=7), 8)),
        ((at(0) - timedelta(days=14), 2), (at(15) - timedelta(days=14), 4)),
    ]
    assert mean_curve(week, days_before=[7, 14]) == ((at(0), 3), (at(15), 6))
    assert mean_curve([], days_before=[]) == ()


def test_a_device_is_well_only_while_it_is_heard():
    assert health().ground == "bien"
    assert health(seen_at=EIGHT - timedelta(seconds=31)).silent
    assert health(seen_at=None).ground == health(paired=False).ground == "quieto"


def test_a_clock_more_than_a_minute_off_is_told_which_way():
    assert health(clock_offset_s=-60).ground == "bien"
    assert health(clock_offset_s=61).clock_off
    assert health(clock_offset_s=3_700).words == "Reloj adelantado 1 h"
    assert health(clock_offset_s=-150).words == "Reloj atrasado 2 min"
    assert health(seen_at=EIGHT - timedelta(hours=1), clock_offset_s=900).words == "Sin señal, 1 h"


def health(**kw):
    return device_health(now=EIGHT, **({"paired": True, "seen_at": EIGHT, "clock_offset_s": 0} | kw))


def test_spans_are_said_in_one_unit():
    spans = (timedelta(seconds=40), timedelta(minutes=12), timedelta(hours=17), timedelta(days=3))
    assert [duration(span) for span in spans] == ["40 s", "12 min", "17 h", "3 días"]
