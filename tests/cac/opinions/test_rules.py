from datetime import date

import pytest

from cac.opinions.rules import FACES, Entry, Tally, monday_of, read_entry, tallies, whole


def test_the_five_faces_go_from_worst_to_best_and_each_has_its_word_and_shape():
    assert [face.value for face in FACES] == [1, 2, 3, 4, 5]
    assert len({face.word for face in FACES}) == len({face.icon for face in FACES}) == 5


def test_answers_are_counted_by_group_in_the_order_they_come():
    groups = tallies([("B", 5, 2), ("A", 1, 1), ("B", 4, 1)])
    assert groups == (Tally("B", (0, 0, 0, 1, 2)), Tally("A", (1, 0, 0, 0, 0)))
    assert whole(groups) == Tally("Todas", (1, 0, 0, 1, 2))


def test_a_mean_has_one_decimal_and_a_comma_and_none_without_answers():
    assert Tally("", (1, 0, 0, 1, 2)).mean == "3,8"
    assert Tally("", (0,) * 5).mean == "" and Tally("", (0,) * 5).content_percent is None


def test_four_answers_are_few_and_five_are_not():
    assert Tally("", (0, 0, 0, 0, 4)).few and not Tally("", (0, 0, 0, 0, 5)).few


def test_a_week_is_named_by_its_monday():
    assert monday_of(date(2026, 11, 22)) == date(2026, 11, 16) == monday_of(date(2026, 11, 16))


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("A-047", Entry(code="A-047")),
        (" a 47 ", Entry(code="A-047")),
        ("p012", Entry(code="P-012")),
        ("A-1000", Entry(code="A-1000")),
        ("https://cac.example/t/0123456789AB", Entry(token="0123456789AB")),
        ("http://127.0.0.1:5000/t/0123456789AB/", Entry(token="0123456789AB")),
        ("hola", None),
        ("", None),
        ("A-", None),
    ],
)
def test_what_is_typed_or_read_at_the_kiosk(typed, read):
    assert read_entry(typed) == read
