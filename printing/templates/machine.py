"""The page that shows what a printer can do."""

from __future__ import annotations

from printing.layout import Sheet
from printing.papers import CalibrationPaper
from printing.templates.citizen import CARGO_QR_DOTS, TICKET_QR_DOTS
from printing.templates.parts import header
from printing.words import moment

SPANISH = "ÁÉÍÓÚÜÑ áéíóúüñ ¿? ¡! ° « » N° S/"


def calibration(sheet: Sheet, paper: CalibrationPaper) -> None:
    header(sheet, paper.site, f"Impresora {paper.printer}", demo=paper.demo, reprint=paper.reprint)
    sheet.gap()
    sheet.centre("PÁGINA DE PRUEBA", bold=True)
    sheet.centre(moment(paper.printed_at))
    sheet.rule()
    sheet.text(("123456789·" * 7).replace("·", "-")[: sheet.columns])
    sheet.text(f"La línea de arriba ocupa todo el ancho: {sheet.columns} columnas.")
    sheet.rule()
    sheet.text(f"Tildes ({sheet.profile.codepage.upper()}, tabla {sheet.profile.table})")
    sheet.text(SPANISH)
    sheet.text("El niño pidió su partida en el distrito de Baños del Inca.")
    sheet.rule()
    sheet.centre("GRANDE", scale=2)
    sheet.mark("INVERSO")
    sheet.pair("Importe", "S/ 1234.50", tall=2)
    sheet.rule()
    for dots in (TICKET_QR_DOTS, CARGO_QR_DOTS):
        sheet.gap()
        sheet.qr(f"PRUEBA {paper.printer}", dots=dots)
        sheet.centre(f"QR de {min(dots, 4) if sheet.profile.narrow else dots} puntos")
    sheet.rule()
    sheet.centre("Al final el papel debe cortarse una vez.")
