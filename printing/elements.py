"""What lies on a piece of paper once printed: rows of text, symbols, feeds, cuts."""

from __future__ import annotations

from dataclasses import dataclass

FONT_DOTS = {0: (12, 24), 1: (9, 17)}


@dataclass(frozen=True, slots=True)
class Style:
    bold: bool = False
    underline: bool = False
    inverse: bool = False
    wide: int = 1
    tall: int = 1
    font: int = 0

    @property
    def cell(self) -> tuple[int, int]:
        """Width and height of one character in dots."""
        width, height = FONT_DOTS[self.font]
        return width * self.wide, height * self.tall


@dataclass(frozen=True, slots=True)
class Run:
    text: str
    style: Style

    @property
    def dots(self) -> int:
        return len(self.text) * self.style.cell[0]


@dataclass(frozen=True, slots=True)
class Row:
    """One printed line. `align` 0 left, 1 centre, 2 right; `feed_dots` how far the paper then moves; `wrapped`: the text
    did not fit and the printer went on to the next line by itself."""

    runs: tuple[Run, ...]
    align: int
    feed_dots: int
    wrapped: bool = False

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs).rstrip()

    @property
    def dots(self) -> int:
        return sum(run.dots for run in self.runs)


@dataclass(frozen=True, slots=True)
class QrSymbol:
    payload: str
    dots: int
    level: str
    align: int


@dataclass(frozen=True, slots=True)
class Raster:
    """A bit image: rows of packed bits, one is black."""

    width_bytes: int
    height: int
    bits: bytes
    align: int


@dataclass(frozen=True, slots=True)
class Feed:
    dots: int


@dataclass(frozen=True, slots=True)
class Cut:
    partial: bool


Element = Row | QrSymbol | Raster | Feed | Cut
