from datetime import date, timedelta
from pathlib import Path

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.workdays import Calendar, CalendarMissing

TEXT = Path("data/holidays_pe.csv").read_text(encoding="utf-8")
NATIONAL = Calendar.parse(TEXT, scopes={"national"})
days = st.dates(date(2025, 1, 1), date(2027, 10, 1))


@pytest.mark.parametrize(
    ("observed", "due"),
    [(date(2026, 3, 31), date(2026, 4, 6)), (date(2026, 12, 4), date(2026, 12, 10))],
)
def test_two_business_days_step_over_holidays(observed, due):
    assert NATIONAL.add(observed, 2) == due


def test_thirty_business_days_of_july_end_in_september():
    assert NATIONAL.add(date(2026, 7, 20), 30) == date(2026, 9, 4)
    assert NATIONAL.add(date(2026, 7, 20), 35) == date(2026, 9, 11)
    skipped = [holiday.on for holiday in NATIONAL.skipped(date(2026, 7, 20), date(2026, 9, 11))]
    assert skipped == [date(2026, 7, 23), date(2026, 7, 28), date(2026, 7, 29), date(2026, 8, 6)]


def test_a_scope_that_was_not_chosen_does_not_count():
    compensable, carnival = date(2026, 1, 2), date(2026, 2, 16)
    assert NATIONAL.is_business_day(compensable)
    assert not Calendar.parse(TEXT).is_business_day(compensable)
    assert Calendar.parse(TEXT).is_business_day(carnival)
    assert not Calendar.parse(TEXT, scopes={"national", "local_cajamarca"}).is_business_day(carnival)


def test_a_day_beyond_the_calendar_is_an_error_not_a_guess():
    with pytest.raises(CalendarMissing) as missing:
        NATIONAL.add(date(2027, 12, 30), 2)
    assert missing.value.day == date(2028, 1, 1)
    with pytest.raises(CalendarMissing):
        NATIONAL.is_business_day(date(2024, 12, 31))


def test_the_version_changes_with_the_text_and_the_scopes():
    assert NATIONAL.version != Calendar.parse(TEXT).version
    assert NATIONAL.version == Calendar.parse(TEXT, scopes=["national"]).version
    with pytest.raises(ValueError, match="skips a year"):
        Calendar.parse("date,name,scope\n2025-01-01,A,national\n2027-01-01,A,national\n")


def test_national_rows_agree_with_an_independent_list():
    known = set(holidays.country_holidays("PE", years=range(2025, 2028)))
    easter_sundays = {day for day in known if day.weekday() == 6} - {holiday.on for holiday in NATIONAL.holidays}
    assert len(easter_sundays) == 3  # the list has them, the decrees do not; no Sunday is ever counted
    assert {holiday.on for holiday in NATIONAL.holidays} == known - easter_sundays


@given(day=days, term=st.integers(1, 45))
def test_a_term_ends_on_a_business_day_and_counts_back_to_itself(day, term):
    end = NATIONAL.add(day, term)
    assert NATIONAL.is_business_day(end)
    assert NATIONAL.count(day, end) == term
    walked = sum(NATIONAL.is_business_day(day + timedelta(days=i)) for i in range(1, (end - day).days + 1))
    assert walked == term
