from datetime import date, datetime, time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import LIMA
from core.workdays import Calendar
from intake.clock import FilingHours, law_clock, received_on, subsanacion_due
from intake.tupa import parse_tupa

CALENDAR = Calendar.parse(Path("data/holidays_pe.csv").read_text(encoding="utf-8"), scopes={"national"})
TRAMITES = {e.tramite.code: e.tramite for e in parse_tupa(Path("data/tupa.json").read_text(encoding="utf-8")).entries}
ANY_HOUR, CLOSES_AT_1530 = FilingHours(), FilingHours(time(15, 30))


def test_an_observation_gives_two_business_days():
    assert subsanacion_due(date(2026, 3, 31), calendar=CALENDAR) == date(2026, 4, 6)
    assert subsanacion_due(date(2026, 12, 4), calendar=CALENDAR) == date(2026, 12, 10)


def test_thirty_business_days_and_their_silence():
    clock = law_clock(date(2026, 7, 20), TRAMITES["TR-04"], calendar=CALENDAR)
    assert (clock.clock_start_on, clock.due_on, clock.sap_on) == (
        date(2026, 7, 21),
        date(2026, 9, 4),
        date(2026, 9, 11),
    )
    assert [(day.on.month, day.on.day) for day in clock.skipped] == [(7, 23), (7, 28), (7, 29), (8, 6)]
    assert clock.skipped[1].why == "Fiestas Patrias"


@pytest.mark.parametrize(
    ("hours", "moment", "received", "first_day"),
    [
        (ANY_HOUR, datetime(2026, 11, 20, 21, 0, tzinfo=LIMA), date(2026, 11, 20), date(2026, 11, 23)),
        (CLOSES_AT_1530, datetime(2026, 11, 20, 21, 0, tzinfo=LIMA), date(2026, 11, 23), date(2026, 11, 24)),
        (ANY_HOUR, datetime(2026, 11, 21, 10, 0, tzinfo=LIMA), date(2026, 11, 23), date(2026, 11, 24)),
        (CLOSES_AT_1530, datetime(2026, 11, 21, 10, 0, tzinfo=LIMA), date(2026, 11, 23), date(2026, 11, 24)),
        (CLOSES_AT_1530, datetime(2026, 11, 20, 15, 29, tzinfo=LIMA), date(2026, 11, 20), date(2026, 11, 23)),
    ],
)
def test_after_hours_follows_the_policy(hours, moment, received, first_day):
    day = received_on(moment, "web", calendar=CALENDAR, hours=hours)
    assert day == received
    assert law_clock(day, TRAMITES["LF-01"], calendar=CALENDAR).clock_start_on == first_day


def test_who_stands_at_the_desk_is_never_after_hours():
    late = datetime(2026, 11, 20, 18, 0, tzinfo=LIMA)
    assert received_on(late, "ventanilla", calendar=CALENDAR, hours=CLOSES_AT_1530) == date(2026, 11, 20)


def test_at_the_counter_means_the_same_day():
    clock = law_clock(date(2026, 11, 20), TRAMITES["LF-08"], calendar=CALENDAR)
    assert (clock.clock_start_on, clock.due_on, clock.sap_on) == (date(2026, 11, 23), date(2026, 11, 20), None)


def test_a_petition_is_answered_in_thirty_days_and_a_defence_within_its_own_procedure():
    assert law_clock(date(2026, 7, 20), TRAMITES["SG-08"], calendar=CALENDAR).due_on == date(2026, 9, 4)
    clock = law_clock(date(2026, 7, 20), TRAMITES["SG-10"], calendar=CALENDAR)
    assert clock.due_on is None
    assert not clock.unknown


def test_a_cure_restarts_the_term_and_keeps_the_reception():
    clock = law_clock(date(2026, 4, 6), TRAMITES["LF-01"], calendar=CALENDAR, received=date(2026, 3, 31))
    assert (clock.received_on, clock.clock_start_on, clock.due_on) == (
        date(2026, 3, 31),
        date(2026, 4, 7),
        date(2026, 4, 8),
    )


def test_beyond_the_calendar_the_term_is_unknown_not_guessed():
    clock = law_clock(date(2027, 12, 20), TRAMITES["TR-04"], calendar=CALENDAR)
    assert clock.unknown
    assert (clock.clock_start_on, clock.due_on, clock.sap_on) == (None, None, None)


@given(
    on=st.dates(date(2025, 1, 1), date(2027, 9, 1)).filter(CALENDAR.is_business_day),
    code=st.sampled_from(sorted(TRAMITES)),
)
def test_every_tramite_falls_due_on_its_counted_day(on, code):
    tramite = TRAMITES[code]
    clock = law_clock(on, tramite, calendar=CALENDAR)
    assert clock.clock_start_on == CALENDAR.next_after(on)
    if not tramite.reception_only:
        assert CALENDAR.count(on, clock.due_on) == tramite.term_business_days
    if tramite.silence == "SAP":
        assert CALENDAR.count(clock.due_on, clock.sap_on) == 5
    else:
        assert clock.sap_on is None
