"""The text layer under every paper: what reaches a printer is clean, fits its columns and is in its code page.

A paper is laid out as a list of blocks (Line, Qr); `builder` turns blocks into bytes."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache

from printing.logo import rows as rows_of_logo
from printing.profile import Profile

# What typing and other systems bring, and no printer code page holds, by its nearest plain sign.
NEAREST = {
    "’": "'", "‘": "'", "‛": "'", "ʼ": "'", "′": "'", "“": '"', "”": '"', "„": '"', "″": '"',
    "–": "-", "—": "-", "‑": "-", "−": "-", "‐": "-", "…": "...", "•": "-", "·": "-", "€": "EUR",
    "¿": "", "¡": "", "«": '"', "»": '"', "°": "o",
    "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2007": " ", "\t": " ", "\n": " ", "№": "N°", "º": "°",
}  # fmt: skip
UNPRINTABLE = "?"
INDENT = "  "


@dataclass(slots=True)
class Cleaned:
    """How much of the texts of one paper was not printed as it came."""

    stripped: int = 0
    replaced: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One line of paper. `wide` and `tall` multiply font A; `indent` are plain spaces before the text, so that reverse
    video covers the text alone; `centred` asks the printer to centre what spaces cannot; `codepage` is of this line alone."""

    text: str = ""
    bold: bool = False
    wide: int = 1
    tall: int = 1
    inverse: bool = False
    indent: int = 0
    centred: bool = False
    codepage: str | None = None


@dataclass(frozen=True, slots=True)
class Qr:
    """A QR of error correction M, `dots` a module; `drawn` sends the drawing even to a printer that could draw it."""

    data: str
    dots: int
    drawn: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """Rows of dots, packed, one is black; centred, and sent in strips."""

    rows: tuple[bytes, ...]


Block = Line | Qr | Picture
GAP = Line()


@lru_cache(maxsize=4096)
def _sign(char: str, codepage: str) -> str | None:
    """`char` as `codepage` can print it; None for what must not reach a printer."""
    if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
        return " " if char in "\t\n" else None
    if _fits(char, codepage):
        return char
    if char in NEAREST:
        near = NEAREST[char]
        return near if all(_fits(c, codepage) for c in near) else "".join(_sign(c, codepage) or "" for c in near)
    bare = "".join(c for c in unicodedata.normalize("NFKD", char) if not unicodedata.combining(c))
    return bare if bare and all(_fits(c, codepage) for c in bare) else UNPRINTABLE


def _fits(char: str, codepage: str) -> bool:
    try:
        return min(char.encode(codepage)) >= 0x20
    except UnicodeEncodeError:
        return False


def clean(text: str, codepage: str, count: Cleaned) -> str:
    """`text` in NFC, control characters out, every other character one that `codepage` holds; `count` is told."""
    if text.isascii() and text.isprintable():
        return text
    printed, stripped, replaced = _cleaned(text, codepage)
    count.stripped += stripped
    count.replaced += replaced
    return printed


@lru_cache(maxsize=2048)  # most texts are the templates' own
def _cleaned(text: str, codepage: str) -> tuple[str, int, int]:
    text = unicodedata.normalize("NFC", text)
    signs = [_sign(char, codepage) for char in text]
    kept = [sign for sign in signs if sign is not None]
    replaced = sum(sign is not None and sign != char for sign, char in zip(signs, text, strict=True))
    return "".join(kept), len(signs) - len(kept), replaced


def wrap(text: str, columns: int, *, indent: str = "") -> list[str]:
    """Lines of at most `columns`, each after `indent`; a word is broken only when it alone is wider than the line."""
    room = columns - len(indent)
    if len(text) <= room:
        return [indent + text.rstrip()]
    lines: list[str] = []
    line = ""
    for word in text.split():
        while len(word) > room:
            if line:
                lines.append(line)
                line = ""
            lines.append(word[:room])
            word = word[room:]
        if not word:
            continue
        if line and len(line) + 1 + len(word) > room:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    if line or not lines:
        lines.append(line)
    return [indent + line for line in lines]


def _even(lines: list[str]) -> list[str]:
    """The same text in as many lines, none of them left with a lone word."""
    if len(lines) == 1:
        return lines
    text = " ".join(lines)
    for columns in range(max(map(len, text.split())), max(map(len, lines))):
        if len(tried := wrap(text, columns)) == len(lines):
            return tried
    return lines


