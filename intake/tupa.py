"""Reads a TUPA file into values, refusing what the law does not let a municipality publish.

Source: Law 27444 arts. 35, 37 and 45 (TUO 39, 43, 54). Editorial fields of the file (`notes`, `source`,
`source_kind`, `verified_fields`, `term_note`) are for its editors: they are read past and never kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import Invalid
from core.identity import clean_text
from core.money import parse_soles, soles
from intake.tramite import Bearer, Entry, FeeVariant, Kind, Qualification, Remedy, Requisito, Sheet, Silence, Tramite

TERM_MAX_BUSINESS_DAYS = 30  # art. 35 (39): more only where a law says so

# The desk receives these and that is all: a stamped copy of them approves nothing. The number is the term of the answer
# (the ceiling of art. 35 for a petition); the answer to a defence comes within its own procedure, so it has none.
RECEPTION_ONLY: Mapping[str, int | None] = {"SG-08": TERM_MAX_BUSINESS_DAYS, "SG-10": None}

# One case, one number (arts. 150, 157): remedies, defences and desgloses are papers of the case they speak of.
JOINS_A_CASE = frozenset({"SG-04", "SG-05", "SG-06", "SG-10"})


class TupaInvalid(Invalid):
    code, title = "tupa.invalido", "TUPA por corregir"
    detail = "El archivo no es un TUPA. Revise que sea el JSON publicado, completo."


class _Row(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")


class _RemedyRow(_Row):
    authority: str
    file_within_business_days: int | None = None
    resolve_within_business_days: int | None = None


class _VariantRow(_Row):
    label: str = Field(min_length=1)
    soles: str


class _EntryRow(_Row):
    code: str = Field(pattern=r"^[A-Z]{1,4}-\d{1,4}[A-Z]?$")
    denomination: str = Field(min_length=1)
    kind: Kind
    area: str = Field(min_length=1)
    area_code: str | None = None
    requirements: list[str]
    qualification: Qualification
    qualification_label: str = ""
    silence: Silence | None
    term_business_days: int = Field(ge=0, le=365)
    term_note: str | None = None
    fee_soles: str
    fee_variants: list[_VariantRow] = []
    fee_legal_basis: str = ""
    payment_modes: list[str] = []
    legal_basis: list[str] = []
    channels: list[str]
    intake_unit: str = ""
    decides: str = ""
    reconsideration: _RemedyRow | None = None
    appeal: _RemedyRow | None = None
    result: str = ""
    result_valid_for: str | None = None
    joins: bool | None = None
    cabin_fee_bearer: Bearer | None = None


@dataclass(frozen=True, slots=True)
class Tupa:
    version: str
    entries: tuple[Entry, ...]


def parse_tupa(text: str, *, uit_centimos: int | None = None) -> Tupa:
    """The entries of a TUPA file. Its version is its date and a digest, so two files never share one.

    Raises TupaInvalid with the entry and field to mend. `uit_centimos` caps the fees (art. 45: above needs the MEF)."""
    try:
        file = json.loads(text)
        rows = file["procedures"]
        compiled = str(file.get("meta", {}).get("compiled", "")) or "sin-fecha"
    except (ValueError, KeyError, TypeError, AttributeError):
        raise TupaInvalid from None
    if not isinstance(rows, list) or not rows:
        raise TupaInvalid("El TUPA no tiene procedimientos.")
    version = f"{compiled}.{hashlib.sha256(text.encode()).hexdigest()[:8]}"
    entries = tuple(_entry(row, place, version, uit_centimos) for place, row in enumerate(rows, start=1))
    codes = [entry.tramite.code for entry in entries]
    if repeated := sorted({code for code in codes if codes.count(code) > 1}):
        raise TupaInvalid(f"El código {repeated[0]} está repetido.")
    return Tupa(version, entries)


def _entry(plain: Any, place: int, version: str, uit_centimos: int | None) -> Entry:
    named = f"{plain.get('code', '?')} (n.º {place})" if isinstance(plain, dict) else f"n.º {place}"
    try:
        row = _EntryRow.model_validate(plain)
        fee = parse_soles(row.fee_soles)
        variants = tuple(
            FeeVariant(str(number), clean_text(variant.label), parse_soles(variant.soles))
            for number, variant in enumerate(row.fee_variants, start=1)
        )
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"]) or "la entrada"
        raise TupaInvalid(f"Procedimiento {named}: revise {where}.") from None
    except ValueError:
        raise TupaInvalid(f"Procedimiento {named}: un monto no es un importe en soles, como 11.00.") from None
    _check_limits(row, named, max([fee, *(variant.centimos for variant in variants)]), uit_centimos)
    return Entry(_tramite(row, fee, variants, version), _sheet(row))


def _check_limits(row: _EntryRow, named: str, highest_fee: int, uit_centimos: int | None) -> None:
    if row.term_business_days > TERM_MAX_BUSINESS_DAYS and not (row.term_note and row.legal_basis):
        raise TupaInvalid(
            f"Procedimiento {named}: un plazo mayor de {TERM_MAX_BUSINESS_DAYS} días hábiles necesita una ley que lo fije."
        )
    if uit_centimos is not None and highest_fee > uit_centimos:
        raise TupaInvalid(f"Procedimiento {named}: el derecho pasa de 1 UIT (S/ {soles(uit_centimos)}).")


def _tramite(row: _EntryRow, fee: int, variants: tuple[FeeVariant, ...], version: str) -> Tramite:
    reception_only = row.code in RECEPTION_ONLY
    return Tramite(
        code=row.code,
        name=clean_text(row.denomination),
        area=clean_text(row.area),
        area_code=row.area_code or row.code.split("-")[0],
        kind=row.kind,
        qualification="no_aplica" if reception_only else row.qualification,
        silence=row.silence,
        term_business_days=row.term_business_days,
        fee_centimos=fee,
        fee_variants=variants,
        requisitos=tuple(Requisito(str(n), clean_text(text)) for n, text in enumerate(row.requirements, start=1)),
        channels=tuple(row.channels),
        joins=row.code in JOINS_A_CASE if row.joins is None else row.joins,
        cabin_fee_bearer=row.cabin_fee_bearer or ("citizen" if fee else "municipality"),
        version=version,
        reception_only=reception_only,
        reply_business_days=RECEPTION_ONLY.get(row.code),
    )


def _sheet(row: _EntryRow) -> Sheet:
    reception_only = row.code in RECEPTION_ONLY
    return Sheet(
        qualification_label="Recepción (no es una aprobación)" if reception_only else row.qualification_label,
        fee_legal_basis=row.fee_legal_basis,
        payment_modes=tuple(row.payment_modes),
        legal_basis=tuple(row.legal_basis),
        intake_unit=row.intake_unit,
        decides=row.decides,
        result=row.result,
        result_valid_for=row.result_valid_for,
        reconsideration=_remedy(row.reconsideration),
        appeal=_remedy(row.appeal),
    )


def _remedy(row: _RemedyRow | None) -> Remedy | None:
    return Remedy(row.authority, row.file_within_business_days, row.resolve_within_business_days) if row else None
