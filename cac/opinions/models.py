"""One row an opinion, one opinion a ticket; appended, never changed. It names no citizen."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cac.base import Base, Id
from storage import append_only


class Opinion(Base):
    __tablename__ = "opinion"
    __table_args__ = (Index("ix_opinion_of_sala", "sala_id", "given_on"),)

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), unique=True)
    sala_id: Mapped[int] = mapped_column(ForeignKey("sala.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))  # where the attention ended
    ventanilla_id: Mapped[int] = mapped_column(ForeignKey("ventanilla.id"))
    clerk: Mapped[str] = mapped_column(String(40))  # Principal.key of who finished the attention
    channel: Mapped[str] = mapped_column(String(12))  # how the turn was taken
    place: Mapped[str] = mapped_column(String(12))  # where it was asked: tableta | celular | kiosko
    face: Mapped[int]  # 1 muy mal .. 5 muy bien
    comment: Mapped[str | None] = mapped_column(Text)
    given_at: Mapped[datetime]
    given_on: Mapped[date]


append_only(Opinion.__table__)
