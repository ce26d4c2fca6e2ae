"""The catalogue entry (trámite) as a value, split in what decides a filing and what only explains it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import TypeAdapter

Kind = Literal["procedimiento", "servicio"]
Qualification = Literal["automatico", "evaluacion_previa", "no_aplica"]
Silence = Literal["SAP", "SAN"]
Bearer = Literal["citizen", "municipality"]

AUTOMATIC: Qualification = "automatico"
SAP: Silence = "SAP"


@dataclass(frozen=True, slots=True)
class Requisito:
    code: str  # "1".. in TUPA order
    text: str


@dataclass(frozen=True, slots=True)
class FeeVariant:
    code: str  # "1".. in TUPA order
    label: str
    centimos: int


@dataclass(frozen=True, slots=True)
class Tramite:
    """What a case is filed under, and keeps when the TUPA changes later."""

    code: str
    name: str
    area: str
    area_code: str
    kind: Kind
    qualification: Qualification
    silence: Silence | None
    term_business_days: int  # 0 = at the counter
    fee_centimos: int
    fee_variants: tuple[FeeVariant, ...]
    requisitos: tuple[Requisito, ...]
    channels: tuple[str, ...]
    joins: bool  # its paper belongs to an existing expediente when one is named
    cabin_fee_bearer: Bearer
    version: str
    reception_only: bool = False  # the desk takes the paper in; nothing is approved by that
    reply_business_days: int | None = None  # term of the answer where it is not the term of the counter


@dataclass(frozen=True, slots=True)
class Remedy:
    authority: str
    file_within_business_days: int | None
    resolve_within_business_days: int | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the public page explains besides. The editors' own remarks are not here on purpose."""

    qualification_label: str = ""
    fee_legal_basis: str = ""
    payment_modes: tuple[str, ...] = ()
    legal_basis: tuple[str, ...] = ()
    intake_unit: str = ""
    decides: str = ""
    result: str = ""
    result_valid_for: str | None = None
    reconsideration: Remedy | None = None
    appeal: Remedy | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    tramite: Tramite
    sheet: Sheet = field(default_factory=Sheet)


_TRAMITE = TypeAdapter(Tramite)
_ENTRY = TypeAdapter(Entry)


def tramite_to_json(tramite: Tramite) -> dict[str, Any]:
    plain: dict[str, Any] = _TRAMITE.dump_python(tramite, mode="json")
    return plain


def tramite_from_json(plain: dict[str, Any]) -> Tramite:
    return _TRAMITE.validate_python(plain)


def entry_to_json(entry: Entry) -> dict[str, Any]:
    plain: dict[str, Any] = _ENTRY.dump_python(entry, mode="json")
    return plain


def entry_from_json(plain: dict[str, Any]) -> Entry:
    return _ENTRY.validate_python(plain)
