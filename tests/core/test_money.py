import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import parse_soles, round_cash_down, soles


def test_cash_is_rounded_down_to_ten_centimos():
    assert round_cash_down(4847) == (4840, 7)
    assert round_cash_down(4840) == (4840, 0)
    assert round_cash_down(3) == (0, 3)


@given(st.integers(0, 10**9))
def test_rounding_never_costs_the_payer_and_loses_nothing(total):
    payable, rounding = round_cash_down(total)
    assert payable + rounding == total
    assert 0 <= rounding < 10
    assert payable % 10 == 0


def test_amounts_read_as_people_write_them():
    assert [soles(19320), soles(5), soles(0), soles(-7)] == ["193.20", "0.05", "0.00", "-0.07"]
    assert [parse_soles("193.28"), parse_soles("11.00"), parse_soles("4")] == [19328, 1100, 400]
    for wrong in ("1,50", "-3", "1.234", "", "1e3"):
        with pytest.raises(ValueError, match="not an amount"):
            parse_soles(wrong)


@given(st.integers(0, 10**9))
def test_what_is_written_reads_back(centimos):
    assert parse_soles(soles(centimos)) == centimos
