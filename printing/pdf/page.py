"""An A4 document: a head, rows that are never split, a foot that numbers its pages. The same values, the same bytes."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby, zip_longest

from reportlab import rl_config
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader, simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from core.clock import LIMA
from printing import fonts, qr
from printing.papers import Printed, Reprint, said

rl_config.useA85 = 0  # bytes as they are: mail and browsers take them, and a fifth of the time goes

WIDTH, HEIGHT = A4
MARGIN = 56.0
LEFT, RIGHT = MARGIN, WIDTH - MARGIN
HEAD = HEIGHT - 50.0
TOP_NEXT, BOTTOM = HEAD - 32.0, 70.0
LINE, GAP = 13.0, 2.0  # between the lines of a row, and after it
LABEL_WIDTH = 132.0
QR_SIDE = 96.0
LONGEST_WORD = 45  # characters
LOGO_WIDEST, LOGO_TALLEST, LOGO_GAP = 130.0, 40.0, 10.0
SMALL, SMALL_STEP = 8.0, 10.0
PAGE_NUMBER = 90.0  # what it takes of the last line

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
class Own:
    """What the municipality adds: a line under the office, some at each page's end, a logo as `printing.logo` keeps it."""

    head: str = ""
    foot: str = ""
    logo: bytes | None = None


def own_of(paper: Printed, logo: bytes | None) -> Own:
    return Own(said(paper, "head"), said(paper, "foot"), logo)


@dataclass(frozen=True, slots=True)
class Front:
    """What heads a document: who issues it, which kind it is, its number, and where its first row begins (before the
    municipality's own lines). `foot` stands at the left of each page's end."""

    site: str
    office: str
    kind: str
    number: str
    subject: str = ""
    foot: str = ""
    top: float = HEAD - 124.0
    demo: bool = False
    reprint: Reprint | None = None
    own: Own = Own()


@dataclass(frozen=True, slots=True)
class Row:
    """A piece of the page that is never split: its height in points, and how to draw it with its top at y."""

    height: float
    draw: Callable[[Canvas, float], None]
    stays_with_next: bool = False


def document(front: Front, rows: Iterable[Row], *, head: Callable[[Canvas], None] = lambda canvas: None) -> bytes:
    """The document; `head` adds to the first page what only this kind has."""
    register_fonts()
    letterhead = _letterhead(front)
    top = front.top - letterhead.drop
    pages = list(_paginate(list(rows), top))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1, lang="es-PE")
    canvas.setTitle(f"{front.kind} {front.number}".rstrip())
    canvas.setAuthor(front.site)
    canvas.setSubject(front.subject or front.kind)
    canvas.setKeywords([word for word in (front.number, front.kind) if word])
    canvas.setCreator("Mesa CAC")
    for number, on_page in enumerate(pages, start=1):
        if number == 1:
            letterhead.draw(canvas)
            canvas.saveState()
            canvas.translate(0, -letterhead.drop)
            _first_head(canvas, front)
            head(canvas)
            canvas.restoreState()
        else:
            _next_head(canvas, front)
        y = top if number == 1 else TOP_NEXT
        for row in on_page:
            row.draw(canvas, y)
            y -= row.height
        _foot(canvas, front, number, len(pages))
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _paginate(rows: list[Row], top: float) -> Iterator[list[Row]]:
    page: list[Row] = []
    room = top - BOTTOM
    for row, following in zip_longest(rows, rows[1:]):
        needed = row.height + (following.height if row.stays_with_next and following else 0)
        if page and needed > room:
            yield page
            page, room = [], TOP_NEXT - BOTTOM
        page.append(row)
        room -= row.height
    yield page


@dataclass(frozen=True, slots=True)
class _Letterhead:
    """Who issues, beside their logo. `drop` is what the lines under the office take from the page."""

    front: Front
    left: float
    lines: list[str]
    picture: tuple[ImageReader, float, float] | None = None

    @property
    def drop(self) -> float:
        return SMALL_STEP * len(self.lines)

    def draw(self, canvas: Canvas) -> None:
        site, room = self.front.site.upper(), RIGHT - self.left
        write(canvas, self.left, HEAD, site, BOLD, fitting(site, 12, BOLD, room), BLUE)
        office = self.front.office
        write(canvas, self.left, HEAD - 15, office, REGULAR, fitting(office, 10, REGULAR, room), SOFT)
        for n, line in enumerate(self.lines):
            write(canvas, self.left, HEAD - 26 - SMALL_STEP * n, line, REGULAR, SMALL, SOFT)
        if self.picture:
            image, width, height = self.picture
            canvas.drawImage(image, LEFT, HEAD + 12 - height, width, height)


