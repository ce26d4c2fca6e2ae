"""National holidays by rule, against the list with its norms and against somebody else's."""

from __future__ import annotations

import csv
from datetime import date
from itertools import islice
from pathlib import Path

import holidays
import pytest

from core.holidays import easter, holiday_name, holidays_from, national_holidays

DATA = Path(__file__).resolve().parents[2] / "data" / "holidays_pe.csv"


def test_the_rule_gives_every_national_row_of_the_list_and_no_other_with_its_name():
    rows = [row for row in csv.DictReader(DATA.open(encoding="utf-8")) if row["scope"] == "national"]
    years = {int(row["date"][:4]) for row in rows}
    ruled = {(day.isoformat(), name) for year in years for day, name in national_holidays(year).items()}
    assert ruled == {(row["date"], row["name"]) for row in rows}


@pytest.mark.parametrize("year", range(2024, 2061))
def test_the_rule_agrees_with_an_independent_list(year):
    others = set(holidays.country_holidays("PE", years=year)) - {easter(year)}  # it also lists the Sunday itself
    assert set(national_holidays(year)) == others


@pytest.mark.parametrize("day", ["2024-03-31", "2025-04-20", "2038-04-25", "2285-03-22"])
def test_easter_moves_between_march_22_and_april_25(day):
    assert easter(date.fromisoformat(day).year).isoformat() == day


def test_the_next_ones_go_on_into_the_next_year():
    coming = [day.isoformat() for day, _ in islice(holidays_from(date(2026, 12, 9)), 3)]
    assert coming == ["2026-12-09", "2026-12-25", "2027-01-01"]
    assert holiday_name(date(2026, 12, 24)) is None
