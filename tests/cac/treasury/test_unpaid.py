"""Fees of cabin cases left for the bank or the CAC: listed with their age, an alarm when they wait too long, gone once paid."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest

from cac.calendar import HOLIDAYS
from cac.till.unpaid import late_until
from core.clock import lima_day, now_utc
from core.workdays import Calendar
from web.filters import day

PAGE = "/caja/pendientes"
BANK = {"payment": {"method": "banco"}}
CALENDAR = Calendar.parse(HOLIDAYS.read_text(encoding="utf-8"), scopes=("national", "public_sector"))
FRIDAY, DAYS = date(2026, 11, 20), 5


@pytest.fixture
def waiting(till: Any) -> Any:
    """One left for the bank, one charged in cash."""
    fact = till.file(request=BANK)
    till.file()
    assert not till.sync().quarantined
    return fact


def test_it_is_listed_with_its_case_and_amount_and_leaves_once_paid(waiting: Any, person: Any):
    cashier = person("cajero")
    page = cashier.get(PAGE).text
    assert page.count(waiting.number) >= 1 and "S/ 11.00" in page and "RC-01" in page and "hoy" in page
    assert "Nélida Chuquimango Soto" in page and "C01" in page
    assert "/expedientes/" not in page, "a cashier does not open cases"
    assert "Pagos pendientes (1)" in person("tesoreria").get("/tesoreria").text
    empty = cashier.post(f"{PAGE}/pagos", {"numero": waiting.number, "reference": " "}, follow_redirects=True).text
    assert "número de operación" in empty and waiting.number in empty
    paid = {"numero": waiting.number, "reference": "BN 0099"}
    done = cashier.post(f"{PAGE}/pagos", paid, follow_redirects=True).text
    assert "registrado con la operación BN 0099" in done and "No hay pagos pendientes" in done
    assert "Pagos pendientes (" not in person("tesoreria").get("/tesoreria").text
    assert "no tiene un pago pendiente" in cashier.post(f"{PAGE}/pagos", paid, follow_redirects=True).text


def test_it_is_filtered_by_cabin_and_given_as_a_file(waiting: Any, person: Any):
    auditor = person("auditor")
    assert waiting.number in auditor.get(f"{PAGE}?cabina=C01").text
    assert waiting.number not in auditor.get(f"{PAGE}?cabina=CAC").text
    assert "Pagado" not in auditor.get(PAGE).text, "an auditor reads"
    assert auditor.post(f"{PAGE}/pagos", {"numero": waiting.number, "reference": "x"}).status_code == 403
    rows = list(csv.reader(io.StringIO(auditor.get(f"{PAGE}/csv?cabina=C01").data.decode("utf-8-sig"))))
    assert rows[0][:3] == ["Recibido", "Cabina", "Expediente"]
    assert [row[2] for row in rows[1:]] == [waiting.number] and rows[1][5] == "11"
    assert auditor.get(f"{PAGE}/xlsx").data.startswith(b"PK")
    assert auditor.get(f"{PAGE}/pdf").status_code == 404


def test_its_day_is_the_one_it_was_left_even_when_the_law_counts_from_the_next_business_day(till: Any, person: Any):
    next_one = lima_day(now_utc()) + timedelta(days=3)
    left = till.file(request=BANK, received_on=next_one)
    assert not till.sync().quarantined
    page = person("cajero").get(PAGE).text
    assert day(lima_day(left.at)) in page and day(next_one) not in page


def test_who_did_what_tells_the_cash_apart_from_what_was_left_for_the_bank(waiting: Any, person: Any):
    page = person("auditor").get("/tesoreria/cabinas/C01/hechos").text
    assert "S/ 4.00 en efectivo, S/ 11.00 por pagar" in page and page.count("S/ 15.00") == 1


@pytest.mark.parametrize(
    ("today", "until"),
    [
        (FRIDAY, date(2026, 11, 12)),  # a Thursday: six business days before, which are more than five
        (date(2026, 12, 14), date(2026, 12, 2)),  # the 8th and 9th are holidays
        (date(2040, 1, 2), None),  # the calendar does not reach
    ],
)
def test_more_business_days_than_allowed_is_late(today: date, until: date | None):
    assert late_until(today, calendar=CALENDAR, late_after=DAYS) == until


def test_one_that_waits_too_long_raises_an_alarm_of_its_cabin(till: Any, person: Any, caller: Any):
    old = late_until(lima_day(now_utc()), calendar=CALENDAR, late_after=DAYS)
    assert old is not None
    till.file(request=BANK, received_on=old)
    assert not till.sync().quarantined
    alarms = caller("tesoreria").get("/cabinas/C01").json["alarms"]
    assert [alarm["code"] for alarm in alarms if "pago" in alarm["code"]] == ["cabina.pago_demorado"]
    treasury = person("tesoreria")
    assert "1 pago en banco o CAC sin constancia" in treasury.get("/tesoreria").text
    assert "1 con más de 5 días hábiles" in treasury.get(PAGE).text
