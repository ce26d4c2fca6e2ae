"""The paper as a picture: one pixel is one printer dot, between white margins, with the cut drawn below."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from printing import fonts, qr
from printing.elements import Cut, Element, Feed, QrSymbol, Raster, Row, Run

INK, PAPER, EDGE = 17, 255, 150
MARGIN_X, MARGIN_TOP, MARGIN_BOTTOM = 32, 40, 24
EM_OF_A_COLUMN = 19.93 / 12  # DejaVu Sans Mono is 0.602 em wide
BASELINE = 19 / 24  # of font A's cell
HEIGHT_MAX = 20_000


def draw(elements: Sequence[Element], columns: int) -> Image.Image:
    """A greyscale picture of everything that is printed, cuts as dashed lines."""
    dots = columns * 12
    height = min(HEIGHT_MAX, MARGIN_TOP + MARGIN_BOTTOM + sum(_height(element) for element in elements))
    image = Image.new("L", (dots + 2 * MARGIN_X, height), PAPER)
    y = MARGIN_TOP
    for element in elements:
        if y > height:
            break
        if isinstance(element, Row):
            _draw_row(image, element, y, dots)
        elif isinstance(element, QrSymbol | Raster):
            symbol = _bitmap(element)
            image.paste(symbol, (MARGIN_X + _left(element.align, dots, symbol.width), y))
        elif isinstance(element, Cut):
            _draw_cut(image, y)
        y += _height(element)
    return image


def png(elements: Sequence[Element], columns: int) -> bytes:
    """`draw` as a PNG file's bytes; the same job gives the same bytes."""
    out = io.BytesIO()
    draw(elements, columns).save(out, "PNG", optimize=False)
    return out.getvalue()


def _height(element: Element) -> int:
    if isinstance(element, Row):
        return element.feed_dots
    if isinstance(element, Feed):
        return element.dots
    if isinstance(element, Cut):
        return 2
    return element.height if isinstance(element, Raster) else _bitmap(element).height


def _left(align: int, dots: int, width: int) -> int:
    return (0, max(0, (dots - width) // 2), max(0, dots - width))[align]


def _draw_row(image: Image.Image, row: Row, y: int, dots: int) -> None:
    x = MARGIN_X + _left(row.align, dots, row.dots)
    tallest = max((run.style.cell[1] for run in row.runs), default=0)
    for run in row.runs:
        _draw_run(image, run, x, y + tallest - run.style.cell[1])
        x += run.dots


def _draw_run(image: Image.Image, run: Run, x: int, y: int) -> None:
    width, height = run.style.cell
    ink, ground = (PAPER, INK) if run.style.inverse else (INK, PAPER)
    if run.style.inverse:
        ImageDraw.Draw(image).rectangle((x, y - 2, x + run.dots - 1, y + height + 2), fill=ground)
    if not run.text.strip():
        return
    cell = _cell(height, run.style.font)
    line = Image.new("L", (cell * len(run.text), height), 0)
    pen = ImageDraw.Draw(line)
    font = _font(run.style.bold, height)
    for n, char in enumerate(run.text):
        pen.text((cell * n + cell / 2, round(height * BASELINE)), char, font=font, fill=255, anchor="ms")
    if line.width != run.dots:
        line = line.resize((run.dots, height), Image.Resampling.LANCZOS)
    if run.style.underline:
        ImageDraw.Draw(line).line((0, height - 2, run.dots, height - 2), fill=255, width=2)
    image.paste(ink, (x, y), line)


def _cell(height: int, font: int) -> int:
    """The column that letters of `height` would fill unstretched."""
    return height // 2 if font == 0 else max(1, height * 9 // 17)


@lru_cache(maxsize=32)
def _font(bold: bool, height: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(fonts.mono(bold=bold)), size=height / 2 * EM_OF_A_COLUMN)


@lru_cache(maxsize=64)
def _bitmap(element: QrSymbol | Raster) -> Image.Image:
    if isinstance(element, Raster):
        bits = Image.frombytes("1", (element.width_bytes * 8, element.height), element.bits)
        return bits.convert("L").point(lambda white: INK if white else PAPER)
    try:
        matrix = qr.matrix(element.payload, element.level)
    except ValueError:
        return Image.new("L", (1, 1), PAPER)  # longer than any symbol: the printer draws nothing
    small = Image.new("L", (len(matrix), len(matrix)), PAPER)
    small.putdata([INK if dark else PAPER for row in matrix for dark in row])
    return small.resize((len(matrix) * element.dots, len(matrix) * element.dots), Image.Resampling.NEAREST)


def _draw_cut(image: Image.Image, y: int) -> None:
    pen = ImageDraw.Draw(image)
    for x in range(0, image.width, 12):
        pen.line((x, y, x + 6, y), fill=EDGE, width=2)
