"""What is said aloud. Numbers only: a name is never spoken."""

from __future__ import annotations

CALLS = {
    "es": "Turno {letter}, {number}. Ventanilla {ventanilla}.",
    "en": "Ticket {letter}, {number}. Counter {ventanilla}.",
}
LANGUAGES = tuple(CALLS)  # said by the program; any other language only from clips that a person recorded


def spoken_code(code: str) -> tuple[str, str]:
    """`A-047` as the letter and the number a person says: ("A", "47")."""
    letter, _, number = code.partition("-")
    return letter, number.lstrip("0") or "0"


def call_phrase(code: str, ventanilla: int, language: str = "es") -> str:
    """What the room hears for a call; unknown languages are told in Spanish."""
    letter, number = spoken_code(code)
    return CALLS.get(language, CALLS["es"]).format(letter=letter, number=number, ventanilla=ventanilla)
