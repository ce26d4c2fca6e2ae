"""Settlements at the centre: figures, PDF, workbook, and the ledger as files; the same as the cabin's own lines give."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from cac.treasury import ledger as centre_ledger
from core import ledger
from core.clock import lima_day
from core.ledger import Balances
from core.settlement import Line, settle


@pytest.fixture
def month(till, caller) -> None:
    """Two filings, one remittance confirmed for less than was declared, another on its way."""
    till.file()
    till.file()
    first = till.remit(1_500)
    till.remit(200)
    assert till.sync().quarantined == ()
    path = f"/cabinas/C01/remesas/{first.id}/confirmaciones"
    assert caller("tesoreria").post(path, {"centimos": 1_400}).status_code == 201


def test_e11_the_settlement_owes_the_municipal_fee_and_never_the_service(month, person):
    page = person("tesoreria").get("/tesoreria/cabinas/C01/liquidacion").text
    for words in ("Derechos cobrados en efectivo</dt><dd>S/ 22.00", "Remesas confirmadas</dt><dd>S/ -14.00"):
        assert words in page
    assert '<dd class="total">S/ 8.00' in page and "Servicio de la cabina</dt><dd>S/ 8.00" in page


def test_both_ends_settle_the_same_period_to_the_centimo(month, till, store):
    entries = [event.payload["ledger"] for event in till.events]
    at = [event.payload["at"] for event in till.events]
    with store.read() as session:
        told = centre_ledger.lines(session, 1, lima_day(till.lease.valid_from), lima_day(till.lease.valid_from))
    day = told[0].on
    word = [one for one in told if one.kind == ledger.EntryKind.REMITTANCE_CONFIRMED]
    own = [
        Line(told[0].at, day, ledger.EntryKind(e["kind"]), e["subject"], ledger.Account(p["account"]), p["centimos"])
        for e, _ in zip(entries, at, strict=True)
        for p in e["postings"]
    ]
    centre = settle("C01", Balances(), told, from_on=day, to_on=day)
    cabin = settle("C01", Balances(), own + word, from_on=day, to_on=day)
    assert centre == cabin and centre.check_code == cabin.check_code


def test_the_pdf_and_the_workbook_say_what_the_page_says(month, person):
    desk = person("tesoreria")
    pdf = desk.get("/tesoreria/cabinas/C01/liquidacion/pdf")
    assert pdf.mimetype == "application/pdf"
    text = "".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(pdf.data)).pages)
    for words in ("Remesas confirmadas", "-14.00", "confirmada", "declarada", "8.00", "Por la cabina"):
        assert words in text
    book = load_workbook(io.BytesIO(desk.get("/tesoreria/cabinas/C01/liquidacion/xlsx").data))
    figures = {row[0]: row[1] for row in book["Liquidación"].iter_rows(values_only=True)}
    assert (figures["Debe a la Municipalidad"], figures["Remesas confirmadas"]) == (8, -14)
    assert book["Movimientos"].max_row == 14


def test_another_period_opens_with_what_was_owed_before(month, person):
    page = person("auditor").get("/tesoreria/cabinas/C01/liquidacion?desde=2090-01-01&hasta=2090-01-31").text
    assert "Saldo anterior</dt><dd>S/ 8.00" in page and "Ningún movimiento" in page
    assert person("auditor").get("/tesoreria/cabinas/C01/liquidacion?desde=x").status_code == 422


def test_movements_are_searched(month, person):
    desk = person("tesoreria")
    assert desk.get("/tesoreria/cabinas/C01/liquidacion?q=remesa").text.count("<td>Remesa ") == 7
    assert "Ningún movimiento" in desk.get("/tesoreria/cabinas/C01/liquidacion?q=nadie").text


def test_the_ledger_is_a_file_of_one_cabin_or_of_all(month, convenio, person):
    convenio("C02")
    desk = person("tesoreria")
    one = desk.get("/tesoreria/cabinas/C01/liquidacion/beancount").text
    assert "Liabilities:C01:Municipalidad:PorRemitir  -8.00 PEN" in one
    every = desk.get("/tesoreria/libro/journal").text
    assert "account Assets:C02:Caja:Efectivo" in every and "= -8.00 PEN" in every
    assert desk.get("/tesoreria/libro/exe").status_code == 404
    assert desk.get("/tesoreria/cabinas/C01/liquidacion/exe").status_code == 404
