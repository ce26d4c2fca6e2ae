from datetime import UTC, datetime, time, timedelta

import pytest

from core.clock import LIMA
from ticketing.day import Timetable, leftovers_before, timetable

OFFICE = timetable({"week": [[["07:30", "15:30"]]] * 5 + [[], []], "dates": {"2026-12-24": [["08:00", "12:00"]]}})


def lima(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LIMA).astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-12-08 10:00", False),  # Inmaculada Concepción
        ("2027-03-25 10:00", False),  # Jueves Santo, which moves
        ("2026-12-09 09:00", True),  # a holiday with hours of its own
        ("2026-12-09 12:30", False),  # its break
        ("2026-12-09 15:00", True),
        ("2026-12-10 10:00", True),
    ],
)
def test_a_sala_that_says_so_is_shut_on_national_holidays_unless_the_day_has_hours(at, expected):
    stored = {"week": [[["07:30", "15:30"]]] * 7, "dates": {"2026-12-09": [["08:00", "12:00"], ["14:00", "16:00"]]}}
    assert timetable(stored | {"holidays": True}).is_open(lima(at)) is expected
    assert timetable(stored).is_open(lima("2026-12-08 10:00"))


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-20 07:29", False),
        ("2026-11-20 07:30", True),
        ("2026-11-20 15:29", True),
        ("2026-11-20 15:30", False),
        ("2026-11-21 10:00", False),
        ("2026-12-24 11:59", True),
        ("2026-12-24 12:00", False),
    ],
)
def test_a_sala_is_open_in_its_hours(at, expected):
    assert OFFICE.is_open(lima(at)) is expected


def test_without_a_timetable_a_sala_never_shuts():
    assert timetable(None).always_open and timetable(None).is_open(lima("2026-11-22 03:00"))


def test_a_shift_until_midnight_lasts_to_the_end_of_the_day():
    assert Timetable(((((time(8), time(0))),),) * 7).is_open(lima("2026-11-20 23:59"))


def test_the_day_closes_when_the_sala_is_shut_and_no_ventanilla_attends():
    now = lima("2026-11-20 16:10")
    assert leftovers_before(OFFICE, attending=False, now=now) == now


def test_who_still_waits_after_closing_hour_is_served():
    issued = lima("2026-11-20 15:20")
    assert leftovers_before(OFFICE, attending=True, now=lima("2026-11-20 16:10")) < issued
    assert leftovers_before(OFFICE, attending=True, now=lima("2026-11-21 02:59")) < issued


def test_a_forgotten_ventanilla_does_not_carry_the_queue_past_three_in_the_morning():
    assert leftovers_before(OFFICE, attending=True, now=lima("2026-11-21 03:00")) == lima("2026-11-21 03:00")


def test_a_sala_that_never_shuts_lets_go_after_twelve_hours():
    now = lima("2026-11-20 16:10")
    assert leftovers_before(Timetable(), attending=True, now=now) == now - timedelta(hours=12)


def test_a_sala_of_day_and_night_that_shuts_on_a_holiday_closes_that_day_as_any_other():
    shut = timetable({"week": None, "dates": {"2026-11-20": [["08:00", "12:00"]]}})
    noon = lima("2026-11-20 12:05")
    assert leftovers_before(shut, attending=False, now=noon) == noon
    assert leftovers_before(shut, attending=True, now=noon) == lima("2026-11-20 03:00")
    after = lima("2026-11-21 12:05")
    assert leftovers_before(shut, attending=False, now=after) == after - timedelta(hours=12)


def test_a_timetable_of_six_days_is_a_mistake():
    with pytest.raises(ValueError, match="seven days"):
        timetable({"week": [[]] * 6})
