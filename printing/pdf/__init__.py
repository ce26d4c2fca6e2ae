"""Papers of A4: drawn by reportlab with fonts embedded, metadata, pages numbered. The same values always give the same bytes."""

from __future__ import annotations

from typing import Any

from printing.papers import Printed
from printing.pdf.cargo import cargo_pdf
from printing.pdf.guide import Card, guide_pdf
from printing.pdf.office import cover_pdf, poster_pdf, report_pdf, tupa_pdf
from printing.pdf.settlement import settlement_pdf

MAKERS: dict[str, Any] = {
    "cargo": cargo_pdf,
    "liquidacion": settlement_pdf,
    "caratula": cover_pdf,
    "reporte": report_pdf,
    "tupa": tupa_pdf,
    "cartel": poster_pdf,
}


def draw(paper: Printed, logo: bytes | None = None) -> bytes:
    """The paper on A4, with the municipality's logo at its head (as `printing.logo` keeps it)."""
    made: bytes = MAKERS[paper.kind](paper, logo)
    return made


__all__ = [
    "MAKERS",
    "Card",
    "cargo_pdf",
    "cover_pdf",
    "draw",
    "guide_pdf",
    "poster_pdf",
    "report_pdf",
    "settlement_pdf",
    "tupa_pdf",
]