def _letterhead(front: Front) -> _Letterhead:
    left, picture = LEFT, None
    if front.own.logo:
        image = ImageReader(io.BytesIO(front.own.logo))
        width, height = image.getSize()
        scale = min(LOGO_WIDEST / width, LOGO_TALLEST / height)
        picture = image, width * scale, height * scale
        left += width * scale + LOGO_GAP
    lines = folded(front.own.head, REGULAR, RIGHT - left, SMALL) if front.own.head else []
    return _Letterhead(front, left, lines, picture)


def _first_head(canvas: Canvas, front: Front) -> None:
    marks = ["DEMOSTRACIÓN"] if front.demo else []
    if front.reprint:
        local = front.reprint.at.astimezone(LIMA)
        marks.append(f"REIMPRESIÓN {front.reprint.number}")
        write(canvas, LEFT, HEAD - 52, f"Copia del {local:%d/%m/%Y %H:%M}, {front.reprint.by}", REGULAR, 9, SOFT)
    right = RIGHT
    for word in reversed(marks):
        right = mark(canvas, word, right, HEAD - 60) - 8
    canvas.setStrokeColorRGB(*BLUE)
    canvas.setLineWidth(2)
    canvas.line(LEFT, HEAD - 30, RIGHT, HEAD - 30)
    write(canvas, LEFT, HEAD - 72, front.kind, REGULAR, 13, SOFT)
    write(canvas, LEFT, HEAD - 102, front.number, BOLD, fitting(front.number, 25))


def _next_head(canvas: Canvas, front: Front) -> None:
    write(canvas, LEFT, HEAD, front.site.upper(), BOLD, 10, BLUE)
    canvas.setFont(BOLD, 10)
    canvas.drawRightString(RIGHT, HEAD, f"{front.kind.partition(' ')[0]} {front.number}")
    if front.demo:
        mark(canvas, "DEMOSTRACIÓN", None, HEAD - 22, left=LEFT)
    canvas.setStrokeColorRGB(*BLUE)
    canvas.setLineWidth(1)
    canvas.line(LEFT, HEAD - 8, RIGHT, HEAD - 8)


def _foot(canvas: Canvas, front: Front, page: int, pages: int) -> None:
    rule(canvas, 62)
    room = RIGHT - LEFT - (PAGE_NUMBER if front.number else 0)
    write(canvas, LEFT, 46, front.foot, REGULAR, fitting(front.foot, 9, REGULAR, room), SOFT)
    canvas.setFont(REGULAR, 9)
    if front.number:
        canvas.drawRightString(RIGHT, 46, f"Página {page} de {pages}")
    if front.own.foot:
        for n, line in enumerate(folded(front.own.foot, REGULAR, RIGHT - LEFT, SMALL)):
            write(canvas, LEFT, 34 - SMALL_STEP * n, line, REGULAR, SMALL, SOFT)


# Rows


def heading(text: str, colour: Colour = BLUE) -> Row:
    def draw(canvas: Canvas, y: float) -> None:
        write(canvas, LEFT, y - 18, text, BOLD, 11, colour)
        rule(canvas, y - 23)

    return Row(28, draw, stays_with_next=True)


def pair(label: str, value: str, *, bold: bool = False) -> Row:
    font = BOLD if bold else REGULAR
    lines = folded(value, font, RIGHT - LEFT - LABEL_WIDTH)

    def draw(canvas: Canvas, y: float) -> None:
        write(canvas, LEFT, y - 11, label, REGULAR, 10, SOFT)
        for n, line in enumerate(lines):
            write(canvas, LEFT + LABEL_WIDTH, y - 11 - LINE * n, line, font, 10)

    return Row(LINE * len(lines) + GAP, draw)


def text(text: str) -> Row:
    lines = folded(text, REGULAR, RIGHT - LEFT)

    def draw(canvas: Canvas, y: float) -> None:
        for n, line in enumerate(lines):
            write(canvas, LEFT, y - 11 - LINE * n, line, REGULAR, 10)

    return Row(LINE * len(lines) + GAP, draw)


def amount(label: str, value: str, *, bold: bool = False) -> Row:
    font, size = (BOLD, 13) if bold else (REGULAR, 10)
    right = LEFT + 330

    def draw(canvas: Canvas, y: float) -> None:
        write(canvas, LEFT, y - size - 1, label, font, size)
        canvas.setFont(font, size)
        canvas.drawRightString(right, y - size - 1, value)
        if bold:
            rule(canvas, y + 1, right)

    return Row(size + (10 if bold else 6), draw)


