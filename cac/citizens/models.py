"""People and the corrections their names wait for."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cac.base import Base, Id


class Person(Base):
    """Who files. `document_number` is null for people without document, who are never taken for one another."""

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("document_type", "document_number"),)

    id: Mapped[Id]
    document_type: Mapped[str] = mapped_column(String(3))
    document_number: Mapped[str | None] = mapped_column(String(20), index=True)
    name: Mapped[str] = mapped_column(String(160))
    phone: Mapped[str | None] = mapped_column(String(60))
    email: Mapped[str | None] = mapped_column(String(300))
    address: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime]
    contact_at: Mapped[datetime]  # when phone, mail and address were last told


class NameCorrection(Base):
    """A name typed unlike the registered one: it waits for a person to look at the document."""

    __tablename__ = "name_correction"

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    typed: Mapped[str] = mapped_column(String(160))
    typed_by: Mapped[str] = mapped_column(String(40))  # Principal.key
    at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(40))
    accepted: Mapped[bool | None]
