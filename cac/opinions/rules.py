"""Asking for an opinion and counting opinions, pure.

A mean is never told without its number of answers, and a clerk's figures only from `FEWEST` answers on: below that they would
tell who answered, and mean nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

TABLET, PHONE, KIOSK = "tableta", "celular", "kiosko"
PLACES = {TABLET: "Tableta de la ventanilla", PHONE: "Celular", KIOSK: "Kiosco"}
CHANNELS = {
    "kiosko": "Kiosco",
    "ventanilla": "Ventanilla u orientación",
    "web": "Internet",
    "telefono": "Teléfono",
    "cita": "Cita",
    "cabina": "Cabina",
}

ASKED = timedelta(seconds=60)  # how long the tablet asks after an attention ends
TAKEN = {  # how long after the end of the attention an answer is still taken
    TABLET: timedelta(minutes=5),
    PHONE: timedelta(days=7),
    KIOSK: timedelta(hours=12),
}
COMMENT_MAX = 280  # characters
FEWEST = 5  # answers, below which nothing is told of one clerk

_TOKEN = re.compile(r"(?:^|/t/)([0-9A-Za-z]{12})/?$")
_CODE = re.compile(r"([A-Za-z]{1,3})\s*-?\s*(\d{1,6})")


@dataclass(frozen=True, slots=True)
class Face:
    value: int
    word: str
    icon: str


FACES = (
    Face(1, "Muy mal", icon="mood-angry"),
    Face(2, "Mal", icon="mood-sad"),
    Face(3, "Regular", icon="mood-empty"),
    Face(4, "Bien", icon="mood-smile"),
    Face(5, "Muy bien", icon="mood-happy"),
)


@dataclass(frozen=True, slots=True)
class Tally:
    """Answers of one group: how many of each face, worst first; never a mean without `n`."""

    name: str
    faces: tuple[int, ...]

    @property
    def n(self) -> int:
        return sum(self.faces)

    @property
    def mean(self) -> str:
        """From 1 to 5 with one decimal and a comma; empty when nobody answered."""
        if not self.n:
            return ""
        total = sum(face.value * count for face, count in zip(FACES, self.faces, strict=True))
        return f"{total / self.n:.1f}".replace(".", ",")

    @property
    def content_percent(self) -> int | None:
        """The share of «bien» and «muy bien»."""
        return round(100 * (self.faces[3] + self.faces[4]) / self.n) if self.n else None

    @property
    def few(self) -> bool:
        return self.n < FEWEST


def tallies(answers: Iterable[tuple[str, int, int]]) -> tuple[Tally, ...]:
    """From (group, face, count), in the order groups first appear."""
    groups: dict[str, list[int]] = {}
    for group, face, count in answers:
        groups.setdefault(group, [0] * len(FACES))[face - 1] += count
    return tuple(Tally(name, tuple(counts)) for name, counts in groups.items())


def whole(groups: Sequence[Tally]) -> Tally:
    """All the answers of `groups` as one."""
    return Tally("Todas", tuple(sum(group.faces[n] for group in groups) for n in range(len(FACES))))


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


@dataclass(frozen=True, slots=True)
class Entry:
    """What a person gave at the kiosk to say which turn was theirs: the number on the paper, or the token of its QR."""

    code: str = ""
    token: str = ""


def read_entry(text: str) -> Entry | None:
    """`a 47`, `A-047` or the address a QR reader types; None when it is neither."""
    text = text.strip()
    if found := _CODE.fullmatch(text):
        return Entry(code=f"{found[1].upper()}-{int(found[2]):03d}")
    if found := _TOKEN.search(text):
        return Entry(token=found[1])
    return None
