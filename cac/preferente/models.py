"""The register of complaints about preferential attention. It names no citizen: only the turn and the ventanilla."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cac.base import Base, Id
from storage import append_only


class PreferenteComplaint(Base):
    __tablename__ = "preferente_complaint"
    __table_args__ = (
        UniqueConstraint("sala_id", "year", "number"),
        Index("ix_preferente_complaint_day", "sala_id", "noted_on"),
    )

    id: Mapped[Id]
    sala_id: Mapped[int] = mapped_column(ForeignKey("sala.id"))
    year: Mapped[int]
    number: Mapped[int]  # without gaps in the sala's year
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    ventanilla_id: Mapped[int | None] = mapped_column(ForeignKey("ventanilla.id"))
    what: Mapped[str] = mapped_column(Text)
    noted_by: Mapped[str] = mapped_column(String(40))  # Principal.key
    noted_by_name: Mapped[str] = mapped_column(String(120))
    noted_at: Mapped[datetime]
    noted_on: Mapped[date]


class PreferenteAnswer(Base):
    """What was done about a complaint, once."""

    __tablename__ = "preferente_answer"

    complaint_id: Mapped[int] = mapped_column(ForeignKey("preferente_complaint.id"), primary_key=True)
    what: Mapped[str] = mapped_column(Text)
    given_by: Mapped[str] = mapped_column(String(40))
    given_by_name: Mapped[str] = mapped_column(String(120))
    given_at: Mapped[datetime]


append_only(PreferenteComplaint.__table__)
append_only(PreferenteAnswer.__table__)
