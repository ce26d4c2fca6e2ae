"""A bag of originals at the centre: emptied by scanning, and what lacks is an alarm until it comes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from cac.reports.loop import watch
from core import wire
from core.clock import now_utc
from core.receipt import Receipt, code_of

CODE = "V-C01A-0001"


def send_bag(till: Any, *facts: wire.ExpedienteFiled, **changes: Any) -> Any:
    values: dict[str, Any] = {
        "at": now_utc(),
        "operator": "Elva R.",
        "id": uuid4().hex,
        "code": CODE,
        "seal": "P-881",
        "carried_by": "Rosa Luna",
        "items": tuple(wire.ValijaPart(number=fact.number, folios=fact.sheets) for fact in facts),
    }
    till.append(wire.ValijaSent(**values | changes))
    return till.sync()


def press(clerk: Any, step: str, **fields: str) -> Any:
    return clerk.post(f"/valijas/{CODE}/{step}", fields)


def alarms(caller: Any) -> list[str]:
    return [alarm["code"] for alarm in caller("tesoreria").get("/cabinas/C01").json["alarms"]]


@pytest.fixture
def clerk(person: Any) -> Any:
    return person("ventanilla")


def text(clerk: Any, path: str) -> str:
    return clerk.get(path).get_data(as_text=True)


def test_each_paper_is_received_by_any_of_its_codes_and_the_case_says_where_it_is(till, clerk, caller):
    facts = [till.file() for _ in range(3)]
    till.sync()
    assert "En la cabina C01" in text(clerk, f"/expedientes/{facts[0].number}")
    assert send_bag(till, *facts).quarantined == ()
    assert "en camino desde" in text(clerk, f"/expedientes/{facts[0].number}")
    receipt = code_of(till.key, Receipt(facts[1].number, facts[1].at, "RC-01", facts[1].total_centimos))
    codes = (
        facts[0].number.lower(),
        f"http://cac.example/verificar?c={receipt}",
        f"http://cac.example/seguimiento?numero={facts[2].number}&clave=AAAA-BBBB",
    )
    for scanned in codes:
        assert press(clerk, "recepciones", scanned=scanned).status_code == 303
    page = text(clerk, f"/valijas/{CODE}")
    assert "3 de 3" in page and "P-881" in page and "Rosa Luna" in page
    assert press(clerk, "cierres").status_code == 303
    assert "Completa" in text(clerk, "/valijas")
    assert "en el CAC desde" in text(clerk, f"/expedientes/{facts[0].number}")
    assert alarms(caller) == []


def test_what_was_not_in_the_bag_is_a_grave_alarm_until_it_comes(till, clerk, caller):
    there, lost = till.file(), till.file()
    till.sync()
    send_bag(till, there, lost)
    press(clerk, "recepciones", scanned=there.number)
    press(clerk, "cierres")
    assert alarms(caller) == ["cabina.valija_incompleta"]
    assert "no estaban en la valija" in text(clerk, f"/expedientes/{lost.number}")
    assert "Falta 1" in text(clerk, "/valijas")
    assert press(clerk, "recepciones", scanned=lost.number).status_code == 303
    assert alarms(caller) == []


def test_what_is_not_on_the_list_or_no_number_is_told_and_changes_nothing(till, clerk):
    fact, other = till.file(), till.file()
    till.sync()
    send_bag(till, fact)
    stranger = press(clerk, "recepciones", scanned=other.number)
    assert stranger.status_code == 409 and "no está en la lista" in stranger.get_data(as_text=True)
    unread = press(clerk, "recepciones", scanned="hola")
    assert unread.status_code == 422 and "Lea el código" in unread.get_data(as_text=True)
    assert "0 de 1" in text(clerk, f"/valijas/{CODE}")
    assert clerk.get("/valijas/V-C09A-0001").status_code == 404
    assert clerk.get("/valijas?codigo=http://cac.example/valijas/v-c01a-0001").location.endswith(CODE)


def test_a_bag_that_nobody_received_in_days_is_an_alarm(till, caller):
    fact = till.file()
    till.sync()
    send_bag(till, fact, at=now_utc() - timedelta(days=4))
    assert alarms(caller) == ["cabina.valija_demorada"]


def test_the_supervisor_is_alerted_of_missing_papers_until_they_come(till, clerk, store, person, sala):
    there, lost = till.file(), till.file()
    till.sync()
    send_bag(till, there, lost)
    send_bag(till, till.file(), code="V-C01A-0002", at=now_utc() - timedelta(days=4))
    doris = person("supervisor")
    clerk.post("/ventanillas/1/aperturas")

    def ringing() -> list[str]:
        watch(store, lambda session: None, now=now_utc())
        return [alert["title"] for alert in doris.get("/supervisor/alertas/vivas").json["alerts"]]

    assert ringing() == ["Valija de C01 demorada."]
    press(clerk, "recepciones", scanned=there.number)
    press(clerk, "cierres")
    assert sorted(ringing()) == ["C01: faltan papeles de 1 expediente.", "Valija de C01 demorada."]
    assert "No estaban en la valija: llame a la cabina" in text(doris, "/supervisor")
    press(clerk, "recepciones", scanned=lost.number)
    assert ringing() == ["Valija de C01 demorada."]


def test_what_is_looked_for_is_found_by_the_index_of_what_is_awaited(till, store):
    till.sync()
    explain = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN"}
    with store.read() as session:
        link = session.connection()
        if link.dialect.name == "postgresql":
            link.exec_driver_sql("SET LOCAL enable_seqscan = off")  # a table of a few rows is read whole otherwise
        plan = link.exec_driver_sql(
            f"{explain[link.dialect.name]} SELECT count(*) FROM valija_item "
            "JOIN valija ON valija.id = valija_item.valija_id WHERE valija_item.received_at IS NULL"
        )
        assert any("valija_item_awaited" in str(row) for row in plan)


def test_a_bag_of_another_cabin_or_with_its_cases_is_quarantined(till):
    fact = till.file()
    till.sync()
    told = send_bag(till, fact, code="V-C02A-0001").quarantined
    assert [each.code for each in told] == ["sync.contenido_invalido"]
