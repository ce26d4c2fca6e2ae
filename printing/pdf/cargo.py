"""The cargo as an A4 page, for mail and for the office printer."""

from __future__ import annotations

from collections.abc import Iterator

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from core.money import soles
from printing.papers import CargoPaper, Payment, said
from printing.pdf.page import (
    BOLD,
    HEAD,
    INK,
    LEFT,
    LINE,
    QR_SIDE,
    REGULAR,
    RIGHT,
    SOFT,
    WARN,
    Front,
    Row,
    amount,
    balanced,
    document,
    draw_qr,
    fitting,
    folded,
    heading,
    mark,
    own_of,
    pair,
    text,
    write,
)
from printing.words import address, business_days, day, moment

TOP = HEAD - 180.0
PROOF_SIDE = 110.0  # its code is long


def cargo_pdf(paper: CargoPaper, logo: bytes | None = None) -> bytes:
    """An A4 document with everything the thermal cargo says, and page x of y."""
    front = Front(
        site=paper.site,
        office=paper.office,
        kind=paper.title,
        number=paper.number,
        subject=f"{paper.tramite_code} {paper.tramite}",
        foot=f"Verificación  {paper.check_code}",
        top=TOP,
        demo=paper.demo,
        reprint=paper.reprint,
        own=own_of(paper, logo),
    )
    return document(front, _rows(paper), head=lambda canvas: _tracking(canvas, paper))


def _tracking(canvas: Canvas, paper: CargoPaper) -> None:
    if paper.missing:
        mark(canvas, "RECIBIDO CON OBSERVACIÓN", None, HEAD - 132, left=LEFT, colour=WARN)
    follow, room = said(paper, "follow"), RIGHT - QR_SIDE - 24 - LEFT
    write(canvas, LEFT, HEAD - 158, follow, REGULAR, fitting(follow, 9, REGULAR, room), SOFT)
    write(canvas, LEFT, HEAD - 172, address(paper.track_url), REGULAR, 10)
    key = f"Clave  {paper.track_key}"
    write(canvas, RIGHT - QR_SIDE - 24 - pdfmetrics.stringWidth(key, BOLD, 13), HEAD - 172, key, BOLD, 13)
    draw_qr(canvas, paper.track_url, RIGHT - QR_SIDE, HEAD - 174)


def _rows(paper: CargoPaper) -> Iterator[Row]:
    received = moment(paper.received_at).replace("  ", ", ")
    yield heading("Qué se recibió")
    yield pair("Recibido", received + (" (hora por verificar)" if paper.hour_unverified else ""), bold=True)
    yield pair("Lugar", paper.place)
    yield pair("Trámite", f"{paper.tramite_code}  {paper.tramite}")
    yield pair("Solicitante", paper.applicant)
    yield pair("Documento", paper.applicant_document)
    if paper.representative:
        yield pair("Representante", paper.representative)
    if paper.subject:
        yield pair("Pide", paper.subject)
    yield pair("Folios recibidos", str(paper.folios))
    if paper.annexes:
        for n, annex in enumerate(paper.annexes, start=1):
            yield pair("Documentos adjuntos" if n == 1 else "", f"{n}. {annex}")
    else:
        yield pair("Documentos adjuntos", "Ninguno")
    yield pair("Copia devuelta", "Sí, con este cargo" if paper.copy_returned else "No")
    yield from _term(paper)
    if paper.payment:
        yield from _payment(paper.payment)
    if paper.legal_note:
        yield heading("Efecto de este cargo")
        yield text(paper.legal_note)
    yield _signature(paper)
    if paper.proof:
        yield _proof(paper, paper.proof)


def _term(paper: CargoPaper) -> Iterator[Row]:
    if paper.missing:
        yield heading("Falta presentar", WARN)
        for n, lacks in enumerate(paper.missing, start=1):
            yield text(f"{n}. {lacks}")
        if paper.cure_on:
            days = paper.cure_business_days
            within = f" ({business_days(days)})" if days else ""
            yield pair("Complete hasta", f"{day(paper.cure_on)}{within}", bold=True)
        if not paper.legal_note:
            yield text("Si no lo completa hasta ese día, el escrito se tendrá por no presentado.")
        return
    yield heading("Respuesta")
    if paper.due_on:
        days = paper.term_business_days
        within = f" ({business_days(days)})" if days else ""
        yield pair("Respuesta hasta", f"{day(paper.due_on)}{within}", bold=True)
    else:
        yield pair("Respuesta hasta", "Plazo por confirmar", bold=True)


def _payment(payment: Payment) -> Iterator[Row]:
    yield heading("Pago pendiente" if payment.pending else "Pago")
    for line in payment.charged:
        yield amount(line.label, soles(line.centimos))
    yield amount("Por pagar" if payment.pending else "Total", f"S/ {soles(payment.owed_centimos)}", bold=True)
    for line in payment.paid:
        yield amount(line.label, soles(line.centimos))
    if not payment.paid:
        yield amount("Forma de pago", payment.method)
    if payment.reference:
        yield amount("Operación", payment.reference)


def _signature(paper: CargoPaper) -> Row:
    keep = balanced(said(paper, "keep"), BOLD, 10, RIGHT - LEFT - 262)

    def draw(canvas: Canvas, y: float) -> None:
        y -= 38
        canvas.setStrokeColorRGB(*INK)
        canvas.setLineWidth(0.75)
        canvas.line(LEFT, y, LEFT + 220, y)
        write(canvas, LEFT, y - 14, f"Recibido por: {paper.received_by}", REGULAR, 10)
        for n, line in enumerate(keep):
            write(canvas, LEFT + 262, y - 14 * n, line, BOLD, 10)

    return Row(42 + 14 * max(1, len(keep) - 1), draw)


def _proof(paper: CargoPaper, code: str) -> Row:
    beside = LEFT + PROOF_SIDE + 14
    lines = folded(said(paper, "proof"), REGULAR, RIGHT - beside)

    def draw(canvas: Canvas, y: float) -> None:
        draw_qr(canvas, code, LEFT, y - PROOF_SIDE - 12, PROOF_SIDE)
        for n, line in enumerate(lines):
            write(canvas, beside, y - 24 - LINE * n, line, REGULAR, 10, SOFT)

    return Row(PROOF_SIDE + 14, draw)
