"""The settlement of a cabin as an A4 page, to be signed by both."""

from __future__ import annotations

from collections.abc import Iterator

from reportlab.pdfgen.canvas import Canvas

from core.money import soles
from printing.papers import SettlementPaper
from printing.pdf.page import (
    INK,
    LEFT,
    REGULAR,
    SOFT,
    Front,
    Row,
    amount,
    document,
    heading,
    own_of,
    pair,
    table,
    text,
    write,
)
from printing.templates.cash import ASIDE_NOTE, ASIDE_TITLE, settlement_word
from printing.words import day, moment


def settlement_pdf(paper: SettlementPaper, logo: bytes | None = None) -> bytes:
    front = Front(
        site=paper.site,
        office=paper.office,
        kind="Liquidación de cabina",
        number=paper.number,
        subject=f"{paper.cabina}, {day(paper.from_on)} a {day(paper.to_on)}",
        foot=f"Verificación  {paper.check_code}",
        demo=paper.demo,
        reprint=paper.reprint,
        own=own_of(paper, logo),
    )
    return document(front, _rows(paper))


def _rows(paper: SettlementPaper) -> Iterator[Row]:
    yield pair("Cabina", paper.cabina, bold=True)
    yield pair("Periodo", f"{day(paper.from_on)} a {day(paper.to_on)}")
    yield pair("Emitida", moment(paper.issued_at).replace("  ", ", "))
    yield pair("Preparada por", paper.prepared_by)
    yield pair("Trámites recibidos", str(paper.filings))
    if paper.closings:
        yield heading("Cierres de caja")
        yield from table(
            ("Cierre", "Día", "Trámites", "Municipalidad, S/"),
            [(f"Z {c.z:04d}", day(c.closed_on), str(c.filings), soles(c.centimos)) for c in paper.closings],
            widths=(90, 150, 100, 143),
            numbers=(2, 3),
        )
    if paper.remittances:
        yield heading("Remesas")
        yield from table(
            ("Día", "Operación", "Estado", "Importe, S/"),
            [(day(r.on), r.reference, r.state, soles(r.centimos)) for r in paper.remittances],
            widths=(110, 150, 120, 103),
            numbers=(3,),
        )
    if paper.asides:
        yield heading(ASIDE_TITLE)
        yield from table(
            ("Día", "Qué", "Importe, S/"),
            [(day(one.on), one.about, soles(one.centimos)) for one in paper.asides],
            widths=(110, 270, 103),
            numbers=(2,),
        )
        yield text(ASIDE_NOTE)
    yield heading("Saldo")
    for line in paper.lines:
        yield amount(line.label, soles(line.centimos))
    word = settlement_word(paper.total_centimos).capitalize()
    yield amount(word, f"S/ {soles(abs(paper.total_centimos))}", bold=True)
    if paper.notes:
        yield heading("Aparte, no es de la Municipalidad")
        for line in paper.notes:
            yield amount(line.label, soles(line.centimos))
    yield _signatures(("Por la cabina", "Por la Municipalidad"))


def _signatures(names: tuple[str, ...]) -> Row:
    def draw(canvas: Canvas, y: float) -> None:
        for n, name in enumerate(names):
            x = LEFT + 262 * n
            canvas.setStrokeColorRGB(*INK)
            canvas.setLineWidth(0.75)
            canvas.line(x, y - 48, x + 220, y - 48)
            write(canvas, x, y - 62, name, REGULAR, 10)
            write(canvas, x, y - 75, "Nombre, documento y fecha", REGULAR, 8, SOFT)

    return Row(82, draw)
