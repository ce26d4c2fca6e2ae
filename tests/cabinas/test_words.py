"""What the till says of its talk with the centre, in one sentence each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cabinas.sync.queries import SyncState
from cabinas.sync.words import clock_words, held_words, history_words
from core.clock import offset_words

SEEN = SyncState(0, 0, None, None, None, None, 0, "", False)


@pytest.mark.parametrize(
    ("offset_s", "words"),
    [
        (None, "no se sabe"),
        (0, "a la hora"),
        (-5, "a la hora"),
        (40, "adelantado 40 s"),
        (-600, "atrasado 10 min"),
        (7200, "adelantado 2 h"),
        (-864_000, "atrasado 10 días"),
    ],
)
def test_an_offset_is_told_as_people_say_it(offset_s: int | None, words: str):
    assert offset_words(offset_s) == words


def test_a_till_in_order_says_nothing():
    assert [tell(SEEN) for tell in (held_words, clock_words, history_words)] == ["", "", ""]


def test_what_is_held_a_wrong_clock_and_a_history_on_its_way_are_each_a_sentence():
    assert held_words(replace(SEEN, quarantined=1)).startswith("El centro tiene 1 hecho de esta caja en verificación")
    assert "3 hechos" in held_words(replace(SEEN, quarantined=3))
    assert "atrasado 10 min" in clock_words(replace(SEEN, clock_offset_s=-600))
    assert "trayendo del centro" in history_words(replace(SEEN, behind=True))
