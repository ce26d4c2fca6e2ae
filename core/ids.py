"""Numbers, codes, keys and tokens that people and machines call things by. Random ones come from the system's source."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from string import ascii_uppercase
from uuid import UUID

import uuid_utils.compat
from stdnum.iso7064 import mod_37_36

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O, U: they are misread on paper
KEY_LENGTH = 8
FOLLOW_LENGTH = 12
TOKEN_BYTES = 32
SEQUENCE_DIGITS = 6

# Nobody should find one of these on the cargo of a trámite: alone, or joined to the letters of its intake point.
OFFENSIVE = frozenset({"ANO", "CK", "CSM", "CTM", "CU", "HDP", "KK", "MEO", "PIS", "PT", "PTM", "SS", "WC"})
OFFENSIVE_WITH_POINT = frozenset({"WEBO", "WEBON"})

_NUMBER = re.compile(r"(\d{4})((?:[A-Z]{1,4}\d{1,3})|MP|WEB)([A-Z]{1,3})(\d{6,9})([0-9A-Z])")
_POINT = re.compile(r"[A-Z]{1,4}\d{1,3}|MP|WEB")


def series_letters(point: str) -> Iterator[str]:
    """A..Z, AA..ZZ, AAA..: the series of an intake point in the order they are opened."""
    for length in (1, 2, 3):
        for letters in product(ascii_uppercase, repeat=length):
            series = "".join(letters)
            if series not in OFFENSIVE and point + series not in OFFENSIVE_WITH_POINT:
                yield series


def series_after(point: str, series: str | None) -> str:
    """The series to open after `series`; the first one after None. Raises ValueError when `series` is none of ours."""
    letters = series_letters(point)
    if series is None:
        return next(letters)
    for candidate in letters:
        if candidate == series:
            return next(letters)
    raise ValueError(f"{series!r} is not a series of {point}")


@dataclass(frozen=True, slots=True)
class ExpedienteNumber:
    """`2026-C03A-000124-T`: year, intake point and series, sequence, check character (ISO 7064 mod 37,36).

    The check character finds a mistyped number; it opens nothing."""

    year: int
    point: str  # MP, WEB, C03
    series: str  # A..Z, AA..
    sequence: int

    def __post_init__(self) -> None:
        if not (_POINT.fullmatch(self.point) and self.series.isalpha() and self.series.isupper()):
            raise ValueError(f"not an intake point and series: {self.point!r} {self.series!r}")
        if not (2000 <= self.year <= 9999 and 1 <= self.sequence < 10**9):
            raise ValueError(f"not a year and sequence: {self.year} {self.sequence}")

    @property
    def check(self) -> str:
        return str(mod_37_36.calc_check_digit(self._body()))

    def __str__(self) -> str:
        return f"{self.year}-{self.point}{self.series}-{self.sequence:0{SEQUENCE_DIGITS}d}-{self.check}"

    @classmethod
    def parse(cls, text: str) -> ExpedienteNumber:
        """Reads what a person types: any case, with or without hyphens. Raises ValueError on a wrong check character."""
        found = _NUMBER.fullmatch(re.sub(r"[\s\-–—]", "", text).upper())
        if found is None:
            raise ValueError("not an expediente number")
        year, point, series, sequence, check = found.groups()
        number = cls(int(year), point, series, int(sequence))
        if number.check != check:
            raise ValueError("wrong check character")
        return number

    def _body(self) -> str:
        return f"{self.year}{self.point}{self.series}{self.sequence:0{SEQUENCE_DIGITS}d}"


def ticket_code(letter: str, number: int) -> str:
    """`A-001`, `A-1000`: letter, hyphen, at least three digits."""
    return f"{letter}-{number:03d}"


def tracking_key() -> str:
    """`7KQ4-M2XD`: 40 random bits in two groups a person can read aloud."""
    letters = _random_letters(KEY_LENGTH)
    return f"{letters[:4]}-{letters[4:]}"


def normalize_key(text: str) -> str:
    """A typed tracking key as it is stored: case, spaces and hyphens forgiven, O read as 0, I and L as 1."""
    letters = re.sub(r"[\s\-–—]", "", text).upper().translate(str.maketrans("OIL", "011"))
    return f"{letters[:4]}-{letters[4:]}"


def same_secret(one: str, other: str) -> bool:
    """Compares without telling by its time how much of it was right."""
    return secrets.compare_digest(one.encode(), other.encode())


def random_token() -> str:
    """256 random bits, safe in a URL."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def follow_token() -> str:
    """Sixty random bits in twelve characters: opens one turn for a day, and can be typed from its paper."""
    return _random_letters(FOLLOW_LENGTH)


def _random_letters(length: int) -> str:
    """Five random bits each; 32 letters share a byte's 256 values evenly."""
    return "".join(CROCKFORD[byte % 32] for byte in secrets.token_bytes(length))


def uuid7() -> UUID:
    """An identifier for what is born offline; later ones sort later."""
    return uuid_utils.compat.uuid7()
