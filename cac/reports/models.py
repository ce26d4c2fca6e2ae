"""What supervision keeps: alerts, with who saw them and when they ended, and the figures of days that are over."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from cac.base import Base, Id

OPEN = text("closed_at IS NULL")


class Alert(Base):
    """Something that needs a person, from the moment it was seen until it was over.

    `sala` is "" for what concerns every sala. Who did what with it is in the audit log too."""

    __tablename__ = "alert"
    __table_args__ = (
        # one open alert for one trouble, whatever two processes see at once
        Index("uq_alert_open", "sala", "kind", "subject", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_alert_sala", "sala", "id"),
    )

    id: Mapped[Id]
    sala: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))  # of cac.reports.alerts.KINDS
    subject: Mapped[str] = mapped_column(String(80))  # e.g. device:3, printer:kiosko; "" the sala itself
    title: Mapped[str] = mapped_column(String(160))
    detail: Mapped[str] = mapped_column(String(300))
    opened_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None] = mapped_column(String(40))  # Principal.key
    acknowledged_name: Mapped[str | None] = mapped_column(String(120))
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(String(40))


class DayFigures(Base):
    """The counts of one Lima day that is over, by service: made once from its moves, which no longer change.

    What cac.reports.figures reads and writes; a period of years is read as its days, not as its moves."""

    __tablename__ = "day_figures"

    day: Mapped[date] = mapped_column(primary_key=True)
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_at: Mapped[datetime]
