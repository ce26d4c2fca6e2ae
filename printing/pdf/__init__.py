"""Papers of A4: drawn by reportlab with fonts embedded, metadata, pages numbered. The same values always give the same bytes."""

from printing.pdf.cargo import cargo_pdf
from printing.pdf.guide import Card, guide_pdf
from printing.pdf.office import cover_pdf, poster_pdf, report_pdf, tupa_pdf
from printing.pdf.settlement import settlement_pdf

__all__ = ["Card", "cargo_pdf", "cover_pdf", "guide_pdf", "poster_pdf", "report_pdf", "settlement_pdf", "tupa_pdf"]
