"""What a person sees on the calibration page, as answers; and what a printer is by them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.errors import Invalid
from printing.profile import Profile

WIDTHS = (32, 42, 48, 64)
ACCENTS = {"A": "cp850", "B": "cp858", "C": "cp1252", "D": "iso8859_15", "E": "cp860", "F": "cp437"}
NO_ACCENTS = "ninguna"
QR_OWN, QR_DRAWN, QR_NONE = "propio", "dibujado", "ninguno"
SAMPLE = "ÁÉÍÓÚÜÑ áéíóúüñ ¿¡°"  # fits the narrowest paper after its letter


class BadAnswers(Invalid):
    code = "impresora.calibracion"
    detail = "Responda las cuatro preguntas mirando la página impresa."


@dataclass(frozen=True, slots=True)
class Answers:
    """`columns`: the widest bar that came out on one line. `accents`: the first line that reads well, NO_ACCENTS for none.
    `qr`: the symbol that a phone reads. `answers`: whether the printer confirmed the page by itself, which nobody is asked."""

    columns: int
    accents: str
    qr: str
    cut: bool
    answers: bool

    def __post_init__(self) -> None:
        known = self.columns in WIDTHS and self.accents in (*ACCENTS, NO_ACCENTS)
        if not known or self.qr not in (QR_OWN, QR_DRAWN, QR_NONE):
            raise BadAnswers()

    def profile(self, before: Profile) -> Profile:
        """The printer as it showed itself. Where no line of accents reads well its letters go without them; a QR that no
        phone reads is sent drawn, which depends on less."""
        return replace(
            before,
            columns=self.columns,
            codepage=ACCENTS.get(self.accents, "ascii"),
            codepage_number=None,
            draws_qr=self.qr == QR_OWN,
            cuts=self.cut,
            answers=self.answers,
        )

    def words(self) -> str:
        """In one sentence, for the printer's history."""
        page = ACCENTS[self.accents].upper().replace("_", "-") if self.accents in ACCENTS else "sin tildes"
        qr = {QR_OWN: "QR propio", QR_DRAWN: "QR dibujado", QR_NONE: "QR que no se lee"}[self.qr]
        cut = "corta" if self.cut else "no corta"
        return f"{self.columns} columnas, {page}, {qr}, {cut}, {'confirma' if self.answers else 'no confirma'}"
