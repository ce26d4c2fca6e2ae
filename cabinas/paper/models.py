from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from cabinas.base import Base
from printing.papers import SOON
from storage import append_only
from storage.types import UtcDateTime


class PrintJob(Base):
    """The exact bytes of a paper and what is known of them. `paper` lets it be printed again, marked."""

    __tablename__ = "print_job"
    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(index=True)  # expediente number, remittance id, Z1
    paper: Mapped[str] = mapped_column(Text)
    data: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str]  # of data
    columns: Mapped[int]  # of the paper it was made for
    state: Mapped[str] = mapped_column(index=True)
    detail: Mapped[str] = mapped_column(default="")
    priority: Mapped[int] = mapped_column(default=SOON)
    attempts: Mapped[int] = mapped_column(default=0)
    doubted: Mapped[bool] = mapped_column(default=False)  # a person had to look
    copy: Mapped[int] = mapped_column(default=0)  # 0 the original, then REIMPRESIÓN 1, 2…
    queued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_by: Mapped[str] = mapped_column(default="")
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Printer(Base):
    """One row: where papers go, and what the printer last said of itself. No row: the till works and says there is no printer."""

    __tablename__ = "printer"
    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str]
    problem: Mapped[str | None]
    warning: Mapped[str | None]
    health_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PrinterEvent(Base):
    """How the printer was from an instant on: ready, warning, in trouble, calibrated. `answers` are of a calibration."""

    __tablename__ = "printer_event"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]  # lista, aviso, problema, calibrada
    text: Mapped[str] = mapped_column(default="")
    answers: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    by: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class StationeryRow(Base):
    """One row: the municipality's own words and logo as the centre last signed them. `version` is of what it sent last;
    `problem` says why that could not be taken, and then `sealed` is still what was before, "" for nothing."""

    __tablename__ = "stationery"
    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[str]
    sealed: Mapped[str] = mapped_column(Text)
    problem: Mapped[str]


class PaperLogo(Base):
    """A logo that papers carried, by its SHA-256; a copy of years later still finds its own."""

    __tablename__ = "paper_logo"
    sha256: Mapped[str] = mapped_column(primary_key=True)
    picture: Mapped[bytes] = mapped_column(LargeBinary)


append_only(PaperLogo.__table__)
append_only(PrinterEvent.__table__)
