"""What a citizen leaves with: a ticket, a cargo, a receipt."""

from __future__ import annotations

from printing.layout import INDENT, Sheet
from printing.papers import CargoPaper, ReceiptPaper, TicketPaper
from printing.templates.parts import check, header, payment, signature
from printing.words import address, counted, day, minutes, moment

TICKET_QR_DOTS, CARGO_QR_DOTS = 6, 4


def ticket(sheet: Sheet, paper: TicketPaper) -> None:
    header(sheet, paper.site, paper.office, demo=paper.demo, reprint=paper.reprint)
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
    if paper.slot_at is not None:
        sheet.pair("Su cita", moment(paper.slot_at))
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
    header(sheet, paper.site, paper.office, demo=paper.demo, reprint=paper.reprint)
    sheet.gap()
    sheet.centre(paper.title.upper(), bold=True)
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
        payment(sheet, paper.payment)
        sheet.rule()
    sheet.gap()
    sheet.qr(paper.track_url, dots=CARGO_QR_DOTS)
    sheet.centre("Vea cómo va su trámite")
    sheet.centre(address(paper.track_url))
    sheet.centre(f"Clave  {paper.track_key}", tall=2)
    sheet.rule()
    sheet.text(f"Recibido por: {paper.received_by}")
    signature(sheet)
    if paper.legal_note:
        sheet.text(paper.legal_note)
        sheet.gap()
    sheet.centre("Este cargo prueba que usted presentó")
    sheet.centre("su trámite. Consérvelo.")
    check(sheet, paper.check_code)
    if paper.proof:
        sheet.gap()
        sheet.qr(paper.proof, dots=CARGO_QR_DOTS)
        sheet.centre("Compruebe este recibo")


def receipt(sheet: Sheet, paper: ReceiptPaper) -> None:
    header(sheet, paper.site, paper.office, demo=paper.demo, reprint=paper.reprint)
    sheet.gap()
    sheet.centre(paper.title.upper(), bold=True)
    sheet.number(paper.number)
    sheet.gap()
    sheet.rule()
    sheet.pair("Fecha", moment(paper.issued_at))
    for label, value in paper.rows:
        sheet.pair(label, value)
    sheet.rule()
    payment(sheet, paper.payment)
    sheet.rule()
    sheet.text(f"Recibido por: {paper.received_by}")
    signature(sheet)
    if paper.note:
        sheet.centre(paper.note)
    if paper.check_code:
        check(sheet, paper.check_code)


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
