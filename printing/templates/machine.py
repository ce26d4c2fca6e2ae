"""The page that shows what a printer can do, to be answered on screen (`printing.calibration`)."""

from __future__ import annotations

from printing.calibration import ACCENTS, SAMPLE, WIDTHS
from printing.layout import Sheet
from printing.papers import CalibrationPaper
from printing.templates.citizen import CARGO_QR_DOTS
from printing.templates.parts import header
from printing.words import moment


def calibration(sheet: Sheet, paper: CalibrationPaper) -> None:
    """Its questions stand in plain letters without accents: which of them the printer has is what it asks."""
    header(sheet, paper, f"Impresora {paper.printer}")
    sheet.gap()
    sheet.centre("PÁGINA DE PRUEBA", bold=True)
    sheet.centre(moment(paper.printed_at))
    sheet.rule()
    sheet.text("1. ANCHO. La barra entera mas larga:", bold=True)
    for columns in WIDTHS:
        sheet.bar(columns)
    sheet.rule()
    sheet.text("2. TILDES. El primer renglon igual al de la pantalla:", bold=True)
    for letter, codepage in ACCENTS.items():
        sheet.in_codepage(f"{letter}  {SAMPLE}", codepage)
    sheet.rule()
    sheet.text("3. QR. El que lee su celular:", bold=True)
    for number, drawn in ((1, False), (2, True)):
        sheet.gap()
        sheet.qr(f"PRUEBA {number} {paper.printer}", dots=CARGO_QR_DOTS, drawn=drawn)
        sheet.centre(f"QR {number}")
    sheet.rule()
    sheet.text("4. CORTE. Al final el papel se corta una vez.", bold=True)
    sheet.gap()
    sheet.centre("GRANDE", scale=2)
    sheet.mark("INVERSO")
    sheet.pair("Importe", "S/ 1234.50", tall=2)
