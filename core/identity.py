"""Identity documents and names as people give them.

A DNI is accepted without its check digit; a wrong typed one only warns. A RUC whose check digit is wrong is refused:
it belongs to nobody. Check digits by python-stdnum."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from stdnum.pe import cui, ruc

DNI, CE, RUC, PASSPORT, PTP, NONE = "DNI", "CE", "RUC", "PAS", "PTP", "SIN"
DOCUMENT_TYPES = (DNI, CE, RUC, PASSPORT, PTP, NONE)
RUC_PREFIXES = ("10", "15", "16", "17", "20")
NAME_LENGTH_MAX = 160

_LOOSE = {
    CE: re.compile(r"[0-9A-Z]{9,12}"),
    PASSPORT: re.compile(r"[0-9A-Z]{5,15}"),
    PTP: re.compile(r"[0-9A-Z]{9,15}"),
}


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it is stored: `number` is compact and, for a DNI, only its eight digits. SIN has no number."""

    type: str
    number: str

    @property
    def masked(self) -> str:
        """What a paper may show: `DNI ****7410`."""
        return f"{self.type} ****{self.number[-4:]}" if self.number else "Sin documento"


@dataclass(frozen=True, slots=True)
class Checked:
    """A typed document: `error` refuses it, `warning` never does. Both are Spanish sentences."""

    document: Document
    error: str | None = None
    warning: str | None = None


def check_document(kind: str, number: str | None) -> Checked:
    """Reads a typed document. `kind` is one of DOCUMENT_TYPES."""
    compact = re.sub(r"[\s.\-–—]", "", clean_text(number or "")).upper()
    if kind == DNI:
        return _check_dni(compact)
    if kind == RUC:
        return _check_ruc(compact)
    if kind == NONE:
        return Checked(Document(NONE, ""))
    if kind not in _LOOSE:
        return Checked(Document(kind, compact), error="Elija el tipo de documento: DNI, CE, RUC, PAS, PTP o SIN.")
    error = None if _LOOSE[kind].fullmatch(compact) else f"Revise el número de {kind}: no tiene la forma esperada."
    return Checked(Document(kind, compact), error=error)


def _check_dni(compact: str) -> Checked:
    document = Document(DNI, compact[:8])
    if not re.fullmatch(r"[0-9]{8}[0-9A-K]?", compact):
        return Checked(Document(DNI, compact), error="El DNI tiene 8 dígitos. Revise el número.")
    if len(compact) == 9 and not cui.is_valid(compact):
        return Checked(
            document, warning="El dígito verificador del DNI no coincide. Compruebe el número con el documento."
        )
    return Checked(document)


def _check_ruc(compact: str) -> Checked:
    document = Document(RUC, compact)
    if not re.fullmatch(r"[0-9]{11}", compact) or ruc.calc_check_digit(compact[:10]) != compact[10]:
        return Checked(
            document, error="El RUC no es válido: tiene 11 dígitos y el último los comprueba. Revise el número."
        )
    if compact[:2] not in RUC_PREFIXES:
        return Checked(document, warning="El RUC empieza de forma poco común. Compruebe el número con la ficha RUC.")
    return Checked(document)


def clean_text(text: str) -> str:
    """NFC, without control or invisible formatting characters; runs of spaces become one."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    kept = (" " if _is_space(char) else char for char in unicodedata.normalize("NFC", text))
    return " ".join(
        "".join(char for char in kept if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co")).split()
    )


def _is_space(char: str) -> bool:
    # str.isspace() also holds for control bytes such as 0x1D, which a printer would obey
    return char in "\t\n\r\v\f" or unicodedata.category(char) in ("Zs", "Zl", "Zp")


def clean_lines(text: str) -> str:
    """As `clean_text`, line by line; empty lines at both ends are dropped."""
    return "\n".join(clean_text(line) for line in re.split(r"\r\n|\r|\n", text)).strip("\n")


def normalize_name(text: str) -> str:
    """A name as it is stored and printed: accents and case are the person's, control bytes are not."""
    return clean_text(text)[:NAME_LENGTH_MAX].strip()


@lru_cache(maxsize=1024)  # most of what is indexed are names of trámites
def fold(text: str) -> str:
    """For searching: lower case, no accents, ñ as n, no apostrophes, words separated by one space."""
    flat = "".join(char for char in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(char))
    return " ".join(re.findall(r"[0-9a-z]+", re.sub("['’ʼ`´]", "", flat)))
