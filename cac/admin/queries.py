"""Reads for the administrator's pages."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from cac.access.models import ApiToken, Device, Staff
from cac.audit.models import AuditEntry
from cac.paper.models import Printer

LOG_PAGE = 50


def places(session: Session) -> dict[str, list[tuple[str, str]]]:
    """Options of the forms, as (value, text): salas, areas and printers."""
    printers = session.scalars(select(Printer.name).where(Printer.retired_at.is_(None)).order_by(Printer.name))
    return {"salas": [], "areas": [], "printers": [(name, name) for name in printers]}


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
    """One page of the log, newest first: `{entries, page, pages, total}`. `q` is part of a subject, action or name."""
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
    return {"entries": entries, "page": page, "pages": pages, "total": total}
