"""A guide of one page: cards in two columns, each a question, a picture of what is on the screen, and what to do."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from printing.pdf.page import BLUE, BOLD, REGULAR, RULE, SOFT, folded, register_fonts, write

WIDTH, HEIGHT = A4
MARGIN, GUTTER = 34.0, 16.0
COLUMN = (WIDTH - 2 * MARGIN - GUTTER) / 2
TOP, FOOT = HEIGHT - 92.0, 26.0
TEXT, STEP, PAD = 8.6, 11.4, 9.0
PICTURE_HIGHEST, PICTURE_SCALE = 86.0, 0.36  # points; points a pixel of a screen drawn at 1.5
BLANK, LABEL, LARGER = 16.0, 74.0, 11.0  # a line to write on; a number that is dialled is larger


@dataclass(frozen=True, slots=True)
class Card:
    title: str
    steps: tuple[str, ...]
    picture: Path | None = None
    lines: tuple[tuple[str, str], ...] = ()  # a label and what goes with it; "": a line to write it by hand


class GuideTooLong(ValueError):
    """It would not fit the one page it promises: a mistake in what it says, not of who asks for it."""


def guide_pdf(title: str, subtitle: str, columns: Sequence[Sequence[Card]], *, foot: str) -> bytes:
    """The page. Raises GuideTooLong."""
    register_fonts()
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1, lang="es-PE")
    canvas.setTitle(title)
    canvas.setCreator("Mesa CAC")
    write(canvas, MARGIN, HEIGHT - 50, title, BOLD, 20, BLUE)
    write(canvas, MARGIN, HEIGHT - 68, subtitle, REGULAR, 10, SOFT)
    for n, cards in enumerate(columns):
        x, y = MARGIN + n * (COLUMN + GUTTER), TOP
        for card in cards:
            y = _card(canvas, card, x, y) - 10
        if y + 10 < FOOT + 12:
            raise GuideTooLong(f"column {n + 1} ends at {y:.0f}")
    write(canvas, MARGIN, FOOT, foot, REGULAR, 8, SOFT)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _card(canvas: Canvas, card: Card, x: float, top: float) -> float:
    """Draws it with its top there; where it ends."""
    inner = COLUMN - 2 * PAD
    lines = [(n, line) for n, step in enumerate(card.steps) for line in folded(step, REGULAR, inner - 14, TEXT)]
    image = ImageReader(str(card.picture)) if card.picture else None
    width, height = _fitted(image, inner) if image else (0.0, 0.0)
    gap = 8 if image else 0
    whole = 22 + height + gap + STEP * len(lines) + 3 * len(card.steps) + BLANK * len(card.lines) + PAD
    canvas.setStrokeColorRGB(*RULE)
    canvas.setLineWidth(0.9)
    canvas.roundRect(x, top - whole, COLUMN, whole, 6)
    write(canvas, x + PAD, top - 17, card.title, BOLD, 11, BLUE)
    y = top - 24
    if image:
        canvas.drawImage(image, x + PAD, y - height, width, height, mask="auto")
        canvas.rect(x + PAD, y - height, width, height)
        y -= height + gap
    before = -1
    for n, line in lines:
        y -= STEP + (3 if n != before and before >= 0 else 0)
        if n != before:
            write(canvas, x + PAD, y, f"{n + 1}.", BOLD, TEXT, BLUE)
        write(canvas, x + PAD + 14, y, line, REGULAR, TEXT)
        before = n
    for label, said in card.lines:
        y -= BLANK
        write(canvas, x + PAD, y, label, REGULAR, TEXT, SOFT)
        if said:
            size = min(LARGER, LARGER * (inner - LABEL) / stringWidth(said, BOLD, LARGER))
            write(canvas, x + PAD + LABEL, y, said, BOLD, size)
        else:
            canvas.line(x + PAD + LABEL, y - 2, x + COLUMN - PAD, y - 2)
    return top - whole


def _fitted(image: ImageReader, widest: float) -> tuple[float, float]:
    width, height = image.getSize()
    scale = min(PICTURE_SCALE, widest / width, PICTURE_HIGHEST / height)
    return width * scale, height * scale
