"""Reads for the administrator's pages."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from cac.access.models import ApiToken, Device, Staff
from cac.audit.models import AuditEntry
from cac.desk.models import Sala, Ticket, Ventanilla
from cac.paper.models import Printer
from cac.sync.models import Cabina
from cac.sync.queries import devices as paired
from cac.sync.queries import last_suspension
from cac.tupa.models import TramiteRow, TupaVersion
from cac.tupa.queries import TupaMissing, list_areas

LOG_PAGE = 50
_CALLED: dict[str, tuple[str, Any, Any]] = {
    "ticket": ("Turno", Ticket.id, Ticket.code),
    "ventanilla": ("Ventanilla", Ventanilla.id, Ventanilla.number),
    "staff": ("Cuenta", Staff.id, Staff.username),
    "device": ("Equipo", Device.id, Device.name),
    "token": ("Token", ApiToken.id, ApiToken.name),
}


def places(session: Session, *, day: date) -> dict[str, list[tuple[str, str]]]:
    """Options of the forms, as (value, text): salas, areas and printers."""
    printers = session.scalars(select(Printer.name).where(Printer.retired_at.is_(None)).order_by(Printer.name))
    salas = session.execute(select(Sala.code, Sala.name).order_by(Sala.id))
    try:
        areas = [(name, name) for _, name in list_areas(session, day=day)]
    except TupaMissing:
        areas = []
    return {
        "salas": [(row.code, row.name) for row in salas],
        "areas": areas,
        "printers": [(name, name) for name in printers],
    }


def cabinas(session: Session) -> list[dict[str, Any]]:
    """Each cabin's convenio and the PC it uses now."""
    shown = []
    for cabina in session.scalars(select(Cabina).order_by(Cabina.code)):
        using = next((pc for pc in paired(session, cabina.id) if pc.revoked_at is None), None)
        stopped = last_suspension(session, cabina.id)
        shown.append({"cabina": cabina, "device": using, "suspended": bool(stopped and stopped.suspended)})
    return shown


def tupa_versions(session: Session) -> list[dict[str, Any]]:
    """Versions of the TUPA, newest first, with how many trámites each has."""
    counted = select(TramiteRow.version_id, func.count().label("entries")).group_by(TramiteRow.version_id).subquery()
    rows = session.execute(
        select(TupaVersion, counted.c.entries)
        .join(counted, counted.c.version_id == TupaVersion.id)
        .order_by(TupaVersion.valid_from.desc(), TupaVersion.id.desc())
    )
    return [{"version": version, "entries": entries} for version, entries in rows]


def people(session: Session, q: str = "") -> list[Staff]:
    """Accounts, active ones first, by name; `q` is part of a name or user name."""
    found = select(Staff).order_by(Staff.disabled_at.is_not(None), Staff.name, Staff.id)
    if q:
        found = found.where(or_(Staff.name.icontains(q, autoescape=True), Staff.username.icontains(q, autoescape=True)))
    return list(session.scalars(found))


def devices(session: Session) -> list[Device]:
    """Kiosks and screens, those in use first."""
    return list(session.scalars(select(Device).order_by(Device.revoked_at.is_not(None), Device.kind, Device.name)))


def tokens(session: Session) -> list[ApiToken]:
    return list(session.scalars(select(ApiToken).order_by(ApiToken.revoked_at.is_not(None), ApiToken.id.desc())))


def log_page(session: Session, *, q: str, page: int) -> dict[str, Any]:
    """One page of the log, newest first: `{entries, names, page, pages, total}`; `names` is what people call those subjects
    that are only a row's number. `q` is part of a subject, action or name."""
    where = []
    if q:
        where = [
            or_(*(c.icontains(q, autoescape=True) for c in (AuditEntry.subject, AuditEntry.action, AuditEntry.name)))
        ]
    total = session.scalar(select(func.count()).select_from(AuditEntry).where(*where)) or 0
    pages = max(1, -(-total // LOG_PAGE))
    page = min(max(page, 1), pages)
    rows = select(AuditEntry).where(*where).order_by(AuditEntry.id.desc())
    entries = list(session.scalars(rows.offset((page - 1) * LOG_PAGE).limit(LOG_PAGE)))
    names = _names(session, {entry.subject for entry in entries})
    return {"entries": entries, "names": names, "page": page, "pages": pages, "total": total}


def _names(session: Session, subjects: set[str]) -> dict[str, str]:
    """`ticket:18` -> "Turno A-018": what each row is called, by its subject."""
    found: dict[str, str] = {}
    for what, (word, key, name) in _CALLED.items():
        ids = [
            int(which)
            for kind, _, which in (subject.partition(":") for subject in subjects)
            if kind == what and which.isdigit()
        ]
        for row in session.execute(select(key, name).where(key.in_(ids))) if ids else ():
            found[f"{what}:{row[0]}"] = f"{word} {row[1]}"
    return found
