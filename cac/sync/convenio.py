"""A convenio after it is signed: its terms changed, each change in the log, and its papers."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cac.audit.actions import record
from cac.sync.actions import Terms, check_terms, find
from cac.sync.models import Cabina, CabinDocument
from cac.tupa.queries import TupaMissing, entries_of, version_in_force
from core.errors import Invalid, NotFound
from storage.contents import Attachment
from web.access import Principal

NAME_MAX = 120


class DocumentUnknown(NotFound):
    code, title = "convenio.documento", "Documento desconocido"
    detail = "Ese documento no está en el convenio. Actualice la página."


def terms_of(cabina: Cabina) -> Terms:
    return Terms(**{field.name: getattr(cabina, field.name) for field in fields(Terms)})


def change_terms(session: Session, terms: Terms, *, day: date, principal: Principal, now: datetime) -> dict[str, Any]:
    """The cabin of `terms.code` hears of it with its next catalogue; what was charged keeps what it was. Raises CabinaUnknown, Invalid."""
    cabina = find(session, terms.code)
    check_terms(terms)
    _refuse_unknown_tramites(session, terms, day)
    before, after = asdict(terms_of(cabina)), asdict(terms)
    changed = {name: (before[name], after[name]) for name in after if before[name] != after[name]}
    for name, (_, value) in changed.items():
        setattr(cabina, name, value)
    if changed:
        told = "; ".join(
            f"{name}: {old if old is not None else 'todos'} → {new}" for name, (old, new) in changed.items()
        )
        record(
            session,
            principal=principal,
            action="cabina.convenio",
            subject=f"cabina:{terms.code}",
            detail=told[:1000],
            now=now,
        )
    return {"code": terms.code, "changed": sorted(changed)}


def attach(
    session: Session, code: str, *, name: str, stored: Attachment, principal: Principal, now: datetime
) -> dict[str, Any]:
    """A paper of the convenio, its bytes already stored. Raises CabinaUnknown, Invalid."""
    cabina, name = find(session, code), " ".join(name.split())[:NAME_MAX]
    if not name:
        raise Invalid("Escriba qué documento es.", field="name")
    document = CabinDocument(cabina_id=cabina.id, name=name, by=principal.name, at=now, **stored.columns())
    session.add(document)
    session.flush()
    record(
        session,
        principal=principal,
        action="cabina.documento",
        subject=f"cabina:{code}",
        detail=f"{name} {stored.sha256[:12]}",
        now=now,
    )
    return {"id": document.id, "name": name}


def documents(session: Session, cabina_id: int) -> list[CabinDocument]:
    """Newest first."""
    of_it = select(CabinDocument).where(CabinDocument.cabina_id == cabina_id)
    return list(session.scalars(of_it.order_by(CabinDocument.id.desc())))


def document(session: Session, code: str, document_id: int) -> CabinDocument:
    """Raises CabinaUnknown, DocumentUnknown."""
    cabina, found = find(session, code), session.get(CabinDocument, document_id)
    if found is None or found.cabina_id != cabina.id:
        raise DocumentUnknown()
    return found


def _refuse_unknown_tramites(session: Session, terms: Terms, day: date) -> None:
    if not terms.tramites:
        return
    try:
        version_id, _ = version_in_force(session, day=day)
    except TupaMissing:
        return
    known = {entry.tramite.code for entry in entries_of(session, version_id)}
    if unknown := [code for code in terms.tramites if code not in known]:
        raise Invalid(f"Estos códigos no están en el TUPA vigente: {', '.join(unknown)}.", field="tramites")
