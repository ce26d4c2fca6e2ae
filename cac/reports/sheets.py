"""A period's figures as files: one CSV of all its tables, or a workbook with a sheet for each."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from cac.reports.figures import Tally
from cac.reports.period import Line, PeriodReport
from printing.pdf.sheets import ReportSheet, Table

COLUMNS = (
    "Llegaron",
    "Llamados (n de la espera)",
    "Espera mediana, min",
    "Espera que 90 % no pasó, min",
    "Atendidos (n de la atención)",
    "Atención mediana, min",
    "Atención que 90 % no pasó, min",
    "Ausencias",
    "Abandonos",
    "Sin atender al cierre",
    "Derivados",
)
SHORT = (  # of COLUMNS, broken where a narrow column of A4 may break them
    "Llega- ron", "Llama- dos", "Espera", "90 %", "Aten- didos", "Aten- ción", "90 %", "Ausen- cias", "Aban- donos", "Sin aten- der",
    "Deri- vados",
)  # fmt: skip
AT_A_DESK = ("Ventanilla", "Personal")  # nobody arrives at one, nor gives up a turn there
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run a name that begins so


def figures_of(tally: Tally, by: str = "") -> tuple[int | None, ...]:
    """In the order of COLUMNS; None where there is no n to speak of, or nothing that a ventanilla does."""
    anywhere = by not in AT_A_DESK
    return (
        tally.issued if anywhere else None,
        tally.called,
        tally.wait_median,
        tally.wait_p90,
        tally.finished,
        tally.service_median,
        tally.service_p90,
        tally.absent,
        tally.abandoned if anywhere else None,
        tally.left if anywhere else None,
        tally.forwarded,
    )


def tables(report: PeriodReport) -> Iterator[tuple[str, Sequence[tuple[str | date, Tally]]]]:
    """Each table of the report: what it is by, and its rows."""
    yield "Total", [("Total", report.whole)]
    yield "Día", report.days
    for by, lines in (
        ("Servicio", report.by_service),
        ("Clase", report.by_class),
        ("Ventanilla", report.by_place),
        ("Personal", report.by_clerk),
        ("Hora", report.by_hour),
    ):
        yield by, _named(lines)


def as_csv(report: PeriodReport) -> bytes:
    """UTF-8 with its mark, so that a spreadsheet shows the accents."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(("Por", "Qué", *COLUMNS))
    for by, rows in tables(report):
        for name, tally in rows:
            values = ["" if value is None else value for value in figures_of(tally, by)]
            writer.writerow((by, _safe(str(name)), *values))
    return file.getvalue().encode("utf-8-sig")


def as_sheet(report: PeriodReport, *, site: str, office: str, made_at: datetime, demo: bool) -> ReportSheet:
    """To read and to sign; the same tables, with the day's date written as people do."""
    shown = tuple(
        Table(by, (by, *SHORT), tuple((_shown_name(name), *_cells(tally, by)) for name, tally in rows))
        for by, rows in tables(report)
        if rows
    )
    first, last = f"{report.first:%d/%m/%Y}", f"{report.last:%d/%m/%Y}"
    return ReportSheet(
        site=site,
        office=f"{office}, {report.sala_name}",
        title="Reporte de atención",
        period=first if first == last else f"{first} a {last}",
        made_at=made_at,
        tables=shown,
        note="Esperas y atenciones en minutos: la mediana, y lo que nueve de cada diez no pasaron.",
        demo=demo,
    )


def _cells(tally: Tally, by: str) -> tuple[str, ...]:
    return tuple("" if value is None else str(value) for value in figures_of(tally, by))


def _shown_name(name: str | date) -> str:
    return f"{name:%d/%m/%Y}" if isinstance(name, date) else name


def as_xlsx(report: PeriodReport) -> bytes:
    book = Workbook(write_only=True)
    for by, rows in tables(report):
        sheet = book.create_sheet(by)
        sheet.freeze_panes = "B2"
        sheet.column_dimensions["A"].width = 32
        head = [WriteOnlyCell(sheet, text) for text in (by, *COLUMNS)]
        for cell in head:
            cell.font = Font(bold=True)
        sheet.append(head)
        for name, tally in rows:
            sheet.append([_safe(name) if isinstance(name, str) else name, *figures_of(tally, by)])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _named(lines: Sequence[Line]) -> list[tuple[str, Tally]]:
    return [(line.name, line.tally) for line in lines]


def _safe(name: str) -> str:
    return f"'{name}" if name.startswith(FORMULA) else name
