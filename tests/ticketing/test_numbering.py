import pytest

from ticketing.numbering import next_hundred, series


def test_a_preferente_takes_the_series_of_the_site():
    assert series("A", preferente=True) == "P"
    assert series("A", preferente=False) == "A"
    assert series("A", preferente=True, preferente_series=None) == "A"


@pytest.mark.parametrize(("last", "expected"), [(0, 100), (137, 200), (200, 300)])
def test_after_a_restored_backup_numbers_go_on_beyond_the_next_hundred(last, expected):
    assert next_hundred(last) == expected
