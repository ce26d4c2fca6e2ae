"""What a citizen leaves with: a ticket, a cargo, a receipt."""

from __future__ import annotations

from printing.layout import INDENT, Sheet
from printing.papers import CargoPaper, ReceiptPaper, TicketPaper
from printing.templates.parts import check, header, payment, says, signature
from printing.wording import ENGLISH, counted, label, minutes
from printing.words import DAYS, ENGLISH_DAYS, address, business_days, day, moment

TICKET_QR_DOTS, CARGO_QR_DOTS = 6, 4


def ticket(sheet: Sheet, paper: TicketPaper) -> None:
    """In the language chosen at the kiosk; the service by the name that the room calls it."""
    language = paper.language
    days = ENGLISH_DAYS if language == ENGLISH else DAYS
    header(sheet, paper, paper.office)
    sheet.gap()
    says(sheet, paper, "title")
    sheet.code(paper.code)
    sheet.centre(paper.service.upper(), scale=2)
    if paper.preferente:
        sheet.mark(label("preferente", language))
    sheet.rule()
    ahead = counted(paper.ahead, "person", "people", language) if paper.ahead else label("nobody", language)
    sheet.pair(label("ahead", language), ahead)
    if paper.wait_minutes is not None:
        sheet.pair(label("wait", language), minutes(paper.wait_minutes, language))
    if paper.slot_at is not None:
        sheet.pair(label("slot", language), moment(paper.slot_at, days))
    sheet.pair(label("taken", language), moment(paper.issued_at, days))
    sheet.rule()
    says(sheet, paper, "seat", bold=True)
    says(sheet, paper, "look")
    says(sheet, paper, "calls", llamadas=counted(paper.calls, "once", "times", language))
    sheet.gap()
    sheet.qr(paper.follow_url, dots=TICKET_QR_DOTS)
    says(sheet, paper, "follow")
    sheet.centre(address(paper.follow_url))
    sheet.rule()
    says(sheet, paper, "missed", informes=paper.ask_at)
    says(sheet, paper, "today")
    if paper.foot:
        sheet.rule()
        sheet.centre(paper.foot)


def cargo(sheet: Sheet, paper: CargoPaper) -> None:
    header(sheet, paper, paper.office)
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
    says(sheet, paper, "follow")
    sheet.centre(address(paper.track_url))
    sheet.centre(f"Clave  {paper.track_key}", tall=2)
    sheet.rule()
    sheet.text(f"Recibido por: {paper.received_by}")
    signature(sheet)
    if paper.legal_note:
        sheet.text(paper.legal_note)
        sheet.gap()
    says(sheet, paper, "keep")
    check(sheet, paper.check_code)
    if paper.proof:
        sheet.gap()
        sheet.qr(paper.proof, dots=CARGO_QR_DOTS)
        says(sheet, paper, "proof")


def receipt(sheet: Sheet, paper: ReceiptPaper) -> None:
    header(sheet, paper, paper.office)
    sheet.gap()
    sheet.centre(paper.title.upper(), bold=True)
    sheet.number(paper.number)
    sheet.gap()
    sheet.rule()
    sheet.pair("Fecha", moment(paper.issued_at))
    for name, value in paper.rows:
        sheet.pair(name, value)
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
            sheet.right(business_days(paper.cure_business_days))
        if not paper.legal_note:
            sheet.text("Si no lo completa, se tendrá por no presentado.")
    elif paper.due_on:
        sheet.pair("Respuesta hasta", day(paper.due_on), bold=True)
        if paper.term_business_days:
            sheet.right(business_days(paper.term_business_days))
    else:
        sheet.pair("Respuesta hasta", "plazo por confirmar", bold=True)
