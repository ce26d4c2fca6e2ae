"""Finding a person by document, and the corrections that wait."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cac.citizens.models import NameCorrection, Person
from core.identity import check_document


def find_person(session: Session, document_type: str, document_number: str) -> dict[str, Any] | None:
    """What is known of a document, to fill in a form: `{id, document_type, document_number, name, phone, email, address}`."""
    document = check_document(document_type, document_number).document
    found = session.scalar(
        select(Person).where(Person.document_type == document.type, Person.document_number == document.number)
    )
    return _shown(found) if found else None


def list_corrections(session: Session, *, limit: int = 50) -> list[dict[str, Any]]:
    """Names typed unlike the registered one and not decided yet, oldest first."""
    rows = session.execute(
        select(NameCorrection, Person)
        .join(Person, Person.id == NameCorrection.person_id)
        .where(NameCorrection.decided_at.is_(None))
        .order_by(NameCorrection.id)
        .limit(limit)
    )
    return [
        {"id": correction.id, "typed": correction.typed, "at": correction.at, "person": _shown(person)}
        for correction, person in rows
    ]


def _shown(person: Person) -> dict[str, Any]:
    return {
        "id": person.id,
        "document_type": person.document_type,
        "document_number": person.document_number or "",
        "name": person.name,
        "phone": person.phone or "",
        "email": person.email or "",
        "address": person.address or "",
    }
