"""What several papers share: the heading with its marks, the payment, a signature, the check code."""

from __future__ import annotations

from core.clock import LIMA
from core.money import soles
from printing.layout import Sheet
from printing.papers import Paper, Payment, said


def header(sheet: Sheet, paper: Paper, office: str) -> None:
    sheet.logotype()
    sheet.centre(paper.site.upper(), bold=True)
    sheet.centre(office)
    says(sheet, paper, "head")
    if paper.demo:
        sheet.mark("DEMOSTRACIÓN")
    if paper.reprint:
        sheet.mark(f"REIMPRESIÓN {paper.reprint.number}")
        local = paper.reprint.at.astimezone(LIMA)
        sheet.centre(f"{local:%d/%m/%Y %H:%M}  {paper.reprint.by}")


def says(sheet: Sheet, paper: Paper, name: str, *, bold: bool = False, **places: str) -> None:
    """A sentence that the municipality may have in its own words; an empty one takes no line."""
    text = said(paper, name, **places)
    if text:
        sheet.centre(text, bold=bold)


def foot(sheet: Sheet, paper: Paper) -> None:
    """The municipality's own words, last."""
    if paper.texts.get("foot"):
        sheet.rule()
        says(sheet, paper, "foot")


def payment(sheet: Sheet, payment: Payment) -> None:
    sheet.text("PAGO PENDIENTE" if payment.pending else "PAGO", bold=True)
    for line in payment.charged:
        sheet.pair(line.label, soles(line.centimos))
    sheet.pair("POR PAGAR" if payment.pending else "TOTAL", f"S/ {soles(payment.owed_centimos)}", tall=2)
    for line in payment.paid:
        sheet.pair(line.label, soles(line.centimos))
    if not payment.paid:
        sheet.pair("Forma de pago", payment.method)
    if payment.reference:
        sheet.pair("Operación", payment.reference)


def signature(sheet: Sheet, who: str = "Firma") -> None:
    sheet.gap()
    sheet.text(f"{who}: ".ljust(sheet.columns - 1, "_"))
    sheet.gap()


def check(sheet: Sheet, code: str) -> None:
    sheet.centre(f"Verificación  {code}")
