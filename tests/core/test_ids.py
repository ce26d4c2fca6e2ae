from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import (
    CROCKFORD,
    ExpedienteNumber,
    follow_token,
    normalize_key,
    random_token,
    same_secret,
    series_after,
    series_letters,
    ticket_code,
    tracking_key,
    uuid7,
)

numbers = st.builds(
    ExpedienteNumber,
    year=st.integers(2020, 2099),
    point=st.sampled_from(["MP", "WEB", "C01", "C03", "C112"]),
    series=st.sampled_from(["A", "B", "Z", "AA", "AZ"]),
    sequence=st.integers(1, 10**7),
)


def test_a_number_says_year_point_series_sequence_and_check():
    assert str(ExpedienteNumber(2026, "C01", "A", 214)) == "2026-C01A-000214-1"
    assert str(ExpedienteNumber(2026, "MP", "A", 1_000_000)).startswith("2026-MPA-1000000-")


@given(numbers)
def test_a_number_reads_back_as_people_type_it(number):
    text = str(number)
    assert ExpedienteNumber.parse(text) == number
    assert ExpedienteNumber.parse(f" {text.lower().replace('-', ' ')} ") == number


@given(numbers, st.data())
def test_a_mistyped_character_is_found(number, data):
    text = str(number).replace("-", "")
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ").filter(lambda char: char != text[place]))
    with pytest.raises(ValueError):
        ExpedienteNumber.parse(text[:place] + other + text[place + 1 :])


def test_series_run_from_a_and_never_spell_an_offence():
    assert list(islice(series_letters("C03"), 28))[-2:] == ["AA", "AB"]
    assert "KK" not in list(islice(series_letters("C03"), 600))
    assert "O" not in list(islice(series_letters("WEB"), 26))
    assert series_after("C03", None) == "A"
    assert series_after("WEB", "N") == "P"
    assert series_after("C03", "Z") == "AA"
    with pytest.raises(ValueError, match="not a series"):
        series_after("C03", "KK")


def test_ticket_codes_have_at_least_three_digits():
    assert [ticket_code("A", 1), ticket_code("P", 12), ticket_code("A", 1000)] == ["A-001", "P-012", "A-1000"]


def test_a_tracking_key_survives_being_read_aloud():
    key = tracking_key()
    assert len(key) == 9
    assert key[4] == "-"
    assert set(key.replace("-", "")) <= set(CROCKFORD)
    assert normalize_key("7kq4 m2xd") == "7KQ4-M2XD"
    assert normalize_key("OIL0-1111") == "0110-1111"
    assert normalize_key(key.lower()) == key
    assert len({tracking_key() for _ in range(1000)}) == 1000


def test_secrets_compare_whole():
    assert same_secret("7KQ4-M2XD", "7KQ4-M2XD")
    assert not same_secret("7KQ4-M2XD", "7KQ4-M2XÑ")
    assert len(random_token()) == 43


def test_uuid7_sorts_by_birth():
    born = [uuid7() for _ in range(50)]
    assert born == sorted(born)
    assert born[0].version == 7


def test_a_follow_token_can_be_typed_and_never_repeats():
    tokens = {follow_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert all(len(token) == 12 and set(token) <= set(CROCKFORD) for token in tokens)
