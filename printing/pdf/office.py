"""The A4 documents of the office: carátula, poster for the door, report of a period, the TUPA."""

from __future__ import annotations

from collections.abc import Iterator

from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from printing.papers import said
from printing.pdf.page import (
    BOLD,
    HEAD,
    LEFT,
    REGULAR,
    RIGHT,
    WIDTH,
    Front,
    Row,
    balanced,
    document,
    draw_qr,
    fitting,
    heading,
    own_of,
    pair,
    table,
    text,
    write,
)
from printing.pdf.sheets import CoverSheet, PosterSheet, ReportSheet, Table, TupaEntry, TupaSheet
from printing.words import address, counted, day, moment

COVER_QR_SIDE = 74.0  # below the marks
POSTER_QR_SIDE, POSTER_ROOM = 300.0, 544.0  # the room is for title, QR and steps
POSTER_STEPS = ("first", "second", "third")
NAME_WIDTH = 90.0  # of a report's first column
MAX_FIGURES = 11


def cover_pdf(sheet: CoverSheet, logo: bytes | None = None) -> bytes:
    """The carátula that heads the paper file of a case."""
    front = Front(
        site=sheet.site,
        office=sheet.office,
        kind="Carátula de expediente",
        number=sheet.number,
        subject=f"{sheet.tramite_code} {sheet.tramite}",
        foot=f"Expediente {sheet.number}",
        top=HEAD - 146,
        demo=sheet.demo,
        own=own_of(sheet, logo),
    )
    return document(
        front,
        _cover(sheet),
        head=lambda canvas: draw_qr(canvas, sheet.number, RIGHT - COVER_QR_SIDE, HEAD - 144, COVER_QR_SIDE),
    )


def _cover(sheet: CoverSheet) -> Iterator[Row]:
    yield heading("Quién lo atiende")
    yield pair("Órgano", sheet.organ, bold=True)
    yield pair("Responsable", sheet.responsible)
    yield pair("Termina el plazo", day(sheet.due_on) if sheet.due_on else "Por confirmar", bold=True)
    if sheet.sap_on:
        yield pair("Silencio positivo", f"si no hay respuesta hasta el {day(sheet.sap_on)}")
    yield heading("De qué trata")
    yield pair("Trámite", f"{sheet.tramite_code}  {sheet.tramite}")
    yield pair("Solicitante", sheet.applicant)
    yield pair("Documento", sheet.applicant_document)
    if sheet.subject:
        yield pair("Pide", sheet.subject)
    yield pair("Recibido", moment(sheet.received_at).replace("  ", ", "))
    yield pair("Folios", str(sheet.folios))
    yield heading("Contenido")
    yield from table(("N.º", "Documento", "Folios"), sheet.papers, widths=(40, 383, 60), numbers=(2,))
    yield heading("Pases")
    yield from table(("Fecha", "De", "A", "Folios", "Firma"), [("",) * 5] * 8, widths=(70, 120, 120, 50, 123), size=13)


def poster_pdf(sheet: PosterSheet, logo: bytes | None = None) -> bytes:
    """One page to hang at the door, read from two metres; its QR as large as its words leave room for."""
    title = said(sheet, "title")
    front = Front(
        site=sheet.site,
        office=sheet.office,
        kind="",
        number="",
        subject=title,
        foot=said(sheet, "without"),
        demo=sheet.demo,
        own=own_of(sheet, logo),
    )

    def draw(canvas: Canvas) -> None:
        canvas.setTitle(f"{title} · {sheet.office}")
        titles = balanced(title, BOLD, 34, RIGHT - LEFT)
        told = [words for name in POSTER_STEPS if (words := said(sheet, name))]
        steps = [balanced(f"{n}. {one}", REGULAR, 17, RIGHT - LEFT - 40) for n, one in enumerate(told, start=1)]
        taken = 42 * len(titles) + sum(23 * len(step) + 5 for step in steps)
        side = min(POSTER_QR_SIDE, POSTER_ROOM - taken)
        y = HEAD - 94
        for line in titles:
            _centred(canvas, line, y, BOLD, 34)
            y -= 42
        draw_qr(canvas, sheet.url, (WIDTH - side) / 2, y - side + 6, side)
        y -= side + 24
        _centred(canvas, address(sheet.url), y, BOLD, fitting(address(sheet.url), 18))
        y -= 40
        for step in steps:
            for line in step:
                write(canvas, LEFT + 20, y, line, REGULAR, 17)
                y -= 23
            y -= 5

    return document(front, [Row(1, lambda canvas, y: None)], head=draw)


def _centred(canvas: Canvas, line: str, y: float, font: str, size: float) -> None:
    write(canvas, (WIDTH - pdfmetrics.stringWidth(line, font, size)) / 2, y, line, font, size)


def report_pdf(sheet: ReportSheet, logo: bytes | None = None) -> bytes:
    """The figures of a period, a table after another; a table's first line stays with its titles."""
    front = Front(
        site=sheet.site,
        office=sheet.office,
        kind=sheet.title,
        number=sheet.period,
        subject=f"{sheet.title}, {sheet.period}",
        foot=f"Hecho el {moment(sheet.made_at).replace('  ', ', ')}",
        demo=sheet.demo,
        own=own_of(sheet, logo),
    )
    return document(front, _report(sheet))


def _report(sheet: ReportSheet) -> Iterator[Row]:
    if sheet.note:
        yield text(sheet.note)
    for one in sheet.tables:
        yield heading(one.name)
        yield from _figures(one)


def _figures(one: Table) -> Iterator[Row]:
    count = len(one.titles) - 1
    assert 0 < count <= MAX_FIGURES, "more columns than a page holds"
    width = (RIGHT - LEFT - NAME_WIDTH) / count
    return table(
        one.titles,
        one.lines,
        widths=(NAME_WIDTH, *(width for _ in range(count))),
        numbers=range(1, count + 1),
        size=8 if count <= 6 else 6.5,
    )


def tupa_pdf(sheet: TupaSheet, logo: bytes | None = None) -> bytes:
    """The whole TUPA in force, by area."""
    front = Front(
        site=sheet.site,
        office=sheet.office,
        kind="Texto Único de Procedimientos Administrativos",
        number=f"TUPA {sheet.version}",
        foot=f"TUPA {sheet.version}, impreso el {day(sheet.made_on)}",
        demo=sheet.demo,
        own=own_of(sheet, logo),
    )
    return document(front, _tupa(sheet))


def _tupa(sheet: TupaSheet) -> Iterator[Row]:
    entries = sum(len(of_area) for _, of_area in sheet.areas)
    yield text(f"{counted(entries, 'trámite', 'trámites')} en {counted(len(sheet.areas), 'área', 'áreas')}.")
    if sheet.note:
        yield text(sheet.note)
    for area, of_area in sheet.areas:
        yield heading(area)
        for entry in of_area:
            yield from _entry(entry)


def _entry(entry: TupaEntry) -> Iterator[Row]:
    yield _name(f"{entry.code}  {entry.name}")
    for label, value in entry.facts:
        yield pair(label, value)
    for n, requisito in enumerate(entry.requisitos, start=1):
        yield pair("Requisitos" if n == 1 else "", f"{n}. {requisito}")


def _name(name: str) -> Row:
    lines = simpleSplit(name, BOLD, 10.5, RIGHT - LEFT)

    def draw(canvas: Canvas, y: float) -> None:
        for n, line in enumerate(lines):
            write(canvas, LEFT, y - 20 - 14 * n, line, BOLD, 10.5)

    return Row(12 + 14 * len(lines), draw, stays_with_next=True)
