"""What a printer can do: columns, code page, QR. One value, read from the printer's URL or from its calibration."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from core.errors import Invalid

# ESC t n: the table numbers of the Epson command reference, which most clones follow; a profile may name another.
CODEPAGE_NUMBERS = {"cp437": 0, "cp850": 2, "cp860": 3, "cp1252": 16, "cp858": 19, "iso8859_15": 40, "ascii": 0}
CODEPAGES = {name.replace("_", ""): name for name in CODEPAGE_NUMBERS}

DOTS_PER_COLUMN = 12  # font A is 12 x 24 dots
COLUMNS_58_MM, COLUMNS_80_MM = 32, 48
COLUMNS_MIN, COLUMNS_MAX = 24, 64


class BadProfile(Invalid):
    code = "impresora.opcion_invalida"
    detail = "La dirección de la impresora tiene una opción que no se entiende."


@dataclass(frozen=True, slots=True)
class Profile:
    """`codepage` is a Python codec; `codepage_number` its ESC t number where the printer differs from Epson's.
    `cuts` is False where the paper is torn by hand; `answers` is False for a printer whose status port is mute: its jobs are never `confirmada`. `draws_qr` is False for
    one that cannot draw a QR by itself: it gets the drawing, in strips."""

    columns: int = COLUMNS_80_MM
    codepage: str = "cp850"
    codepage_number: int | None = None
    answers: bool = True
    draws_qr: bool = True
    cuts: bool = True

    @property
    def dots(self) -> int:
        return self.columns * DOTS_PER_COLUMN

    @property
    def narrow(self) -> bool:
        """58 mm paper."""
        return self.columns <= COLUMNS_58_MM

    @property
    def table(self) -> int:
        """The n of ESC t n."""
        return CODEPAGE_NUMBERS[self.codepage] if self.codepage_number is None else self.codepage_number

    @classmethod
    def from_url(cls, url: str) -> Profile:
        """`?width=48&codepage=cp850&table=2&status=no&qr=image&cut=no` of a printer's URL. Raises BadProfile."""
        options = dict(parse_qsl(urlsplit(url).query))
        codepage = CODEPAGES.get(options.get("codepage", "cp850").lower().replace("-", "").replace("_", ""))
        if codepage is None:
            raise BadProfile(
                f"La página de códigos {options['codepage']} no se conoce. Use una de: {', '.join(CODEPAGES)}."
            )
        return cls(
            columns=_whole(options, "width", 48, COLUMNS_MIN, COLUMNS_MAX),
            codepage=codepage,
            codepage_number=_whole(options, "table", 0, 0, 255) if "table" in options else None,
            answers=options.get("status", "yes") != "no",
            draws_qr=options.get("qr", "native") != "image",
            cuts=options.get("cut", "yes") != "no",
        )

    def onto(self, url: str) -> str:
        """`url` with this profile's options in place of its own; the rest of it stays."""
        address, _, query = url.partition("?")
        others = [pair for pair in parse_qsl(query) if pair[0] not in _options(DEFAULT, all_of_them=True)]
        options = urlencode([*others, *_options(self).items()])
        return f"{address}?{options}" if options else address


def _options(profile: Profile, *, all_of_them: bool = False) -> dict[str, str]:
    """What a URL must say of a profile; only what is not the ordinary, unless all of it is wanted."""
    said = {
        "width": (profile.columns != 48, str(profile.columns)),
        "codepage": (profile.codepage != "cp850", profile.codepage.replace("_", "-")),
        "table": (profile.codepage_number is not None, str(profile.table)),
        "status": (not profile.answers, "no"),
        "qr": (not profile.draws_qr, "image"),
        "cut": (not profile.cuts, "no"),
    }
    return {name: value for name, (needed, value) in said.items() if needed or all_of_them}


DEFAULT = Profile()


def _whole(options: dict[str, str], name: str, default: int, low: int, high: int) -> int:
    text = options.get(name, str(default))
    if not text.isdecimal() or not low <= int(text) <= high:
        raise BadProfile(f"La opción {name} de la impresora debe ser un número entre {low} y {high}.")
    return int(text)
