"""The sum of what cabins owe is what the centre has to receive, to the céntimo, whatever happened."""

from __future__ import annotations

import pytest

from cac.treasury import check
from cac.treasury.models import CabinPosting
from core import ledger, wire
from core.clock import now_utc
from tests.cac.cabinas import Till


@pytest.fixture
def busy(till, convenio, app, centre_public, caller) -> Till:
    """Two cabins: cash, card and rounding; a remittance for less, one refused, an extorno, a guarantee taken from."""
    other = Till(app.test_client(), "C02", centre_public)
    other.pair(convenio("C02"))
    for tramite in ("RC-01", "SG-03", "SA-02", "RC-02"):
        till.file(tramite)
        other.file(tramite)
    till.file(request={"payment": {"method": "tarjeta"}})
    gone = other.file()
    less, refused = till.remit(1_100), till.remit(500)
    charged = gone.ledger.entry()
    values = {
        "at": now_utc(),
        "operator": "Elva R.",
        "id": "x1",
        "number": gone.number,
        "centimos": 1_500,
        "motivo": "x",
    }
    other.append(wire.ExtornoDeclared(**values, ledger=wire.LedgerEntry.of(ledger.declare_extorno("x1", charged))))
    assert till.sync().quarantined == other.sync().quarantined == ()
    desk = caller("tesoreria")
    assert desk.post(f"/cabinas/C01/remesas/{less.id}/confirmaciones", {"centimos": 1_000}).status_code == 201
    assert desk.post(f"/cabinas/C01/remesas/{refused.id}/rechazos", {"motivo": "no llegó"}).status_code == 201
    assert desk.post("/cabinas/C02/extornos/x1/confirmaciones").status_code == 201
    return till


def test_the_sum_of_cabin_payables_is_the_centres_receivable_to_the_centimo(busy, store, person):
    with store.read() as session:
        compared = check.compare(session)
    assert [one.code for one in compared] == ["C01", "C02"]
    assert all(one.difference_centimos == 0 and one.ledger_centimos > 0 for one in compared)
    assert sum(one.ledger_centimos for one in compared) == sum(one.receivable_centimos for one in compared)
    assert (compared[0].received_centimos, compared[1].undone_centimos) == (1_000, 1_100)
    assert "Cuadra: lo que dicen deber" in person("auditor").get("/tesoreria/cuadre").text


def test_a_line_that_no_case_backs_is_seen(busy, store, person):
    def stray(session) -> None:
        line = {"kind": "cobro", "subject": "x", "account": "municipal.por_remitir", "centimos": -5, "undoes": None}
        session.add(CabinPosting(cabina_id=1, source="evento:1", at=now_utc(), **line))

    store.write(stray)
    page = person("tesoreria").get("/tesoreria/cuadre").text
    assert "No cuadra en C01" in page and "Difiere S/ 0.05" in page
