"""Waits and coverage, by hand and against a small oracle."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cac.preferente.rules import Placed, Span, Stood, Waits, spans, uncovered, union, waits
from ticketing.policy import Attends

EIGHT = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)  # 08:00 in Lima


def at(minute):
    return EIGHT + timedelta(minutes=minute)


def span(since, until):
    return Span(at(since), at(until))


def test_the_figures_of_waits_are_in_minutes():
    assert waits([60, 120, 180, 240, 600], uncalled=2) == Waits(5, 3.0, 10.0, 10.0, 2)
    assert waits(range(60, 660, 60)) == Waits(10, 5.5, 9.0, 10.0)
    assert waits([], uncalled=1) == Waits(0, None, None, None, 1)


def test_ninety_percent_did_not_wait_longer_than_p90():
    for n in range(1, 60):
        ordered = [60 * i for i in range(1, n + 1)]
        within = sum(seconds / 60 <= waits(ordered).p90 for seconds in ordered)
        assert within >= 0.9 * n > within - 1


def test_a_ticket_counts_while_it_waits_as_preferente():
    steps = [
        Placed(at(0), "en_espera", False),
        Placed(at(5), "en_espera", True),  # corrected
        Placed(at(9), "llamado", True),
        Placed(at(12), "ausente", True),
        Placed(at(20), "en_espera", True),
    ]
    assert spans(steps, since=at(0), until=at(30)) == [span(5, 9), span(20, 30)]
    assert spans(steps, since=at(7), until=at(8)) == [span(7, 8)]


@pytest.mark.parametrize(
    ("state", "attends", "counts"),
    [
        ("abierta", Attends.ALL, True),
        ("abierta", Attends.PREFERENTE, True),
        ("abierta", Attends.GENERAL, False),
        ("en_pausa", Attends.ALL, False),
        ("cerrada", Attends.ALL, False),
    ],
)
def test_a_ventanilla_counts_while_it_is_open_and_calls_preferentes(state, attends, counts):
    assert bool(spans([Stood(at(0), state, attends)], since=at(0), until=at(1))) is counts


def test_gaps_are_where_nobody_attended():
    assert uncovered([span(0, 10)], []) == [span(0, 10)]
    assert uncovered([span(0, 10)], [span(0, 10)]) == []
    assert uncovered([span(0, 10)], [span(0.01, 10)]) == [], "0.6 s: opened by the call itself"
    assert uncovered([span(0, 10), span(5, 20)], [span(2, 4), span(3, 8), span(12, 30)]) == [span(0, 2), span(8, 12)]
    assert uncovered([], [span(0, 5)]) == []


pairs = st.tuples(st.integers(0, 30), st.integers(1, 10)).map(lambda pair: span(pair[0], sum(pair)))


@given(st.lists(pairs, max_size=6), st.lists(pairs, max_size=6))
def test_minute_by_minute_the_gaps_are_what_waits_and_is_not_attended(waiting, attended):
    def holds(spans, minute):
        return any(one.since <= at(minute) < one.until for one in spans)

    gaps = uncovered(waiting, attended)
    for minute in range(45):
        assert holds(gaps, minute) == (holds(waiting, minute) and not holds(attended, minute))
    assert gaps == union(gaps)
