"""E18: what a cashier has is what its receipts say; a refund reverses the same lines, once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select

from cac.audit.models import AuditEntry
from cac.paper.models import PrintJob
from cac.till.models import RefundLine, TillClose
from storage import Store
from tests.cac.till.town import COUNT_4840, file, lapsed

DERECHO, REDONDEO = {"concept": "derecho", "centimos": 4847}, {"concept": "redondeo", "centimos": -7}


def rows(store: Store, model: Any) -> int:
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_cash_is_taken_rounded_and_a_card_exact(cashier: Any):
    cash, card = file(cashier), file(cashier, "tarjeta")
    seen = cashier.get("/caja").json
    by_number = {receipt["number"]: receipt for receipt in seen["receipts"]}
    assert (by_number[cash]["total_centimos"], by_number[cash]["lines"]) == (4840, [DERECHO, REDONDEO])
    assert (by_number[card]["total_centimos"], by_number[card]["lines"]) == (4847, [DERECHO])
    assert seen["by_method"] == [
        {"method": "efectivo", "receipts": 1, "centimos": None},  # blind: told after counting
        {"method": "tarjeta", "receipts": 1, "centimos": 4847},
    ]


def test_the_count_of_each_cashier_is_held_against_its_own_receipts(cashier: Any, second: Any, store: Store):
    file(cashier)
    file(cashier, "tarjeta")
    file(second)
    closed = cashier.post("/caja/cierres", {"counts": COUNT_4840}).json
    assert (closed["expected_centimos"], closed["counted_centimos"], closed["difference_centimos"]) == (4840, 4840, 0)
    assert closed["by_method"] == {"efectivo": 4840, "tarjeta": 4847}
    short = second.post("/caja/cierres", {"counts": COUNT_4840 | {"20": 0}}).json
    assert (short["expected_centimos"], short["difference_centimos"]) == (4840, -40)
    with store.read() as session:
        actions = session.scalars(select(AuditEntry.action).where(AuditEntry.action == "caja.cierre")).all()
    assert len(actions) == 2


def test_a_count_begins_where_the_one_before_ended(cashier: Any):
    file(cashier)
    first = cashier.post("/caja/cierres", {"counts": COUNT_4840}).json
    assert (first["from_at"], cashier.get("/caja").json["receipts"]) == (None, [])
    number = file(cashier)
    seen = cashier.get("/caja").json
    assert ([one["number"] for one in seen["receipts"]], seen["since_at"]) == ([number], first["to_at"])
    again = cashier.post("/caja/cierres", {"counts": COUNT_4840}).json
    assert (again["from_at"], again["receipts"], again["difference_centimos"]) == (first["to_at"], 1, 0)


def test_a_repeated_count_is_one_count_and_nothing_new_is_not_counted(cashier: Any, store: Store):
    file(cashier)
    answers = [cashier.post("/caja/cierres", {"counts": COUNT_4840}, key="hoy") for _ in range(2)]
    assert answers[0].json == answers[1].json and rows(store, TillClose) == 1
    empty = cashier.post("/caja/cierres", {"counts": COUNT_4840})
    assert (empty.status_code, empty.json["code"]) == (409, "caja.sin_movimientos")


@pytest.mark.parametrize("counts", [{"2500": 1}, {"2000": -1}, {"2000": "2"}])
def test_a_count_of_money_that_does_not_exist_is_refused(cashier: Any, counts: dict):
    assert cashier.post("/caja/cierres", {"counts": counts}).status_code == 422


def test_a_payment_still_to_come_is_not_in_the_till(cashier: Any):
    file(cashier, "banco")
    assert cashier.get("/caja").json["receipts"] == []


def test_a_refund_reverses_the_same_lines_in_the_till_that_pays(cashier: Any, second: Any, store: Store, at: Any):
    number = lapsed(cashier, store, at)
    (order,) = cashier.get("/devoluciones").json["devoluciones"]
    turned = [{"concept": "derecho", "centimos": -4847}, {"concept": "redondeo", "centimos": 7}]
    assert (order["number"], order["centimos"], order["lines"]) == (number, 4840, turned)
    paid = second.post(f"/devoluciones/{order['id']}/pagos").json
    assert (paid["lines"], paid["method"], paid["state"]) == (turned, "efectivo", "pagada")
    (refund,) = second.get("/caja").json["refunds"]
    assert (refund["total_centimos"], refund["lines"]) == (-4840, turned)
    assert cashier.get("/caja").json["refunds"] == [] == cashier.get("/devoluciones").json["devoluciones"]
    assert cashier.get(f"/expedientes/{number}").json["refund"]["state"] == "pagada"
    file(second)
    file(second)
    closed = second.post("/caja/cierres", {"counts": COUNT_4840}).json
    assert (closed["expected_centimos"], closed["difference_centimos"], closed["receipts"]) == (4840, 0, 2)


def test_a_refund_by_card_leaves_the_drawer_alone(cashier: Any, store: Store, at: Any):
    lapsed(cashier, store, at, "tarjeta")
    (order,) = cashier.get("/devoluciones").json["devoluciones"]
    paid = cashier.post(f"/devoluciones/{order['id']}/pagos").json
    assert (paid["centimos"], paid["method"]) == (4847, "tarjeta")
    closed = cashier.post("/caja/cierres", {"counts": {}}).json
    assert (closed["by_method"], closed["expected_centimos"]) == ({"tarjeta": 0}, 0)


def test_a_till_that_only_refunded_lacks_nothing_when_it_is_empty(cashier: Any, second: Any, store: Store, at: Any):
    lapsed(cashier, store, at)
    (order,) = second.get("/devoluciones").json["devoluciones"]
    second.post(f"/devoluciones/{order['id']}/pagos")
    closed = second.post("/caja/cierres", {"counts": {}}).json
    assert (closed["expected_centimos"], closed["difference_centimos"]) == (-4840, 0)


def test_two_who_pay_at_once_pay_once(cashier: Any, second: Any, store: Store, at: Any):
    lapsed(cashier, store, at)
    (order,) = cashier.get("/devoluciones").json["devoluciones"]
    with ThreadPoolExecutor(2) as desks:
        answers = list(desks.map(lambda desk: desk.post(f"/devoluciones/{order['id']}/pagos"), [cashier, second]))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert {answer.json.get("code") for answer in answers} == {None, "devolucion.ya_resuelta"}
    assert rows(store, RefundLine) == 2


def test_a_refund_that_does_not_exist_is_404(cashier: Any):
    answer = cashier.post("/devoluciones/99/pagos")
    assert (answer.status_code, answer.json["code"]) == (404, "devolucion.no_existe")


def test_a_refund_leaves_its_receipt_and_its_mark_in_the_log(
    cashier: Any, store: Store, at: Any, receipt_printer: None
):
    number = lapsed(cashier, store, at)
    (order,) = cashier.get("/devoluciones").json["devoluciones"]
    job = cashier.post(f"/devoluciones/{order['id']}/pagos").json["print_job"]
    with store.read() as session:
        paper = session.get_one(PrintJob, job).paper
        told = session.scalars(select(AuditEntry.detail).where(AuditEntry.action == "caja.devolucion")).one()
    assert "DEVOLUCIÓN" in paper and number in paper and "-4847" in paper
    assert number in told and "48.40" in told


def test_treasury_and_auditor_see_every_till_and_a_clerk_only_its_own(cashier: Any, second: Any, caller: Any):
    file(cashier)
    for role in ("tesoreria", "auditor"):
        (till,) = caller(role).get("/caja").json["tills"]
        assert (till["expected_centimos"], till["receipts"]) == (4840, 1)
    assert (second.get("/caja").json["tills"], second.get("/caja").json["receipts"]) == ([], [])
    assert caller("auditor").post("/caja/cierres", {"counts": {}}).status_code == 403
