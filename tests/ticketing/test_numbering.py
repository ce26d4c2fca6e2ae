import pytest

from ticketing.numbering import code, next_hundred, series


@pytest.mark.parametrize(("number", "expected"), [(1, "A-001"), (999, "A-999"), (1000, "A-1000")])
def test_a_code_has_at_least_three_digits(number, expected):
    assert code("A", number) == expected


def test_a_preferente_takes_the_series_of_the_site():
    assert series("A", preferente=True) == "P"
    assert series("A", preferente=False) == "A"
    assert series("A", preferente=True, preferente_series=None) == "A"


@pytest.mark.parametrize(("last", "expected"), [(0, 100), (137, 200), (200, 300)])
def test_after_a_restored_backup_numbers_go_on_beyond_the_next_hundred(last, expected):
    assert next_hundred(last) == expected
