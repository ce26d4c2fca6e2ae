"""What a printer would put on paper, read back from a job's stored bytes.

Written from the ESC/POS command reference, on purpose without sight of `builder`: preview, tests and the folder printer
trust it to say what the bytes do, not what was meant. Never raises on any bytes: what it does not know it skips and lists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from printing import picture
from printing.elements import FONT_DOTS, Cut, Element, Feed, QrSymbol, Raster, Row, Run, Style

ESC, GS, FS, DLE, LF, CR, FF, CAN = 0x1B, 0x1D, 0x1C, 0x10, 0x0A, 0x0D, 0x0C, 0x18

CODEPAGES = {0: "cp437", 2: "cp850", 3: "cp860", 4: "cp863", 5: "cp865", 16: "cp1252", 19: "cp858", 40: "iso8859_15"}
QR_LEVELS = {48: "L", 49: "M", 50: "Q", 51: "H"}
DEFAULT_SPACING_DOTS = 30


@dataclass(frozen=True, slots=True)
class Decoded:
    """`unknown` lists (offset, byte) of what was skipped; `initialized` says that INIT came first."""

    elements: tuple[Element, ...]
    columns: int
    codepages: tuple[str, ...]
    initialized: bool
    unknown: tuple[tuple[int, int], ...]
    truncated: bool

    @property
    def rows(self) -> tuple[Row, ...]:
        return tuple(element for element in self.elements if isinstance(element, Row))

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(row.text for row in self.rows)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def qrs(self) -> tuple[str, ...]:
        return tuple(element.payload for element in self.elements if isinstance(element, QrSymbol))

    @property
    def cuts(self) -> int:
        return sum(isinstance(element, Cut) for element in self.elements)

    def png(self) -> bytes:
        """The paper as a picture; the same bytes always give the same file."""
        return picture.png(self.elements, self.columns)


def decode(data: bytes, *, columns: int = 48) -> Decoded:
    """Read `data` as a printer of `columns` columns of font A would."""
    reader = _Reader(data, columns)
    reader.read()
    return Decoded(
        tuple(reader.elements),
        columns,
        tuple(reader.codepages),
        reader.initialized,
        tuple(reader.unknown),
        reader.truncated,
    )


@dataclass(slots=True)
class _Reader:
    data: bytes
    columns: int
    at: int = 0
    elements: list[Element] = field(default_factory=list)
    codepages: list[str] = field(default_factory=list)
    unknown: list[tuple[int, int]] = field(default_factory=list)
    initialized: bool = False
    truncated: bool = False

    style: Style = Style()
    align: int = 0
    spacing: int = DEFAULT_SPACING_DOTS
    codepage: str = "cp437"
    runs: list[Run] = field(default_factory=list)
    used_dots: int = 0
    qr_data: bytes = b""
    qr_dots: int = 3
    qr_level: str = "L"

    def read(self) -> None:
        try:
            while self.at < len(self.data):
                self._one()
        except _Truncated:
            self.truncated = True
        if self.runs:
            self._line(self.spacing)

    # Bytes

    def _take(self, count: int) -> bytes:
        taken = self.data[self.at : self.at + count]
        self.at += count
        if len(taken) < count:
            raise _Truncated
        return taken

    def _byte(self) -> int:
        return self._take(1)[0]

    def _number(self) -> int:
        low, high = self._take(2)
        return low + (high << 8)

    def _one(self) -> None:
        start = self.at
        byte = self._byte()
        if byte >= 0x20:
            self._character(byte)
        elif byte == LF:
            self._line(self.spacing)
        elif byte in (CR, FF, CAN):
            pass
        elif byte in (ESC, GS, FS, DLE):
            command = self._byte()
            known = {ESC: self._esc, GS: self._gs, FS: self._fs, DLE: self._dle}[byte](command)
            if not known:
                self.unknown.append((start, byte))
        else:
            self.unknown.append((start, byte))

    # Text

    def _character(self, byte: int) -> None:
        char = bytes([byte]).decode(self.codepage, errors="replace")
        width = self.style.cell[0]
        if self.used_dots + width > self.columns * FONT_DOTS[0][0]:
            self._line(self.spacing, wrapped=True)
        if self.runs and self.runs[-1].style == self.style:
            self.runs[-1] = Run(self.runs[-1].text + char, self.style)
        else:
            self.runs.append(Run(char, self.style))
        self.used_dots += width

    def _line(self, feed_dots: int, *, wrapped: bool = False) -> None:
        tallest = max((run.style.cell[1] for run in self.runs), default=0)
        self.elements.append(Row(tuple(self.runs), self.align, max(feed_dots, tallest), wrapped))
        self.runs, self.used_dots = [], 0

    def _flush(self) -> None:
        if self.runs:
            self._line(self.spacing)

    def _restyle(self, **changes: bool | int) -> None:
        values = {name: getattr(self.style, name) for name in Style.__dataclass_fields__}
        self.style = Style(**{**values, **changes})

    # Commands: each returns whether it is known

    def _esc(self, command: int) -> bool:
        if command == ord("@"):
            self.initialized = self.initialized or not self.elements and not self.runs
            self.style, self.align, self.spacing, self.codepage = Style(), 0, DEFAULT_SPACING_DOTS, "cp437"
            self.runs, self.used_dots = [], 0
            return True
        simple: dict[int, Callable[[int], None]] = {
            ord("!"): self._print_mode,
            ord("E"): lambda n: self._restyle(bold=bool(n & 1)),
            ord("G"): lambda n: self._restyle(bold=bool(n & 1)),
            ord("-"): lambda n: self._restyle(underline=n in (1, 2, 49, 50)),
            ord("M"): lambda n: self._restyle(font=1 if n in (1, 49) else 0),
            ord("a"): self._set_align,
            ord("t"): self._set_codepage,
            ord("3"): self._set_spacing,
            ord("d"): lambda n: self._feed(n * self.spacing),
            ord("J"): self._feed,
        }
        if command in simple:
            simple[command](self._byte())
        elif command == ord("2"):
            self.spacing = DEFAULT_SPACING_DOTS
        elif command in (ord("i"), ord("m")):
            self._cut(partial=True)
        elif command in (ord("R"), ord("{"), ord("V"), ord(" "), ord("="), ord("T")):
            self._take(1)
        elif command == ord("p"):
            self._take(3)
        elif command in (ord("c"), ord("$"), ord("\\")):
            self._take(2)
        else:
            return False
        return True

    def _gs(self, command: int) -> bool:
        if command == ord("!"):
            n = self._byte()
            self._restyle(wide=((n >> 4) & 7) + 1, tall=(n & 7) + 1)
        elif command == ord("B"):
            self._restyle(inverse=bool(self._byte() & 1))
        elif command == ord("V"):
            mode = self._byte()
            if mode in (65, 66):
                self._feed(self._byte())
            self._cut(partial=mode in (1, 49, 66))
        elif command == ord("("):
            function = self._byte()
            parameters = self._take(self._number())
            if function == ord("k"):
                self._symbol(parameters)
        elif command == ord("v"):
            self._raster()
        elif command in (ord("r"), ord("a"), ord("I"), ord("h"), ord("w"), ord("H"), ord("f"), ord("b")):
            self._take(1)
        elif command in (ord("L"), ord("W"), ord("P")):
            self._take(2)
        else:
            return False
        return True

    def _fs(self, command: int) -> bool:
        if command in (ord("."), ord("&")):
            return True
        if command in (ord("!"), ord("-"), ord("C"), ord("W")):
            self._take(1)
            return True
        return False

    def _dle(self, command: int) -> bool:
        if command in (4, 5):
            self._take(1)
            return True
        return False

    def _print_mode(self, n: int) -> None:
        self._restyle(
            font=n & 1,
            bold=bool(n & 8),
            tall=2 if n & 16 else 1,
            wide=2 if n & 32 else 1,
            underline=bool(n & 128),
        )

    def _set_align(self, n: int) -> None:
        if not self.runs:  # the reference: effective only at the beginning of a line
            self.align = n - 48 if n >= 48 else n
            self.align = self.align if self.align in (0, 1, 2) else 0

    def _set_codepage(self, n: int) -> None:
        self.codepage = CODEPAGES.get(n, "cp437")
        self.codepages.append(CODEPAGES.get(n, f"tabla {n}"))

    def _set_spacing(self, n: int) -> None:
        self.spacing = n

    def _feed(self, dots: int) -> None:
        self._flush()
        self.elements.append(Feed(dots))

    def _cut(self, *, partial: bool) -> None:
        self._flush()
        self.elements.append(Cut(partial))

    def _symbol(self, parameters: bytes) -> None:
        """GS ( k: two-dimensional symbols; cn 49 is QR."""
        if len(parameters) < 3 or parameters[0] != 49:
            return
        function, rest = parameters[1], parameters[2:]
        if function == 67:
            self.qr_dots = min(max(rest[0], 1), 16)
        elif function == 69:
            self.qr_level = QR_LEVELS.get(rest[0], "L")
        elif function == 80:
            self.qr_data = rest[1:]
        elif function == 81 and self.qr_data:
            self._flush()
            payload = self.qr_data.decode("utf-8", errors="replace")
            self.elements.append(QrSymbol(payload, self.qr_dots, self.qr_level, self.align))

    def _raster(self) -> None:
        """GS v 0 m xL xH yL yH d..."""
        self._take(2)
        width_bytes, height = self._number(), self._number()
        bits = self._take(width_bytes * height)
        self._flush()
        self.elements.append(Raster(width_bytes, height, bits, self.align))


class _Truncated(Exception):
    """The bytes end in the middle of a command."""
