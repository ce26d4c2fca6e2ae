"""Every profile a printer may have: what the template wrote is what the bytes print, and two decoders read its QR."""

from __future__ import annotations

import io
from dataclasses import replace
from itertools import product

import cv2
import numpy
import pytest
import zxingcpp
from PIL import Image

from printing import Profile, build, build_counted
from printing.decoder import decode
from printing.layout import Line, Sheet
from printing.profile import CODEPAGES
from printing.templates import TEMPLATES
from tests.printing.conftest import PAPERS

SPANISH = "ÁÉÍÓÚÜÑ áéíóúüñ ¿? ¡! ªº° «» Nº"
PAGES = sorted(set(CODEPAGES.values()))
WITH_QR = [name for name in PAPERS if decode(build(PAPERS[name], Profile())).qrs]


def written(paper, profile: Profile) -> list[str]:
    """The lines of a paper as its template laid them out, before there were bytes."""
    sheet = Sheet(profile)
    TEMPLATES[type(paper)](sheet, paper)
    return [(" " * block.indent + block.text).rstrip() for block in sheet.blocks if isinstance(block, Line)]


def test_what_the_template_wrote_is_what_the_bytes_print(paper):
    for columns, codepage in product((24, 32, 42, 48, 64), PAGES):
        _printed_as_written(paper, columns, codepage)


def _printed_as_written(paper, columns, codepage):
    profile = Profile(columns=columns, codepage=codepage)
    decoded = decode(build(paper, profile), columns=columns)
    printed = [row.text for row in decoded.rows if row.text or not _after_a_symbol(decoded, row)]
    assert printed == [piece for line in written(paper, profile) for piece in broken_at(line, columns)]
    assert not any(row.dots > columns * 12 for row in decoded.rows)
    assert decoded.cuts == 1


def broken_at(line: str, columns: int) -> list[str]:
    """A line as a printer of `columns` breaks it: only the bars of the calibration page may be wider."""
    if line[:4] not in ("32 -", "42 -", "48 -", "64 -"):
        return [line]
    return [line[at : at + columns] for at in range(0, len(line), columns)]


def _after_a_symbol(decoded, row) -> bool:
    """The empty line that ends a symbol's own."""
    index = next(n for n, element in enumerate(decoded.elements) if element is row)
    return type(decoded.elements[index - 1]).__name__ in ("QrSymbol", "Raster")


@pytest.mark.parametrize("codepage", PAGES)
def test_every_spanish_character_prints_as_itself_where_the_page_holds_it(cargo, codepage):
    built = build_counted(replace(cargo, applicant=SPANISH), Profile(codepage=codepage))
    lines = decode(built.data).lines
    if codepage == "ascii":  # a printer whose accents nobody found: letters without them
        assert '  AEIOUUN aeiouun ? ! aoo "" No' in lines
    elif codepage == "cp437":  # few capitals with accents: a bare letter, never a wrong sign
        assert built.replaced > 0 and "?" not in "".join(lines).replace("¿?", "")
    else:
        assert f"  {SPANISH}" in lines and built.replaced == 0


def read_by_both(png: bytes) -> tuple[list[str], list[str]]:
    """What each decoder reads; OpenCV's takes one symbol at a time, so it is shown the strip of paper around each."""
    picture = Image.open(io.BytesIO(png)).convert("L")
    zxing = zxingcpp.read_barcodes(picture)
    opencv = []
    for code in zxing:
        top, bottom = code.position.top_left.y - 24, code.position.bottom_left.y + 24
        strip = picture.crop((0, max(0, top), picture.width, bottom))
        opencv.append(cv2.QRCodeDetector().detectAndDecode(numpy.asarray(strip))[0])
    return sorted(code.text for code in zxing), sorted(opencv)


@pytest.mark.parametrize("name", WITH_QR)
@pytest.mark.parametrize("draws_qr", [True, False])
@pytest.mark.parametrize("columns", [32, 48])
def test_two_decoders_read_from_the_picture_what_the_bytes_hold(name, draws_qr, columns):
    native = decode(build(PAPERS[name], Profile(columns=columns)), columns=columns)
    decoded = decode(build(PAPERS[name], Profile(columns=columns, draws_qr=draws_qr)), columns=columns)
    wanted = sorted([*native.qrs, *(["PRUEBA 2 kiosko"] if name == "calibracion" else [])])
    zxing, opencv = read_by_both(decoded.png())
    assert zxing == wanted
    assert opencv == wanted
