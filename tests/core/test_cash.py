"""The count of a drawer."""

from __future__ import annotations

import pytest

from core.cash import CountInvalid, counted_centimos, typed_counts


def test_a_count_is_worth_its_notes_and_coins():
    assert counted_centimos({"2000": 2, "500": 1, "200": 1, "100": 1, "20": 2}) == 4840
    assert counted_centimos({}) == 0


@pytest.mark.parametrize("counts", [{"2500": 1}, {"5": 1}, {"1000": -1}, {"1000": 100_001}])
def test_a_count_of_money_that_does_not_exist_is_refused(counts: dict[str, int]):
    with pytest.raises(CountInvalid):
        counted_centimos(counts)


def test_what_is_left_empty_on_the_form_is_none():
    assert typed_counts({"hay_2000": " 2 ", "hay_10": "", "hay_20": "0"}) == {"2000": 2}


def test_a_count_nobody_made_is_refused_and_an_empty_drawer_is_told_by_a_zero():
    with pytest.raises(CountInvalid) as refused:
        typed_counts({"hay_2000": " ", "_key": "k"})
    assert "escriba 0" in refused.value.detail
    assert typed_counts({"hay_10": "0"}) == {}


@pytest.mark.parametrize("typed", ["dos", "-1", "1.5", "100001", "9" * 5_000])
def test_a_wrong_number_names_its_field(typed: str):
    with pytest.raises(CountInvalid) as refused:
        typed_counts({"hay_20": typed})
    assert refused.value.extra["field"] == "hay_20"
