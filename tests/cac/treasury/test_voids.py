"""The page of all voids: found by cabin, operator, reason and state, added up, its case linked, and the same as a file."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from cac.sync.rules import WORD_AFTER, Facts, ago, alarms, waits_too_long
from core import wire
from core.clock import now_utc
from core.ids import uuid7
from core.ledger import Entry, declare_extorno

PAGE = "/tesoreria/extornos"


def give_back(till, filed: wire.ExpedienteFiled, motivo: str) -> wire.ExtornoDeclared:
    assert filed.ledger is not None
    charged: Entry = filed.ledger.entry()
    entry = declare_extorno(str(uuid7()), charged)
    fact = wire.ExtornoDeclared(
        at=now_utc(),
        operator="Elva R.",
        id=entry.subject,
        number=filed.number,
        centimos=filed.total_centimos,
        motivo=motivo,
        ledger=wire.LedgerEntry.of(entry),
    )
    till.append(fact)
    return fact


def facts(**changes: object) -> Facts:
    """A cabin in order."""
    plain = dict.fromkeys(Facts.__dataclass_fields__, 0) | {
        "guarantee_centimos": 30_000,
        "warn_percent": 80,
        "paired": True,
    }
    empty = dict.fromkeys(("seen_at", "pending", "clock_offset_s", "lease_until", "frozen", "told_held_centimos"))
    since = {"remittance_since": None, "extorno_since": None, "told": (), "lost": (), "suspension_reason": ""}
    return Facts(**(plain | empty | since | changes))  # type: ignore[arg-type]


@pytest.fixture
def two(till, caller) -> tuple[str, str]:
    """Two voids declared, the first rejected; the numbers of their cases."""
    numbers, declared = [], []
    for motivo in ("Se equivocó de trámite", "Cobro doble"):
        filed = till.file()
        numbers.append(filed.number)
        declared.append(give_back(till, filed, motivo))
    assert till.sync().quarantined == ()
    path = f"/cabinas/C01/extornos/{declared[0].id}/rechazos"
    assert caller("tesoreria").post(path, {"motivo": "sin recibo"}).status_code == 201
    return numbers[0], numbers[1]


def test_every_void_is_listed_with_its_reason_its_case_and_treasurys_word(two, person):
    page = person("auditor").get(PAGE).text
    for number in two:
        assert f'href="/expedientes/{number}"' in page
    for words in ("Cobro doble", "sin recibo", "Por confirmar (1)", "Rechazado (1)", "Todos (2)"):
        assert words in page
    assert 'href="/expedientes/' not in person("tesoreria").get(PAGE).text, "treasury does not open cases"


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("q=doble", {1}),
        ("q=nada", set()),
        ("estado=rechazado", {0}),
        ("estado=por_confirmar", {1}),
        ("cabina=C01", {0, 1}),
        ("cabina=C99", set()),
        ("operador=ELVA", {0, 1}),
        ("operador=nadie", set()),
        ("desde=2020-01-01&hasta=2020-02-01", set()),
    ],
)
def test_voids_are_found_by_what_people_ask(two, person, asked: str, shown: set[int]):
    page = person("tesoreria").get(f"{PAGE}?{asked}").text
    assert {n for n, number in enumerate(two) if number in page} == shown


def test_the_files_hold_what_the_page_shows(two, person):
    desk = person("tesoreria")
    rows = list(csv.reader(io.StringIO(desk.get(f"{PAGE}/csv?estado=rechazado").data.decode("utf-8-sig"))))
    assert len(rows) == 2 and rows[1][3] == two[0] and rows[1][9] == "sin recibo"
    book = load_workbook(io.BytesIO(desk.get(f"{PAGE}/xlsx").data))
    assert [row[5] for row in book["Extornos"].iter_rows(min_row=2, values_only=True)] == [15, 15]
    assert desk.get(f"{PAGE}/exe").status_code == 404
    assert desk.get(f"{PAGE}?desde=x").status_code == 422


def test_what_waits_for_treasury_is_shown_with_its_age(two, till, person):
    till.remit(1_000)
    till.sync()
    page = person("tesoreria").get("/tesoreria").text
    assert "en camino S/ 10.00" in page and "hace un momento" in page and "Demorado" not in page


def test_a_remittance_that_waits_too_long_raises_an_alarm():
    now = now_utc()
    late, early = now - WORD_AFTER - timedelta(minutes=1), now - WORD_AFTER + timedelta(minutes=1)
    assert waits_too_long(late, now=now) and not waits_too_long(early, now=now) and not waits_too_long(None, now=now)
    told = [alarm.detail for alarm in alarms(facts(remittance_since=late, extorno_since=early), now=now)]
    assert told == [f"Una remesa espera la palabra de Tesorería {ago(late, now=now)}."]
