"""Registering people. A known document keeps its registered name; a different one waits as a correction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.orm import Session

from cac.audit.actions import record
from cac.citizens.models import NameCorrection, Person
from core.errors import Conflict, NotFound
from core.identity import fold
from intake.filing import Person as Told
from storage.prepared import prepared
from web.access import Principal

_PERSON: Table = Person.__table__  # type: ignore[assignment]
_CORRECTION: Table = NameCorrection.__table__  # type: ignore[assignment]
_BY_DOCUMENT = prepared(
    select(_PERSON).where(
        _PERSON.c.document_type == bindparam("kind"), _PERSON.c.document_number == bindparam("number")
    )
)
_ADD = prepared(insert(_PERSON).returning(_PERSON.c.id))
_WAITS = select(_CORRECTION.c.typed).where(
    _CORRECTION.c.person_id == bindparam("person"), _CORRECTION.c.decided_at.is_(None)
)


class CorrectionUnknown(NotFound):
    code = "persona.correccion_no_existe"
    detail = "Esa corrección ya no está pendiente. Actualice la página."


class CorrectionDecided(Conflict):
    code = "persona.correccion_decidida"
    detail = "Otra persona ya decidió esta corrección. Actualice la página."


@dataclass(frozen=True, slots=True)
class Registered:
    """`name` is the registered one; `differs` when the told one was another."""

    id: int
    name: str
    new: bool
    differs: bool


def register(
    session: Session, told: Told, *, principal: Principal, now: datetime, from_sync: bool = False
) -> Registered:
    """The person of a filing, made if the document is new. What a cabin sent (`from_sync`) changes nobody's contact."""
    known = _find(session, told)
    if known is None:
        row = {
            "document_type": told.document_type,
            "document_number": told.document_number or None,
            "name": told.name,
            "phone": told.phone,
            "email": told.email,
            "address": told.address,
            "created_at": now,
            "contact_at": now,
        }
        return Registered(_ADD(session, row).scalar_one(), told.name, new=True, differs=False)
    contact = {key: getattr(told, key) for key in ("phone", "email", "address") if getattr(told, key)}
    if not from_sync and any(getattr(known, key) != value for key, value in contact.items()):
        session.execute(update(_PERSON).where(_PERSON.c.id == known.id).values(**contact, contact_at=now))
    differs = fold(told.name) != fold(known.name)
    if differs:
        _await_correction(session, known.id, told.name, principal=principal, now=now)
    return Registered(known.id, known.name, new=False, differs=differs)


def _find(session: Session, told: Told) -> Any:
    """Its row; None when the document is new or there is none."""
    if not told.document_number:
        return None
    return _BY_DOCUMENT(session, {"kind": told.document_type, "number": told.document_number}).first()


def _await_correction(session: Session, person: int, typed: str, *, principal: Principal, now: datetime) -> None:
    waiting = session.scalars(_WAITS, {"person": person})
    if fold(typed) not in {fold(name) for name in waiting}:
        session.execute(insert(_CORRECTION).values(person_id=person, typed=typed, typed_by=principal.key, at=now))


def decide_correction(
    session: Session, correction_id: int, *, accepted: bool, principal: Principal, now: datetime
) -> dict[str, Any]:
    """Take the typed name as the registered one, or leave it. Answers `{person_id, name}`."""
    correction = session.get(NameCorrection, correction_id)
    if correction is None:
        raise CorrectionUnknown()
    if correction.decided_at:
        raise CorrectionDecided()
    correction.decided_at, correction.decided_by, correction.accepted = now, principal.key, accepted
    person = session.get_one(Person, correction.person_id)
    if accepted:
        person.name = correction.typed
    record(
        session,
        principal=principal,
        action="persona.nombre_corregido" if accepted else "persona.nombre_confirmado",
        subject=f"person:{person.id}",
        detail="",
        now=now,
    )
    return {"person_id": person.id, "name": person.name}
