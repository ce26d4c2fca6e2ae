"""Slots, arrivals and codes, with no database."""

from datetime import date, datetime, time, timedelta

import pytest

from cac.citas.rules import (
    Arrival,
    DayCapacity,
    Plan,
    arrival,
    capacity_on,
    day_slots,
    free_seat,
    phone_number,
    remind_at,
    typed_code,
)
from core.clock import LIMA
from tests.cac.citas.calendar import CALENDAR
from ticketing.day import Timetable, timetable

FRIDAY, SATURDAY, SUNDAY, CHRISTMAS = date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 22), date(2026, 12, 25)
PLAN = Plan(slot_minutes=30, from_hour="08:00", until_hour="10:00", days_ahead=14)
OFFICE = {"week": [[["07:30", "12:45"], ["14:00", "16:00"]]] * 5 + [[["09:00", "13:00"]], []]}
TEN = datetime(2026, 11, 20, 10, 0, tzinfo=LIMA)
HOUR = timedelta(hours=1)


def hours(day, plan=PLAN, stored=OFFICE):
    return [at.strftime("%H:%M") for at in day_slots(day, plan, timetable(stored), CALENDAR)]


def test_slots_lie_within_the_agenda_and_the_salas_hours():
    assert hours(FRIDAY) == ["08:00", "08:30", "09:00", "09:30"]
    assert hours(SATURDAY) == ["09:00", "09:30"]
    assert hours(SUNDAY) == []


def test_a_slot_that_would_not_end_before_closing_is_not_offered():
    afternoon = Plan(30, "12:00", "15:00", 14)
    assert hours(FRIDAY, afternoon) == ["12:00", "14:00", "14:30"]


def test_a_holiday_has_no_slots_unless_the_timetable_names_it():
    assert hours(CHRISTMAS) == []
    assert hours(CHRISTMAS, stored=OFFICE | {"dates": {"2026-12-25": [["08:00", "09:00"]]}}) == ["08:00", "08:30"]


def test_a_half_day_has_half_the_slots():
    assert hours(FRIDAY, stored=OFFICE | {"dates": {"2026-11-20": [["08:00", "09:00"]]}}) == ["08:00", "08:30"]


def test_a_sala_that_never_shuts_has_the_agendas_hours_up_to_midnight():
    night = Plan(60, "22:00", "00:00", 14)
    assert [at.astimezone(LIMA).time() for at in day_slots(FRIDAY, night, Timetable(), CALENDAR)] == [
        time(22),
        time(23),
    ]


def test_beyond_the_calendar_nothing_is_offered():
    assert day_slots(date(CALENDAR.last_on.year + 1, 1, 5), PLAN, Timetable(), CALENDAR) == ()


def test_an_exception_of_the_service_counts_before_one_of_the_sala():
    days = [DayCapacity(FRIDAY, None, 0), DayCapacity(FRIDAY, 7, 3)]
    assert [capacity_on(FRIDAY, service, 2, days) for service in (7, 8)] == [3, 0]
    assert capacity_on(SATURDAY, 8, 2, days) == 2


@pytest.mark.parametrize(
    ("taken", "capacity", "seat"),
    [([], 2, 1), ([1], 2, 2), ([2], 2, 1), ([1, 2], 2, None), ([3], 1, None), ([], 0, None)],
)
def test_the_lowest_free_seat_is_given_and_none_beyond_the_capacity(taken, capacity, seat):
    assert free_seat(taken, capacity) == seat


@pytest.mark.parametrize(
    ("state", "minutes", "told"),
    [
        ("reservada", -61, Arrival.EARLY),
        ("reservada", -60, Arrival.WELCOME),
        ("reservada", 0, Arrival.WELCOME),
        ("reservada", 300, Arrival.WELCOME),
        ("reservada", -24 * 60, Arrival.OTHER_DAY),
        ("reservada", 24 * 60, Arrival.OTHER_DAY),
        ("presentada", 0, Arrival.USED),
        ("anulada", 0, Arrival.CANCELLED),
        ("no_asistio", 0, Arrival.OTHER_DAY),
    ],
)
def test_who_types_a_code_is_told_by_its_hour_and_state(state, minutes, told):
    assert arrival(state, TEN, early=HOUR, now=TEN + timedelta(minutes=minutes)) is told


def test_a_reminder_is_the_day_before_or_two_hours_before_or_none():
    assert remind_at(TEN, now=TEN - timedelta(days=3)) == TEN - timedelta(days=1)
    assert remind_at(TEN, now=TEN - timedelta(hours=5)) == TEN - timedelta(hours=2)
    assert remind_at(TEN, now=TEN - HOUR) is None


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("987 654 321", "987654321"),
        ("+51 987654321", "987654321"),
        ("76543210", None),
        ("", None),
        ("987654321000", None),
    ],
)
def test_a_mobile_is_read_however_it_is_written(typed, read):
    assert phone_number(typed) == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("48219073", "48219073"),
        ("4821 9073", "48219073"),
        ("http://127.0.0.1:8000/cita/7KQ4M2XD0011#48219073", "48219073"),
        ("httpÑ--127.0.0.1Ñ8000-cita-7KQ4M2XD0011·48219073", "48219073"),  # a Spanish keyboard
        ("4821907", None),
        ("", None),
    ],
)
def test_a_code_is_read_from_the_keypad_and_from_a_scanner_in_any_keyboard(typed, read):
    assert typed_code(typed) == read
