"""Tables as files a spreadsheet opens: CSV with its accents, XLSX with a sheet for each. A text somebody typed stays a text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")  # OWASP, CSV injection: a spreadsheet would run a text that begins so
NOT_IN_XML = dict.fromkeys([*range(9), 11, 12, *range(14, 32)])  # control characters that no XLSX may hold
WIDEST = 60  # characters of a column


@dataclass(frozen=True, slots=True)
class Sheet:
    name: str  # at most 31 characters, by the format
    head: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


def csv_bytes(sheets: Iterable[Sheet]) -> bytes:
    """UTF-8 with its mark, so that Excel shows the accents; several tables one under the other, each under its name."""
    text, sheets = io.StringIO(newline=""), list(sheets)
    writer = csv.writer(text)
    for number, sheet in enumerate(sheets):
        if len(sheets) > 1:
            writer.writerows([*([[]] if number else []), [sheet.name]])
        writer.writerow(sheet.head)
        writer.writerows([safe_cell(value) for value in row] for row in sheet.rows)
    return text.getvalue().encode("utf-8-sig")


def xlsx_bytes(sheets: Iterable[Sheet]) -> bytes:
    book = Workbook(write_only=True)
    for table in sheets:
        page = book.create_sheet(table.name)
        page.freeze_panes = "A2"
        for letter, width in zip(_letters(), _widths(table), strict=False):
            page.column_dimensions[letter].width = width
        head = [WriteOnlyCell(page, text) for text in table.head]
        for cell in head:
            cell.font = Font(bold=True)
        page.append(head)
        for row in table.rows:
            page.append([safe_cell(value) for value in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def safe_cell(value: Any) -> Any:
    """A text typed by somebody never becomes a formula of who opens the sheet."""
    if not isinstance(value, str):
        return value
    text = value.translate(NOT_IN_XML)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _widths(table: Sheet) -> list[int]:
    columns: Sequence[tuple[Any, ...]] = list(zip(table.head, *table.rows, strict=True))
    return [min(max(len(str(value)) for value in column) + 2, WIDEST) for column in columns]


def _letters() -> Iterable[str]:
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