@lru_cache(maxsize=2048)  # most lines are the templates' own
def _centred(text: str, columns: int, *, bold: bool = False, scale: int = 1, tall: int = 1) -> tuple[Line, ...]:
    lines = _even(wrap(text, columns))
    return tuple(Line(" " * ((columns - len(line)) // 2) + line, bold or tall > 1, scale, tall) for line in lines)


@lru_cache(maxsize=2048)
def _left(text: str, columns: int, *, bold: bool, indent: str) -> tuple[Line, ...]:
    return tuple(Line(line, bold) for line in wrap(text, columns, indent=indent))


@lru_cache(maxsize=2048)
def _pair(label: str, value: str, columns: int, *, bold: bool, tall: int) -> tuple[Line, ...]:
    lines = wrap(label, columns)
    if len(lines[-1]) + len(value) + 1 <= columns:
        lines[-1] += value.rjust(columns - len(lines[-1]))
    elif len(value) <= columns:
        lines.append(value.rjust(columns))
    else:
        lines += wrap(value, columns, indent=INDENT)
    return tuple(Line(line, bold or tall > 1, 1, tall) for line in lines)


@dataclass(slots=True)
class Sheet:
    """Blocks as a template writes them, wrapped by the printer's real columns."""

    profile: Profile
    logo: bytes | None = None  # as `logo.prepared` keeps it
    blocks: list[Block] = field(default_factory=list)
    cleaned: Cleaned = field(default_factory=Cleaned)

    @property
    def columns(self) -> int:
        return self.profile.columns

    def clean(self, text: str) -> str:
        return clean(text, self.profile.codepage, self.cleaned)

    def text(self, text: str, *, bold: bool = False, indent: str = "") -> None:
        """Left aligned."""
        self.blocks += _left(self.clean(text), self.columns, bold=bold, indent=indent)

    def centre(self, text: str, *, bold: bool = False, scale: int = 1, tall: int | None = None) -> None:
        """Centred with spaces, so that no alignment command is needed."""
        self.blocks += _centred(self.clean(text), self.columns // scale, bold=bold, scale=scale, tall=tall or scale)

    def right(self, text: str) -> None:
        for line in wrap(self.clean(text), self.columns):
            self.blocks.append(Line(line.rjust(self.columns)))

    def pair(self, label: str, value: str, *, bold: bool = False, tall: int = 1) -> None:
        """Label at the left, value at the right of its last line; a value that does not fit there goes below: at the
        right too, or indented when it takes several lines."""
        self.blocks += _pair(self.clean(label), self.clean(value), self.columns, bold=bold, tall=tall)

    def mark(self, text: str) -> None:
        """A mark in reverse video, a space at each side."""
        for line in wrap(self.clean(text), self.columns - 2):
            marked = f" {line} "
            self.blocks.append(Line(marked, bold=True, inverse=True, indent=(self.columns - len(marked)) // 2))

    def code(self, text: str) -> None:
        """The one number to remember: as large as the paper holds, at most eight times."""
        text = self.clean(text)
        scale = max(1, min(8, self.columns // max(1, len(text))))
        for line in wrap(text, self.columns // scale):
            self.blocks.append(Line(line, bold=True, wide=scale, tall=scale, centred=True))

    def number(self, text: str) -> None:
        """The number of a case or receipt, never broken: double, or only taller where double is too wide."""
        wide = 2 if len(text) <= self.columns // 2 else 1
        self.centre(text, scale=wide, tall=2)

    def rule(self) -> None:
        self.blocks += _centred("-" * self.columns, self.columns)

    def gap(self) -> None:
        self.blocks.append(GAP)

    def qr(self, data: str, *, dots: int, drawn: bool | None = None) -> None:
        """On 58 mm paper a module is never wider than four dots. `drawn` as the profile says, unless told."""
        dots = min(dots, 4) if self.profile.narrow else dots
        self.blocks.append(Qr(self.clean(data), dots, not self.profile.draws_qr if drawn is None else drawn))

    def logotype(self) -> None:
        if self.logo is not None:
            self.blocks.append(Picture(rows_of_logo(self.logo, self.profile.dots)))

    def bar(self, columns: int) -> None:
        """A line of exactly `columns`, which a narrower printer has to break: to find its width."""
        self.blocks.append(Line(f"{columns} ".ljust(columns - 1, "-") + "|"))

    def in_codepage(self, text: str, codepage: str) -> None:
        """One line in a code page of its own: to find the one a printer has."""
        self.blocks.append(Line(clean(text, codepage, Cleaned()), codepage=codepage))
