"""What people write down about preferential attention: a complaint, and what was done about it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cac.audit.actions import record
from cac.desk.actions.rows import VentanillaUnknown
from cac.desk.models import Ticket, Ventanilla
from cac.desk.queries import find_sala
from cac.preferente.models import PreferenteAnswer, PreferenteComplaint
from core.clock import lima_day
from core.errors import Conflict, Invalid, NotFound
from web.access import Principal

TEXT_MAX = 1_000  # characters


class ComplaintEmpty(Invalid):
    code = "preferente.queja_vacia"
    detail = f"Escriba lo ocurrido, en {TEXT_MAX} caracteres como máximo."


class ComplaintTicketUnknown(NotFound):
    code = "preferente.turno_desconocido"
    detail = "Hoy no se dio ese turno en su sala. Revise el número o déjelo vacío."


class ComplaintUnknown(NotFound):
    code = "preferente.queja_no_existe"
    detail = "No existe esa queja en su sala. Actualice la página."


class ComplaintAnswered(Conflict):
    code = "preferente.queja_respondida"
    detail = "Esa queja ya tiene anotado lo que se hizo. Actualice la página."


def note_complaint(
    session: Session,
    *,
    sala: str | None,
    ticket: str,
    ventanilla: int | None,
    what: str,
    principal: Principal,
    now: datetime,
) -> dict[str, Any]:
    """Enter a complaint in the sala's register; its number has no gaps in the year.

    `ticket` is a code of today, or empty; without `ventanilla` the one that has or had the turn.
    Raises ComplaintEmpty, ComplaintTicketUnknown, VentanillaUnknown, SalaUnknown."""
    what = _text(what)
    row, today = find_sala(session, sala), lima_day(now)
    found = None
    if ticket:
        found = session.scalar(
            select(Ticket).where(Ticket.sala_id == row.id, Ticket.day == today, Ticket.code == ticket)
        )
        if found is None:
            raise ComplaintTicketUnknown(field="turno")
    place_id = found.ventanilla_id if found else None
    if ventanilla is not None:
        place_id = session.scalar(
            select(Ventanilla.id).where(Ventanilla.sala_id == row.id, Ventanilla.number == ventanilla)
        )
        if place_id is None:
            raise VentanillaUnknown(field="ventanilla")
    # verbs run one after another on both databases, so nobody counts meanwhile
    last = session.scalar(
        select(func.max(PreferenteComplaint.number)).where(
            PreferenteComplaint.sala_id == row.id, PreferenteComplaint.year == today.year
        )
    )
    complaint = PreferenteComplaint(
        sala_id=row.id,
        year=today.year,
        number=(last or 0) + 1,
        ticket_id=found.id if found else None,
        ventanilla_id=place_id,
        what=what,
        noted_by=principal.key,
        noted_by_name=principal.name,
        noted_at=now,
        noted_on=today,
    )
    session.add(complaint)
    session.flush()
    _note(session, complaint.id, "preferente.queja", principal, now)
    return {"id": complaint.id, "number": complaint_number(today.year, complaint.number)}


def answer_complaint(
    session: Session, complaint_id: int, *, what: str, principal: Principal, now: datetime
) -> dict[str, Any]:
    """Write what was done about it, once. Raises ComplaintEmpty, ComplaintUnknown, ComplaintAnswered."""
    what = _text(what)
    complaint = session.get(PreferenteComplaint, complaint_id)
    if complaint is None or (principal.sala and complaint.sala_id != find_sala(session, principal.sala).id):
        raise ComplaintUnknown()
    if session.get(PreferenteAnswer, complaint_id):
        raise ComplaintAnswered()
    session.add(
        PreferenteAnswer(
            complaint_id=complaint_id,
            what=what,
            given_by=principal.key,
            given_by_name=principal.name,
            given_at=now,
        )
    )
    _note(session, complaint_id, "preferente.queja_respondida", principal, now)
    return {"id": complaint_id, "number": complaint_number(complaint.year, complaint.number)}


def complaint_number(year: int, number: int) -> str:
    """As it is written in the register: `2026-0007`."""
    return f"{year}-{number:04d}"


def _text(what: str) -> str:
    what = what.strip()
    if not what or len(what) > TEXT_MAX:
        raise ComplaintEmpty(field="que")
    return what


def _note(session: Session, complaint_id: int, action: str, principal: Principal, now: datetime) -> None:
    subject = f"preferente_complaint:{complaint_id}"
    record(session, principal=principal, action=action, subject=subject, detail="", now=now)
