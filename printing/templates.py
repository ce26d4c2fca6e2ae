"""What each paper says, line by line. Spanish, for citizens; `layout` fits it to the printer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from core.clock import LIMA
from core.money import soles
from printing.layout import INDENT, Sheet
from printing.papers import CalibrationPaper, CargoPaper, Paper, Payment, ReceiptPaper, Reprint, TicketPaper, ZPaper

DAYS = ("lun", "mar", "mié", "jue", "vie", "sáb", "dom")
SPANISH = "ÁÉÍÓÚÜÑ áéíóúüñ ¿? ¡! ° « » N° S/"
TICKET_QR_DOTS, CARGO_QR_DOTS = 6, 4


def day(on: date) -> str:
    """`vie 20/11/2026`"""
    return f"{DAYS[on.weekday()]} {on:%d/%m/%Y}"


def moment(at: datetime) -> str:
    """`vie 20/11/2026  10:42`, Lima."""
    local = at.astimezone(LIMA)
    return f"{day(local.date())}  {local:%H:%M}"


def counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def minutes(wait: tuple[int, int]) -> str:
    """A wait estimate in words."""
    low, high = wait
    if high <= 1:
        return "1 minuto o menos"
    if low <= 0:
        return f"menos de {high} minutos"
    return f"{high} minutos" if low == high else f"{low} a {high} minutos"


def address(url: str) -> str:
    """The address as a person types it: no scheme, no query."""
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}".rstrip("/") or url


def ticket(sheet: Sheet, paper: TicketPaper) -> None:
    _header(sheet, paper.site, paper.office, demo=paper.demo, reprint=paper.reprint)
    sheet.gap()
    sheet.centre("SU TURNO")
    sheet.code(paper.code)
    sheet.centre(paper.service.upper(), scale=2)
    if paper.preferente:
        sheet.mark("ATENCIÓN PREFERENTE")
    sheet.rule()
    sheet.pair("Antes que usted", counted(paper.ahead, "persona", "personas") if paper.ahead else "nadie")
    if paper.wait_minutes is not None:
        sheet.pair("Espera aproximada", minutes(paper.wait_minutes))
    sheet.pair("Ticket sacado", moment(paper.issued_at))
    sheet.rule()
    sheet.centre("Tome asiento.", bold=True)
    sheet.centre("Mire la pantalla y escuche su número.")
    sheet.centre(f"Le llamaremos {counted(paper.calls, 'vez', 'veces')}.")
    sheet.gap()
    sheet.qr(paper.follow_url, dots=TICKET_QR_DOTS)
    sheet.centre("Siga su turno en su celular")
    sheet.centre(address(paper.follow_url))
    sheet.rule()
    sheet.centre(f"Si no oyó su llamado, avise en {paper.ask_at}.")
    sheet.centre("Este ticket vale solo hoy.")
    if paper.foot:
        sheet.rule()
        sheet.centre(paper.foot)


def cargo(sheet: Sheet, paper: CargoPaper) -> None:
    _header(sheet, paper.site, paper.office, demo=paper.demo, reprint=paper.reprint)
    sheet.gap()
    sheet.centre("CARGO DE RECEPCIÓN", bold=True)
    sheet.number(paper.number)
    if paper.missing:
        sheet.mark("RECIBIDO CON OBSERVACIÓN")
    sheet.gap()
    sheet.rule()
    sheet.pair("Recibido", moment(paper.received_at))
    if paper.hour_unverified:
        sheet.right("hora por verificar")
    sheet.pair("Lugar", paper.place)
    sheet.text(f"Trámite  {paper.tramite_code}")
    sheet.text(paper.tramite, indent=INDENT)
    sheet.text("Solicitante")
    sheet.text(paper.applicant, indent=INDENT)
    sheet.text(paper.applicant_document, indent=INDENT)
    if paper.representative:
        sheet.text("Representante")
        sheet.text(paper.representative, indent=INDENT)
    if paper.subject:
        sheet.text("Pide")
        sheet.text(paper.subject, indent=INDENT)
    sheet.pair("Folios recibidos", str(paper.folios))
    if paper.annexes:
        sheet.text("Documentos adjuntos")
        for n, annex in enumerate(paper.annexes, start=1):
            sheet.text(f"{n}. {annex}", indent=INDENT)
    else:
        sheet.pair("Documentos adjuntos", "ninguno")
    sheet.pair("Copia devuelta con este cargo", "Sí" if paper.copy_returned else "No")
    _term(sheet, paper)
    sheet.rule()
    if paper.payment:
        _payment(sheet, paper.payment)
        sheet.rule()
    sheet.gap()
    sheet.qr(paper.track_url, dots=CARGO_QR_DOTS)
    sheet.centre("Vea cómo va su trámite")
    sheet.centre(address(paper.track_url))
    sheet.centre(f"Clave  {paper.track_key}", tall=2)
    sheet.rule()
    sheet.text(f"Recibido por: {paper.received_by}")
    _signature(sheet)
    if paper.legal_note:
        sheet.text(paper.legal_note)
        sheet.gap()
    sheet.centre("Este cargo prueba que usted presentó")
    sheet.centre("su trámite. Consérvelo.")
    _check(sheet, paper.check_code)


def receipt(sheet: Sheet, paper: ReceiptPaper) -> None:
    _header(sheet, paper.site, paper.office, demo=paper.demo, reprint=paper.reprint)
    sheet.gap()
    sheet.centre(paper.title.upper(), bold=True)
    sheet.number(paper.number)
    sheet.gap()
    sheet.rule()
    sheet.pair("Fecha", moment(paper.issued_at))
    for label, value in paper.rows:
        sheet.pair(label, value)
    sheet.rule()
    _payment(sheet, paper.payment)
    sheet.rule()
    sheet.text(f"Recibido por: {paper.received_by}")
    _signature(sheet)
    if paper.note:
        sheet.centre(paper.note)
    if paper.check_code:
        _check(sheet, paper.check_code)


def z_report(sheet: Sheet, paper: ZPaper) -> None:
    _header(sheet, paper.site, paper.office, demo=paper.demo, reprint=paper.reprint)
    sheet.gap()
    sheet.centre("CIERRE DE CAJA", bold=True)
    sheet.number(f"Z {paper.z:04d}")
    sheet.gap()
    sheet.rule()
    sheet.pair("Desde", moment(paper.opened_at))
    sheet.pair("Hasta", moment(paper.closed_at))
    sheet.pair("Trámites recibidos", str(paper.filings))
    if paper.first_seq is not None and paper.last_seq is not None:
        sheet.pair("Operaciones", f"{paper.first_seq} a {paper.last_seq}")
    else:
        sheet.pair("Operaciones", "ninguna")
    sheet.rule()
    for line in paper.lines:
        sheet.pair(line.label, soles(line.centimos))
    sheet.rule()
    if paper.counts:
        sheet.text("CONTEO", bold=True)
        for value, units in paper.counts:
            sheet.pair(f"{soles(value):>7} x {units}", soles(value * units))
        sheet.rule()
    sheet.pair("Efectivo esperado", soles(paper.expected_centimos))
    sheet.pair("Efectivo contado", soles(paper.counted_centimos))
    word = "FALTA" if paper.difference_centimos < 0 else "SOBRA" if paper.difference_centimos else "DIFERENCIA"
    sheet.pair(word, f"S/ {soles(abs(paper.difference_centimos))}", tall=2)
    sheet.rule()
    sheet.text(f"Responsable: {paper.operator}")
    _signature(sheet)
    sheet.centre("Huella del cierre")
    sheet.centre(" ".join(paper.hash[i : i + 4] for i in range(0, len(paper.hash), 4)))


def calibration(sheet: Sheet, paper: CalibrationPaper) -> None:
    _header(sheet, paper.site, f"Impresora {paper.printer}", demo=paper.demo, reprint=paper.reprint)
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


def _header(sheet: Sheet, site: str, office: str, *, demo: bool, reprint: Reprint | None) -> None:
    sheet.centre(site.upper(), bold=True)
    sheet.centre(office)
    if demo:
        sheet.mark("DEMOSTRACIÓN")
    if reprint:
        sheet.mark(f"REIMPRESIÓN {reprint.number}")
        local = reprint.at.astimezone(LIMA)
        sheet.centre(f"{local:%d/%m/%Y %H:%M}  {reprint.by}")


def _term(sheet: Sheet, paper: CargoPaper) -> None:
    if paper.missing:
        sheet.rule()
        sheet.text("FALTA PRESENTAR", bold=True)
        for n, text in enumerate(paper.missing, start=1):
            sheet.text(f"{n}. {text}", indent=INDENT)
        if paper.cure_on:
            sheet.pair("Complete hasta", day(paper.cure_on), bold=True)
        if paper.cure_business_days:
            sheet.right(counted(paper.cure_business_days, "día hábil", "días hábiles"))
        if not paper.legal_note:
            sheet.text("Si no lo completa, se tendrá por no presentado.")
    elif paper.due_on:
        sheet.pair("Respuesta hasta", day(paper.due_on), bold=True)
        if paper.term_business_days:
            sheet.right(counted(paper.term_business_days, "día hábil", "días hábiles"))
    else:
        sheet.pair("Respuesta hasta", "plazo por confirmar", bold=True)


def _payment(sheet: Sheet, payment: Payment) -> None:
    sheet.text("PAGO PENDIENTE" if payment.pending else "PAGO", bold=True)
    for line in payment.lines:
        sheet.pair(line.label, soles(line.centimos))
    sheet.pair("POR PAGAR" if payment.pending else "TOTAL", f"S/ {soles(payment.total_centimos)}", tall=2)
    if payment.received_centimos is None:
        sheet.pair("Forma de pago", payment.method)
    else:
        sheet.pair(payment.method, soles(payment.received_centimos))
        sheet.pair("Vuelto", soles(payment.change_centimos or 0))
    if payment.reference:
        sheet.pair("Operación", payment.reference)


def _signature(sheet: Sheet) -> None:
    sheet.gap()
    sheet.text("Firma: ".ljust(sheet.columns - 1, "_"))
    sheet.gap()


def _check(sheet: Sheet, code: str) -> None:
    sheet.centre(f"Verificación  {code}")


TEMPLATES: dict[type[Paper], Callable[[Sheet, Any], None]] = {
    TicketPaper: ticket,
    CargoPaper: cargo,
    ReceiptPaper: receipt,
    ZPaper: z_report,
    CalibrationPaper: calibration,
}
