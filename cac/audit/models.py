"""The audit log. Rows are appended by verbs and sealed afterwards, in id order, by one sealer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cac.base import Base, Id
from storage import append_only


class AuditEntry(Base):
    __tablename__ = "audit_entry"

    id: Mapped[Id]
    at: Mapped[datetime]
    principal: Mapped[str] = mapped_column(String(40))  # Principal.key
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(20))
    action: Mapped[str] = mapped_column(String(60))  # e.g. ticket.llamado
    subject: Mapped[str] = mapped_column(String(120), index=True)  # e.g. ticket:18
    detail: Mapped[str] = mapped_column(Text)


class AuditSeal(Base):
    """hash = SHA-256 of the previous seal's hash and the entry's content."""

    __tablename__ = "audit_seal"

    entry_id: Mapped[int] = mapped_column(ForeignKey("audit_entry.id"), primary_key=True)
    hash: Mapped[str] = mapped_column(String(64))


class ReadEntry(Base):
    """Who looked at whose data (Ley 29733). Written in batches a second after the look."""

    __tablename__ = "read_entry"

    id: Mapped[Id]
    at: Mapped[datetime]
    principal: Mapped[str] = mapped_column(String(40), index=True)
    name: Mapped[str] = mapped_column(String(120))
    subject: Mapped[str] = mapped_column(String(120), index=True)


append_only(AuditEntry.__table__)
append_only(ReadEntry.__table__)
append_only(AuditSeal.__table__)
