"""What the municipality tells all its cabins: whom an operator calls, and the version of the program they should be."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cac.audit.actions import record
from cac.sync.models import CabinSupport
from core import wire
from core.errors import Invalid
from storage.prepared import prepared
from web.access import Principal

LONGEST = 40
DIGITS_MIN = 6  # a landline of a province, without its prefix
PHONES = {"cac": "teléfono del CAC", "treasury": "teléfono de Tesorería", "support": "teléfono de soporte"}
LABELS = PHONES | {"release": "versión", "release_commit": "huella de la versión"}

_TOLD = prepared(select(*(getattr(CabinSupport, name) for name in LABELS)))


@dataclass(frozen=True, slots=True)
class Support:
    """As a person types it; "" for what there is not."""

    cac: str = ""
    treasury: str = ""
    support: str = ""
    release: str = ""
    release_commit: str = ""

    def phones(self) -> wire.Phones:
        return wire.Phones(cac=self.cac, treasury=self.treasury, support=self.support)

    def approved(self) -> wire.Release | None:
        return wire.Release(name=self.release, commit=self.release_commit) if self.release_commit else None


def support(session: Session) -> Support:
    row = _TOLD(session).first()
    return Support(*row) if row else Support()


def change_support(session: Session, typed: Support, *, principal: Principal, now: datetime) -> dict[str, Any]:
    """Every cabin hears of it with its next catalogue; each change is in the log. Raises Invalid."""
    _check(typed)
    before, after = asdict(support(session)), asdict(typed)
    changed = [name for name in LABELS if before[name] != after[name]]
    row = session.get(CabinSupport, 1) or CabinSupport(id=1)
    for name, value in after.items():
        setattr(row, name, value)
    session.add(row)
    if changed:
        detail = "; ".join(
            f"{LABELS[name]}: {before[name] or 'ninguno'} → {after[name] or 'ninguno'}" for name in changed
        )
        record(session, principal=principal, action="cabina.apoyo", subject="cabinas", detail=detail, now=now)
    return {"changed": changed}


def _check(typed: Support) -> None:
    wrong: dict[str, str] = {}
    for name in PHONES:
        phone: str = getattr(typed, name)
        if phone and (len(re.findall(r"\d", phone)) < DIGITS_MIN or not re.fullmatch(r"[\w\s()+./,-]+", phone)):
            wrong[name] = "Escriba un número que se pueda marcar, como 076 362 201 anexo 14."
    if bool(typed.release) != bool(typed.release_commit):
        wrong["release_commit"] = "Escriba el nombre de la versión y su huella, o ninguno de los dos."
    elif typed.release_commit and not re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", typed.release_commit):
        wrong["release_commit"] = "Copie la huella entera: 40 letras y cifras, como la dice «git rev-parse»."
    if wrong:
        raise Invalid(fields=wrong)
