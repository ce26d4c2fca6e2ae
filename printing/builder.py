"""Blocks into bytes: INIT first, then a fixed code page, then the paper, then exactly one partial cut.

python-escpos writes the commands (its Dummy printer keeps them in memory); text never passes through its encoder, which
would change code pages in the middle of a line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from escpos.constants import CODEPAGE_CHANGE, ESC, FS, GS, QR_ECLEVEL_M, S_RASTER_N, TXT_SIZE
from escpos.printer import Dummy

from printing.layout import Line, Picture, Qr, Sheet
from printing.papers import Paper
from printing.profile import CODEPAGE_NUMBERS, Profile
from printing.qr import matrix
from printing.templates import lay_out

LINE_GAP_DOTS = 6  # between two lines; with font A's 24 dots, a line every 30
FEED_BEFORE_CUT = 4
FEED_TO_TEAR = 6  # from the head to the bar of a printer without a knife
STRIP_ROWS = 24

LEAVE_CHINESE_MODE = FS + b"."  # cheap printers start in it and would read accents as halves of ideograms
BOLD = {True: ESC + b"E\x01", False: ESC + b"E\x00"}
INVERSE = {True: GS + b"B\x01", False: GS + b"B\x00"}
CENTRED = {True: ESC + b"a\x01", False: ESC + b"a\x00"}


def _command(write: Callable[[Dummy], object]) -> bytes:
    printer = Dummy()
    write(printer)
    return bytes(printer.output)


INIT = _command(lambda printer: printer.hw("INIT"))
CUT = _command(lambda printer: printer.cut(mode="PART", feed=False))


@dataclass(frozen=True, slots=True)
class Built:
    """The bytes of a paper. `stripped` control characters were left out; `replaced` ones printed by a nearest sign."""

    data: bytes
    stripped: int = 0
    replaced: int = 0


def build(paper: Paper, profile: Profile, logo: bytes | None = None) -> bytes:
    """The exact bytes to send. The same paper, profile and logo (as `logo.prepared` keeps it) always give the same bytes."""
    return build_counted(paper, profile, logo).data


def build_counted(paper: Paper, profile: Profile, logo: bytes | None = None) -> Built:
    """As `build`, and how much of the texts could not be printed as it came."""
    sheet = Sheet(profile, logo)
    lay_out(sheet, paper)
    return Built(_encode(sheet), sheet.cleaned.stripped, sheet.cleaned.replaced)


def _encode(sheet: Sheet) -> bytes:
    out: list[bytes] = []
    put = out.append
    codepage, table = sheet.profile.codepage, CODEPAGE_CHANGE + bytes([sheet.profile.table])
    put(INIT + LEAVE_CHINESE_MODE + table)
    spacing, size, bold, centred = 0, (1, 1), False, False
    for block in sheet.blocks:
        if not isinstance(block, Line):
            put(CENTRED[True] + _dots(block) + CENTRED[False] + b"\n")
            centred = False
            continue
        if block.tall * 24 + LINE_GAP_DOTS != spacing:
            spacing = block.tall * 24 + LINE_GAP_DOTS
            put(ESC + b"3" + bytes([spacing]))
        if block.centred != centred:
            centred = block.centred
            put(CENTRED[centred])
        if (block.wide, block.tall) != size:
            size = block.wide, block.tall
            put(TXT_SIZE + bytes([(block.wide - 1) << 4 | (block.tall - 1)]))
        if block.bold != bold:
            bold = block.bold
            put(BOLD[bold])
        if block.indent:
            put(b" " * block.indent)
        if block.codepage:
            own = CODEPAGE_CHANGE + bytes([CODEPAGE_NUMBERS[block.codepage]])
            put(own + block.text.encode(block.codepage) + table + b"\n")
        elif block.inverse:
            put(INVERSE[True] + block.text.encode(codepage) + INVERSE[False] + b"\n")
        else:
            put(block.text.encode(codepage) + b"\n")
    put(TXT_SIZE + b"\x00" + BOLD[False] + CENTRED[False])
    put(ESC + b"d" + bytes([FEED_BEFORE_CUT if sheet.profile.cuts else FEED_TO_TEAR]))
    if sheet.profile.cuts:
        put(CUT)
    return b"".join(out)


def _dots(block: Picture | Qr) -> bytes:
    if isinstance(block, Picture):
        return b"".join(_strips(block.rows))
    if block.drawn:
        return b"".join(_strips(_drawn(block)))
    return _command(lambda printer: printer.qr(block.data, ec=QR_ECLEVEL_M, size=block.dots, native=True))


def _drawn(block: Qr) -> list[bytes]:
    """The rows of dots of a QR that the printer cannot draw by itself."""
    rows = []
    for modules in matrix(block.data):
        bits = "".join("1" * block.dots if dark else "0" * block.dots for dark in modules)
        bits += "0" * (-len(bits) % 8)
        rows += [int(bits, 2).to_bytes(len(bits) // 8, "big")] * block.dots
    return rows


def _strips(rows: Sequence[bytes]) -> Iterator[bytes]:
    """Raster images of a few rows each: printers with little memory lose a tall one."""
    for start in range(0, len(rows), STRIP_ROWS):
        strip = rows[start : start + STRIP_ROWS]
        yield S_RASTER_N + len(strip[0]).to_bytes(2, "little") + len(strip).to_bytes(2, "little") + b"".join(strip)
