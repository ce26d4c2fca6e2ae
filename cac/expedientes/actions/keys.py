"""A lost cargo, printed again for the person who shows the document it was filed with."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cac.audit.actions import record
from cac.citizens.models import Person
from cac.expedientes.actions.rows import find_case
from cac.expedientes.papers import CARGOS, Letterhead, cargo
from cac.paper.actions import enqueue
from cac.paper.models import PrintJob
from core.errors import Forbidden
from core.identity import check_document
from printing.papers import reprinted
from web.access import Principal


class NotTheApplicant(Forbidden):
    code = "expediente.documento_no_coincide"
    detail = "El documento no es el de quien presentó el trámite. La clave solo se reimprime a su titular."


def reprint_cargo(
    session: Session,
    typed_number: str,
    *,
    document_type: str,
    document_number: str,
    letterhead: Letterhead,
    principal: Principal,
    now: datetime,
) -> dict[str, Any]:
    """The same cargo marked REIMPRESIÓN n, with its key. Raises ExpedienteUnknown, NotTheApplicant."""
    case = find_case(session, typed_number)
    shown = check_document(document_type, document_number).document
    titulars = session.scalars(select(Person).where(Person.id.in_([case.person_id, case.representative_id or 0])))
    if not any((one.document_type, one.document_number) == (shown.type, shown.number) for one in titulars):
        raise NotTheApplicant()
    subject = f"expediente:{case.number}"
    copies = session.scalar(select(func.max(PrintJob.copy)).where(PrintJob.subject == subject)) or 0
    paper = cargo(session, case.number, letterhead=letterhead)
    job = enqueue(
        session,
        purpose=CARGOS,
        sala_code=principal.sala,
        paper=reprinted(paper, number=copies + 1, at=now, by=principal.name),
        subject=subject,
        now=now,
    )
    detail = f"REIMPRESIÓN {copies + 1}"
    record(session, principal=principal, action="expediente.cargo_reimpreso", subject=subject, detail=detail, now=now)
    return {"number": case.number, "track_key": case.track_key, "print_job": job, "copy": copies + 1}
