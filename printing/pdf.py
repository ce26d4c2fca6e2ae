"""The cargo as an A4 page, for mail and for the office printer. The same paper always gives the same bytes."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest

from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from core.clock import LIMA
from core.money import soles
from printing import fonts, qr
from printing.papers import CargoPaper, Payment
from printing.templates import address, counted, day, moment

WIDTH, HEIGHT = A4
MARGIN = 56.0
LEFT, RIGHT = MARGIN, WIDTH - MARGIN
HEAD = HEIGHT - 50.0
TOP_FIRST, TOP_NEXT, BOTTOM = HEAD - 180.0, HEAD - 32.0, 70.0
LINE, GAP = 13.0, 2.0  # between the lines of a row, and after it
LABEL_WIDTH = 132.0
QR_SIDE = 96.0
LONGEST_WORD = 45  # characters

REGULAR, BOLD = "Papel", "Papel-Bold"
INK, SOFT, RULE, BLUE, WARN = (
    (0.07, 0.09, 0.11),
    (0.33, 0.36, 0.4),
    (0.78, 0.8, 0.82),
    (0.05, 0.2, 0.42),
    (0.55, 0.29, 0.02),
)

Colour = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Row:
    """A piece of the page that is never split: its height in points, and how to draw it with its top at y."""

    height: float
    draw: Callable[[Canvas, float], None]
    stays_with_next: bool = False


def cargo_pdf(paper: CargoPaper) -> bytes:
    """An A4 document with everything the thermal cargo says, and page x of y."""
    _register_fonts()
    pages = list(_paginate(list(_rows(paper))))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1, lang="es-PE")
    canvas.setTitle(f"Cargo de recepción {paper.number}")
    canvas.setAuthor(paper.site)
    canvas.setSubject(f"{paper.tramite_code} {paper.tramite}")
    canvas.setKeywords([paper.number, paper.tramite_code])
    canvas.setCreator("Mesa CAC")
    for number, rows in enumerate(pages, start=1):
        if number == 1:
            _first_page(canvas, paper)
        else:
            _next_page(canvas, paper)
        y = TOP_FIRST if number == 1 else TOP_NEXT
        for row in rows:
            row.draw(canvas, y)
            y -= row.height
        _foot(canvas, paper, number, len(pages))
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _paginate(rows: list[Row]) -> Iterator[list[Row]]:
    page: list[Row] = []
    room = TOP_FIRST - BOTTOM
    for row, following in zip_longest(rows, rows[1:]):
        needed = row.height + (following.height if row.stays_with_next and following else 0)
        if page and needed > room:
            yield page
            page, room = [], TOP_NEXT - BOTTOM
        page.append(row)
        room -= row.height
    yield page


# What the page says


def _rows(paper: CargoPaper) -> Iterator[Row]:
    received = moment(paper.received_at).replace("  ", ", ")
    yield _heading("Qué se recibió")
    yield _pair("Recibido", received + (" (hora por verificar)" if paper.hour_unverified else ""), bold=True)
    yield _pair("Lugar", paper.place)
    yield _pair("Trámite", f"{paper.tramite_code}  {paper.tramite}")
    yield _pair("Solicitante", paper.applicant)
    yield _pair("Documento", paper.applicant_document)
    if paper.representative:
        yield _pair("Representante", paper.representative)
    if paper.subject:
        yield _pair("Pide", paper.subject)
    yield _pair("Folios recibidos", str(paper.folios))
    if paper.annexes:
        for n, annex in enumerate(paper.annexes, start=1):
            yield _pair("Documentos adjuntos" if n == 1 else "", f"{n}. {annex}")
    else:
        yield _pair("Documentos adjuntos", "Ninguno")
    yield _pair("Copia devuelta", "Sí, con este cargo" if paper.copy_returned else "No")
    yield from _term(paper)
    if paper.payment:
        yield from _payment(paper.payment)
    if paper.legal_note:
        yield _heading("Efecto de este cargo")
        yield _text(paper.legal_note)
    yield _signature(paper)


def _term(paper: CargoPaper) -> Iterator[Row]:
    if paper.missing:
        yield _heading("Falta presentar", WARN)
        for n, text in enumerate(paper.missing, start=1):
            yield _text(f"{n}. {text}")
        if paper.cure_on:
            days = paper.cure_business_days
            within = f" ({counted(days, 'día hábil', 'días hábiles')})" if days else ""
            yield _pair("Complete hasta", f"{day(paper.cure_on)}{within}", bold=True)
        if not paper.legal_note:
            yield _text("Si no lo completa hasta ese día, el escrito se tendrá por no presentado.")
        return
    yield _heading("Respuesta")
    if paper.due_on:
        days = paper.term_business_days
        within = f" ({counted(days, 'día hábil', 'días hábiles')})" if days else ""
        yield _pair("Respuesta hasta", f"{day(paper.due_on)}{within}", bold=True)
    else:
        yield _pair("Respuesta hasta", "Plazo por confirmar", bold=True)


def _payment(payment: Payment) -> Iterator[Row]:
    yield _heading("Pago pendiente" if payment.pending else "Pago")
    for line in payment.lines:
        yield _amount(line.label, soles(line.centimos))
    total = "Por pagar" if payment.pending else "Total"
    yield _amount(total, f"S/ {soles(payment.total_centimos)}", bold=True)
    if payment.received_centimos is None:
        yield _amount("Forma de pago", payment.method)
    else:
        yield _amount(payment.method, soles(payment.received_centimos))
        yield _amount("Vuelto", soles(payment.change_centimos or 0))
    if payment.reference:
        yield _amount("Operación", payment.reference)


# How its pieces look


def _heading(text: str, colour: Colour = BLUE) -> Row:
    def draw(canvas: Canvas, y: float) -> None:
        _write(canvas, LEFT, y - 18, text, BOLD, 11, colour)
        _rule(canvas, y - 23)

    return Row(28, draw, stays_with_next=True)


def _pair(label: str, value: str, *, bold: bool = False) -> Row:
    font = BOLD if bold else REGULAR
    lines = _lines(value, font, RIGHT - LEFT - LABEL_WIDTH)

    def draw(canvas: Canvas, y: float) -> None:
        _write(canvas, LEFT, y - 11, label, REGULAR, 10, SOFT)
        for n, line in enumerate(lines):
            _write(canvas, LEFT + LABEL_WIDTH, y - 11 - LINE * n, line, font, 10)

    return Row(LINE * len(lines) + GAP, draw)


def _text(text: str) -> Row:
    lines = _lines(text, REGULAR, RIGHT - LEFT)

    def draw(canvas: Canvas, y: float) -> None:
        for n, line in enumerate(lines):
            _write(canvas, LEFT, y - 11 - LINE * n, line, REGULAR, 10)

    return Row(LINE * len(lines) + GAP, draw)


def _amount(label: str, value: str, *, bold: bool = False) -> Row:
    font, size = (BOLD, 13) if bold else (REGULAR, 10)
    right = LEFT + 330

    def draw(canvas: Canvas, y: float) -> None:
        _write(canvas, LEFT, y - size - 1, label, font, size)
        canvas.setFont(font, size)
        canvas.drawRightString(right, y - size - 1, value)
        if bold:
            _rule(canvas, y + 1, right)

    return Row(size + (10 if bold else 6), draw)


def _signature(paper: CargoPaper) -> Row:
    def draw(canvas: Canvas, y: float) -> None:
        y -= 38
        canvas.setStrokeColorRGB(*INK)
        canvas.setLineWidth(0.75)
        canvas.line(LEFT, y, LEFT + 220, y)
        _write(canvas, LEFT, y - 14, f"Recibido por: {paper.received_by}", REGULAR, 10)
        _write(canvas, LEFT + 262, y, "Este cargo prueba que usted presentó", BOLD, 10)
        _write(canvas, LEFT + 262, y - 14, "su trámite. Consérvelo.", BOLD, 10)

    return Row(56, draw)


def _first_page(canvas: Canvas, paper: CargoPaper) -> None:
    top = HEAD
    site = paper.site.upper()
    _write(canvas, LEFT, top, site, BOLD, _fitting(site, 12), BLUE)
    _write(canvas, LEFT, top - 15, paper.office, REGULAR, 10, SOFT)
    marks = ["DEMOSTRACIÓN"] if paper.demo else []
    if paper.reprint:
        local = paper.reprint.at.astimezone(LIMA)
        marks.append(f"REIMPRESIÓN {paper.reprint.number}")
        _write(canvas, LEFT, top - 52, f"Copia del {local:%d/%m/%Y %H:%M}, {paper.reprint.by}", REGULAR, 9, SOFT)
    right = RIGHT
    for mark in reversed(marks):
        right = _mark(canvas, mark, right, top - 60) - 8
    canvas.setStrokeColorRGB(*BLUE)
    canvas.setLineWidth(2)
    canvas.line(LEFT, top - 30, RIGHT, top - 30)
    _write(canvas, LEFT, top - 72, "Cargo de recepción", REGULAR, 13, SOFT)
    _write(canvas, LEFT, top - 102, paper.number, BOLD, 25)
    if paper.missing:
        _mark(canvas, "RECIBIDO CON OBSERVACIÓN", None, top - 132, left=LEFT, colour=WARN)
    _write(canvas, LEFT, top - 158, "Vea cómo va su trámite en", REGULAR, 9, SOFT)
    _write(canvas, LEFT, top - 172, address(paper.track_url), REGULAR, 10)
    key = f"Clave  {paper.track_key}"
    _write(canvas, RIGHT - QR_SIDE - 24 - pdfmetrics.stringWidth(key, BOLD, 13), top - 172, key, BOLD, 13)
    _qr(canvas, paper.track_url, RIGHT - QR_SIDE, top - 174)


def _next_page(canvas: Canvas, paper: CargoPaper) -> None:
    top = HEAD
    _write(canvas, LEFT, top, paper.site.upper(), BOLD, 10, BLUE)
    canvas.setFont(BOLD, 10)
    canvas.drawRightString(RIGHT, top, f"Cargo {paper.number}")
    if paper.demo:
        _mark(canvas, "DEMOSTRACIÓN", None, top - 22, left=LEFT)
    canvas.setStrokeColorRGB(*BLUE)
    canvas.setLineWidth(1)
    canvas.line(LEFT, top - 8, RIGHT, top - 8)


def _foot(canvas: Canvas, paper: CargoPaper, page: int, pages: int) -> None:
    _rule(canvas, 62)
    _write(canvas, LEFT, 46, f"Verificación  {paper.check_code}", REGULAR, 9, SOFT)
    canvas.setFont(REGULAR, 9)
    canvas.drawRightString(RIGHT, 46, f"Página {page} de {pages}")


def _mark(
    canvas: Canvas, text: str, right: float | None, y: float, *, left: float | None = None, colour: Colour = INK
) -> float:
    """A word in reverse, ending at `right` or beginning at `left`; returns where it begins."""
    width = pdfmetrics.stringWidth(text, BOLD, 10) + 14
    begin = left if left is not None else (right or RIGHT) - width
    canvas.setFillColorRGB(*colour)
    canvas.rect(begin, y - 5, width, 18, stroke=0, fill=1)
    _write(canvas, begin + 7, y, text, BOLD, 10, (1, 1, 1))
    return begin


def _qr(canvas: Canvas, text: str, x: float, y: float) -> None:
    matrix = qr.matrix(text)
    module = QR_SIDE / len(matrix)
    canvas.setFillColorRGB(0, 0, 0)
    path = canvas.beginPath()
    for n, row in enumerate(matrix):
        start: int | None = None
        for m, dark in enumerate((*row, False)):
            if dark and start is None:
                start = m
            elif not dark and start is not None:
                path.rect(x + start * module, y + QR_SIDE - (n + 1) * module, (m - start) * module, module)
                start = None
    canvas.drawPath(path, stroke=0, fill=1)


def _write(canvas: Canvas, x: float, y: float, text: str, font: str, size: float, colour: Colour = INK) -> None:
    canvas.setFillColorRGB(*colour)
    canvas.setFont(font, size)
    canvas.drawString(x, y, text)
    canvas.setFillColorRGB(*INK)


def _lines(text: str, font: str, width: float) -> list[str]:
    """`text` at 10 points in lines of `width`, control characters out; only a word wider than a line is broken."""
    plain = "".join(char for char in text if char.isprintable())
    words = [word[i : i + LONGEST_WORD] for word in plain.split() for i in range(0, len(word), LONGEST_WORD)]
    return list(simpleSplit(" ".join(words), font, 10, width)) or [""]


def _fitting(text: str, size: float) -> float:
    """The size at which `text` in bold fits the page's width, at most `size`."""
    width = pdfmetrics.stringWidth(text, BOLD, size)
    return size if width <= RIGHT - LEFT else size * (RIGHT - LEFT) / width


def _rule(canvas: Canvas, y: float, right: float = RIGHT) -> None:
    canvas.setStrokeColorRGB(*RULE)
    canvas.setLineWidth(0.75)
    canvas.line(LEFT, y, right, y)


@cache
def _register_fonts() -> None:
    for name, bold in ((REGULAR, False), (BOLD, True)):
        pdfmetrics.registerFont(TTFont(name, str(fonts.sans(bold=bold))))
