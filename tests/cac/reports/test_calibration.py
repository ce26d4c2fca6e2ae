"""What was told against what happened: shares inside the range, errors against the simple count, by service and week."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime, timedelta

import pytest

from cac.access.actions import SYSTEM
from cac.desk import actions as desk
from cac.reports.calibration import Finished, SimpleCount, Told, Turned, calibrate, week_of
from cac.reports.told import calibration
from cac.salas.actions import add_sala
from core.clock import LIMA, lima_day
from ticketing.estimate import Wait

MONDAY = datetime(2026, 11, 16, 9, 0, tzinfo=LIMA)


def minute(number):
    return MONDAY + timedelta(minutes=number)


def told(true_minutes, *, likely=15, simple=30, service="A"):
    """Who was told from 10 to 20 minutes."""
    seconds = None if simple is None else simple * 60
    return Told(service, MONDAY, 600, 1200, likely * 60, true_minutes * 60, seconds)


def test_shares_and_errors_of_what_was_told():
    found = calibrate([told(5), told(10), told(20), told(24)])
    assert (found.n, found.inside, found.below, found.above) == (4, 0.5, 0.25, 0.25)
    assert (found.error, found.simple_error) == (7.0, 15.0)  # |15 - true| and |30 - true|, minutes
    assert found.nearer == pytest.approx(1 - 7 / 15)


def test_the_two_are_compared_over_the_same_people_only():
    found = calibrate([told(15), told(0, simple=None)])
    assert (found.error, found.simple_error, found.nearer) == (7.5, 15.0, 1.0)
    assert calibrate([told(15, simple=None)]).nearer is None and calibrate([]).n == 0


def test_a_few_turns_are_not_judged_and_a_range_that_always_holds_is_too_wide():
    assert calibrate([told(15)] * 29).judged is None
    assert calibrate([told(15)] * 24 + [told(25)] * 6).judged is True
    assert calibrate([told(15)] * 30).judged is False and calibrate([told(25)] * 30).judged is False


def test_the_simple_count_is_what_anybody_would_reckon_at_that_instant():
    count = SimpleCount(
        [Finished(minute(1), 300), Finished(minute(5), 500)],
        [Turned(minute(0), 1, "abierta"), Turned(minute(4), 2, "abierta"), Turned(minute(8), 1, "en_pausa")],
    )
    asked = [count.at(minute(at), 4) for at in (0, 2, 6, 9)]
    assert asked == [None, 4 * 300, 4 * 400 / 2, 4 * 400]


def test_weeks_begin_on_a_lima_monday():
    assert week_of(datetime(2026, 11, 23, 3, 0, tzinfo=LIMA)).isoformat() == "2026-11-23"
    assert (
        week_of(datetime.fromisoformat("2026-11-23T03:00:00+00:00")).isoformat() == "2026-11-16"
    )  # Sunday night in Lima


@pytest.fixture
def week(sala, store):
    """One attended to count with; two of A told 0 to 5 minutes and called after 4 and 9; one of B told nothing."""

    def issue(at, service="A", wait=None):
        given = {"preferente": False, "channel": "web", "principal": SYSTEM, "public_url": "", "now": minute(at)}
        return store.write(desk.issue, service, wait=wait, **given)["id"]

    def press(at, verb, ticket=0):
        store.write(verb, desk.Press(SYSTEM, minute(at), ticket, number=1))

    for ticket in (issue(0), *(issue(11 + at, wait=Wait(0, 5, 180.0)) for at in (0, 1)), issue(13, "B")):
        called = {1: 0, 2: 15, 3: 21, 4: 30}[ticket]
        press(called, desk.call_next)
        press(called, desk.start, ticket)
        press(called + 5, desk.finish, ticket)


def test_a_period_by_service_and_week_from_what_was_kept(week, store):
    with store.read() as session:
        found = calibration(
            session, "principal", since=lima_day(MONDAY), until=lima_day(minute(9000)), now=minute(9000)
        )
    assert (found.whole.n, found.whole.inside, found.whole.above) == (2, 0.5, 0.5)
    assert [(cut.service, cut.of.n) for cut in found.by_service] == [("A", 2)]
    assert [(cut.week.isoformat(), cut.of.n) for cut in found.by_week] == [("2026-11-16", 2)]
    assert found.whole.error == pytest.approx((1 + 6) / 2)
    # one and two people ahead, attentions of 5 minutes, one ventanilla: 5 and 10 minutes, for waits of 4 and 9
    assert found.whole.simple_error == pytest.approx(1)


def test_the_page_and_its_file_tell_the_same(week, person):
    doris, asked = person("supervisor"), "?desde=2026-11-16&hasta=2026-11-20"
    page = doris.get("/reportes/espera" + asked).get_data(as_text=True)
    assert "Muy pocos para juzgar" in page and "50 %" in page and "A Partidas" in page
    text = doris.get("/reportes/espera.csv" + asked).get_data().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[1][:6] == ["todo", "todos", "2", "50.0", "0.0", "50.0"]
    assert [row[0] for row in rows[2:]] == ["todo", "2026-11-16", "2026-11-16"]


def test_an_empty_or_wrong_period_says_so(sala, person):
    doris = person("supervisor")
    assert "no se llamó a nadie a quien se le hubiera dicho" in doris.get("/reportes/espera").get_data(as_text=True)
    wrong = doris.get("/reportes/espera?desde=2026-11-20&hasta=2026-11-01")
    assert wrong.status_code == 422 and "un año como máximo" in wrong.get_data(as_text=True)
    assert person("ventanilla").get("/reportes/espera").status_code == 403


@pytest.mark.parametrize("path", ["espera", "opiniones", "preferente"])
def test_with_a_second_sala_each_report_lets_choose_and_keeps_the_choice_between_its_tabs(sala, store, person, path):
    doris, address = person("supervisor"), f"/reportes/{path}"
    assert '<select id="sala"' not in doris.get(address).get_data(as_text=True)
    store.write(add_sala, site="cac", code="dos", name="Sala Norte", principal=SYSTEM, now=minute(0))
    page = doris.get(f"{address}?sala=dos").get_data(as_text=True)
    assert re.search(r'<option value="dos" selected>\s*Sala Norte', page) and 'value="principal"' in page
    assert 'href="/reportes?sala=dos"' in page
    assert '<select id="sala"' not in person("supervisor", sala="principal").get(address).get_data(as_text=True)
