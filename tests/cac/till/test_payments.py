"""A fee to be paid at the bank is seen paid at the centre, once, by its proof."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cac.till.town import COUNT_4840, file


@pytest.fixture
def unpaid(cashier: Any) -> str:
    return file(cashier, "banco")


def test_a_pending_payment_is_registered_once_with_its_operation(cashier: Any, second: Any, unpaid: str):
    assert cashier.get(f"/expedientes/{unpaid}").json["payment"]["state"] == "pendiente"
    assert cashier.get("/caja").json["receipts"] == []
    missing = second.post(f"/expedientes/{unpaid}/pagos", {"reference": " "})
    assert (missing.status_code, missing.json["code"]) == (422, "pago.sin_constancia")
    paid = second.post(f"/expedientes/{unpaid}/pagos", {"reference": "BN 0099"})
    assert (paid.status_code, paid.json["state"], paid.json["method"]) == (201, "pagado", "banco")
    case = cashier.get(f"/expedientes/{unpaid}").json
    assert (case["payment"]["state"], case["payment"]["reference"]) == ("pagado", "BN 0099")
    assert "pago" in [move["kind"] for move in case["movements"]]
    again = second.post(f"/expedientes/{unpaid}/pagos", {"reference": "BN 0099"})
    assert (again.status_code, again.json["code"]) == (409, "pago.no_pendiente")
    assert second.post("/expedientes/no/pagos", {"reference": "x"}).status_code == 404


def test_what_was_paid_at_the_bank_is_never_cash_of_the_till(cashier: Any, unpaid: str):
    file(cashier)
    cashier.post(f"/expedientes/{unpaid}/pagos", {"reference": "BN 0099"})
    closed = cashier.post("/caja/cierres", {"counts": COUNT_4840}).json
    assert (closed["expected_centimos"], closed["difference_centimos"]) == (4840, 0)


def test_it_is_registered_without_javascript_and_the_case_shows_it(cashier: Any, unpaid: str, person: Any):
    desk = person("cajero")
    wrong = desk.post("/caja/pagos", {"numero": "no", "reference": "BN 1"})
    assert wrong.status_code == 404 and "No hay un expediente con ese número" in wrong.text
    done = desk.post("/caja/pagos", {"numero": unpaid, "reference": "BN 0099"}, follow_redirects=True)
    assert f"Pago de {unpaid} registrado con la operación BN 0099" in done.text
    assert "Pago registrado" in person("ventanilla").get(f"/expedientes/{unpaid}").text
    assert person("auditor").post("/caja/pagos", {"numero": unpaid, "reference": "x"}).status_code == 403
