"""The cashier's page, for people who have only forms."""

from __future__ import annotations

import re
from typing import Any

import pytest

from storage import Store
from tests.cac.counter import text_of
from tests.cac.till.town import file, lapsed

TYPED = {"hay_2000": "2", "hay_500": "1", "hay_200": "1", "hay_100": "1", "hay_20": "2"}


@pytest.fixture
def clerk(person: Any, at: Any) -> Any:
    at(2026, 11, 20, 10, 46)
    return person("ventanilla", name="Luz T.")


def charge(clerk: Any) -> None:
    sheet = {
        "document_type": "DNI",
        "document_number": "10117410",
        "name": "Nélida Chuquimango Soto",
        "tramite": "RC-01",
        "requisito": ["1", "2", "3", "4", "5", "6"],
        "sheets": "2",
        "pago": "efectivo",
        "quantity": "1",
    }
    assert clerk.post("/expedientes/nuevo", sheet).status_code == 302


def test_the_page_shows_receipts_and_tells_the_difference_only_after_the_count(clerk: Any):
    charge(clerk)
    before = text_of(clerk.get("/caja"))
    assert "Derecho de trámite 48.47 · Redondeo por efectivo −0.07" in before
    assert "se dice al contar" in before and "Debía haber S/" not in before
    assert clerk.post("/caja/cierres", TYPED).status_code == 303
    after = text_of(clerk.get("/caja"))
    assert "Debía haber S/ 48.40 y contó S/ 48.40: cuadra." in after


def test_a_wrong_count_is_told_beside_its_field_and_nothing_typed_is_lost(clerk: Any):
    charge(clerk)
    answer = clerk.post("/caja/cierres", TYPED | {"hay_50": "dos"})
    page = text_of(answer)
    assert answer.status_code == 422
    assert 'id="hay_50-error"' in page and 'aria-describedby="hay_50-error"' in page
    assert 'name="hay_50"' in page and 'value="dos"' in page and page.count('value="2"') >= 2


def test_a_count_of_nothing_new_is_refused_on_the_page(clerk: Any):
    answer = clerk.post("/caja/cierres", TYPED)
    assert answer.status_code == 409 and "No cobró ni devolvió nada" in text_of(answer)


def test_a_refund_is_paid_with_its_button_and_a_second_press_is_told(clerk: Any, cashier: Any, store: Store, at: Any):
    number = lapsed(cashier, store, at)
    (order,) = cashier.get("/devoluciones").json["devoluciones"]
    assert number in text_of(clerk.get("/caja"))
    pay = f"/devoluciones/{order['id']}/pagos"
    assert clerk.post(pay).status_code == 303
    page = text_of(clerk.get("/caja"))
    assert "Devolución de S/ 48.40 registrada (Efectivo)." in page and "No hay devoluciones pendientes" in page
    clerk.post(pay)
    assert "no entregue el dinero otra vez" in text_of(clerk.get("/caja"))


def test_an_auditor_sees_every_till_and_no_form(cashier: Any, person: Any):
    number = file(cashier)
    auditor = person("auditor")
    page = text_of(auditor.get("/caja"))
    assert "ventanilla de prueba" in page and "S/ 48.40" in page
    assert 'action="/caja/cierres"' not in page and 'action="/devoluciones' not in page
    (address,) = re.findall(r'href="(/caja\?de=[^"]+)"', page)
    assert number in text_of(auditor.get(address))


def test_the_till_is_home_of_the_cajero(person: Any):
    cajero = person("cajero")
    assert cajero.get("/entrar").location == "/caja"
    page = text_of(cajero.get("/caja"))
    assert '<a href="/caja" aria-current="page">Caja</a>' in page


def test_a_supervisor_has_no_till(person: Any):
    assert person("supervisor").get("/caja").status_code == 403