def table(
    titles: Sequence[str],
    lines_of: Iterable[Sequence[str]],
    *,
    widths: Sequence[float],
    numbers: Collection[int] = (),
    size: float = 9,
) -> Iterator[Row]:
    """Titles and one row a line; long cells wrap, columns of `numbers` end at their right edge."""
    yield _cells(titles, widths, numbers, BOLD, min(size, 9), under=True)
    for cells in lines_of:
        yield _cells(cells, widths, numbers, REGULAR, size)


def _cells(
    cells: Sequence[str],
    widths: Sequence[float],
    numbers: Collection[int],
    font: str,
    size: float,
    *,
    under: bool = False,
) -> Row:
    wrapped = [folded(cell, font, width - 8, size) for cell, width in zip(cells, widths, strict=True)]
    step = size + 3
    height = step * max(len(cell) for cell in wrapped) + 5

    def draw(canvas: Canvas, y: float) -> None:
        x = LEFT
        for n, (cell, width) in enumerate(zip(wrapped, widths, strict=True)):
            for m, line in enumerate(cell):
                canvas.setFont(font, size)
                canvas.setFillColorRGB(*(SOFT if under else INK))
                if n in numbers:
                    canvas.drawRightString(x + width - 4, y - size - 1 - step * m, line)
                else:
                    canvas.drawString(x, y - size - 1 - step * m, line)
            x += width
        canvas.setFillColorRGB(*INK)
        rule(canvas, y - height + 1, LEFT + sum(widths))

    return Row(height, draw, stays_with_next=under)


# Pieces


def mark(
    canvas: Canvas, text: str, right: float | None, y: float, *, left: float | None = None, colour: Colour = INK
) -> float:
    """A word in reverse, ending at `right` or beginning at `left`; returns where it begins."""
    width = pdfmetrics.stringWidth(text, BOLD, 10) + 14
    begin = left if left is not None else (right or RIGHT) - width
    canvas.setFillColorRGB(*colour)
    canvas.rect(begin, y - 5, width, 18, stroke=0, fill=1)
    write(canvas, begin + 7, y, text, BOLD, 10, (1, 1, 1))
    return begin


@dataclass(frozen=True, slots=True)
class _Squares:
    """The dark modules as PDF rectangles in whole units, one a run: a canvas's own path formats each number as a float,
    which took longer than all the rest of a cargo."""

    matrix: qr.Matrix

    def getCode(self) -> str:
        size = len(self.matrix)
        rectangles = []
        for n, row in enumerate(self.matrix):
            m = 0
            for dark, run in groupby(row):
                width = len(list(run))
                if dark:
                    rectangles.append(f"{m} {size - n - 1} {width} 1 re")
                m += width
        return " ".join(rectangles)


def draw_qr(canvas: Canvas, text: str, x: float, y: float, side: float = QR_SIDE) -> None:
    matrix = qr.matrix(text)
    canvas.saveState()
    canvas.setFillColorRGB(0, 0, 0)
    canvas.translate(x, y)
    canvas.scale(side / len(matrix), side / len(matrix))
    canvas.drawPath(_Squares(matrix), stroke=0, fill=1)
    canvas.restoreState()


def write(canvas: Canvas, x: float, y: float, text: str, font: str, size: float, colour: Colour = INK) -> None:
    canvas.setFillColorRGB(*colour)
    canvas.setFont(font, size)
    canvas.drawString(x, y, text)
    if colour is not INK:
        canvas.setFillColorRGB(*INK)


def folded(text: str, font: str, width: float, size: float = 10) -> list[str]:
    """`text` at 10 points in lines of `width`, control characters out; only a word wider than a line is broken."""
    plain = "".join(char for char in text if char.isprintable())
    words = [word[i : i + LONGEST_WORD] for word in plain.split() for i in range(0, len(word), LONGEST_WORD)]
    return list(simpleSplit(" ".join(words), font, size, width)) or [""]


def balanced(text: str, font: str, size: float, width: float) -> list[str]:
    """`text` in as few lines as `width` allows, all about as long."""
    if not text:
        return []
    lines = folded(text, font, width, size)
    return next(
        tried
        for share in range(50, 101, 5)
        if len(tried := folded(text, font, width * share / 100, size)) == len(lines)
    )


def fitting(text: str, size: float, font: str = BOLD, room: float = RIGHT - LEFT) -> float:
    """The size at which `text` fits the room, at most `size`."""
    width = pdfmetrics.stringWidth(text, font, size)
    return size if width <= room else size * room / width


def rule(canvas: Canvas, y: float, right: float = RIGHT) -> None:
    canvas.setStrokeColorRGB(*RULE)
    canvas.setLineWidth(0.75)
    canvas.line(LEFT, y, right, y)


@cache
def register_fonts() -> None:
    for name, bold in ((REGULAR, False), (BOLD, True)):
        pdfmetrics.registerFont(TTFont(name, str(fonts.sans(bold=bold))))
