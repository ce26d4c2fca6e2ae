"""Printers, which paper goes to which, and the jobs. A job holds the exact bytes, and its paper as a value."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cac.base import Base, Id
from storage import append_only


class Printer(Base):
    """`problem` and `warning` are what it last said of itself, at `health_at`."""

    __tablename__ = "printer"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(60), unique=True)
    url: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    problem: Mapped[str | None] = mapped_column(String(300))
    warning: Mapped[str | None] = mapped_column(String(300))
    health_at: Mapped[datetime | None]
    agent_seen_at: Mapped[datetime | None]  # when the agent of an agent:// printer last spoke


class PrinterRoute(Base):
    """Papers of `purpose` (tickets, cargos, recibos) of a sala go to this printer; sala "" is every sala without its own."""

    __tablename__ = "printer_route"
    __table_args__ = (UniqueConstraint("purpose", "sala"),)

    id: Mapped[Id]
    purpose: Mapped[str] = mapped_column(String(20))
    sala: Mapped[str] = mapped_column(String(40))
    printer_id: Mapped[int] = mapped_column(ForeignKey("printer.id"))


class PrinterEvent(Base):
    """How a printer was from an instant on: ready, warning, in trouble, calibrated, moved. `answers` are of a calibration."""

    __tablename__ = "printer_event"
    __table_args__ = (Index(None, "printer_id", "id"),)

    id: Mapped[Id]
    printer_id: Mapped[int] = mapped_column(ForeignKey("printer.id"))
    kind: Mapped[str] = mapped_column(String(12))  # lista, aviso, problema, calibrada, direccion
    text: Mapped[str] = mapped_column(String(300), default="")
    answers: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    by: Mapped[str] = mapped_column(String(120), default="")  # who, when a person did it
    at: Mapped[datetime]


class PrintJob(Base):
    """One piece of paper. `copy` is 0 for the original, then n of REIMPRESIÓN n; `original_id` is then the first paper.

    The bytes never change; a marked copy is another job."""

    __tablename__ = "print_job"
    __table_args__ = (Index(None, "printer_id", "state", "priority", "id"),)

    id: Mapped[Id]
    printer_id: Mapped[int] = mapped_column(ForeignKey("printer.id"))
    purpose: Mapped[str] = mapped_column(String(20))
    priority: Mapped[int]
    subject: Mapped[str] = mapped_column(String(120), index=True)  # e.g. ticket:18
    title: Mapped[str] = mapped_column(String(120))  # for people: "ticket A-047"
    paper: Mapped[str] = mapped_column(Text)
    data: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str] = mapped_column(String(64))
    columns: Mapped[int]  # of the paper they were made for
    stripped: Mapped[int] = mapped_column(default=0)  # control characters left out of its texts
    replaced: Mapped[int] = mapped_column(default=0)  # characters printed by a nearest sign
    copy: Mapped[int] = mapped_column(default=0)
    original_id: Mapped[int | None] = mapped_column(ForeignKey("print_job.id"), index=True)
    state: Mapped[str] = mapped_column(String(12), index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    detail: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]


class PrintAttempt(Base):
    """What came of each try; a printer that stays off is noted once, not every half minute."""

    __tablename__ = "print_attempt"

    id: Mapped[Id]
    job_id: Mapped[int] = mapped_column(ForeignKey("print_job.id"), index=True)
    attempt: Mapped[int]
    state: Mapped[str] = mapped_column(String(12))
    detail: Mapped[str] = mapped_column(String(300))
    sent_bytes: Mapped[int]
    at: Mapped[datetime]


class PaperText(Base):
    """A sentence of a paper in the municipality's own words; without a row it is the program's. Its history is in the log."""

    __tablename__ = "paper_text"
    __table_args__ = (UniqueConstraint("kind", "language", "name"),)

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(20))  # ticket, cargo… as in printing.wording.SENTENCES
    language: Mapped[str] = mapped_column(String(5))
    name: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(String(200))


class PaperLogo(Base):
    """A logo that papers carried, in greys; the last row is today's, and an empty one is none. A paper names it by its SHA-256."""

    __tablename__ = "paper_logo"

    id: Mapped[Id]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    picture: Mapped[bytes] = mapped_column(LargeBinary)
    by: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]


append_only(PaperLogo.__table__)
append_only(PrinterEvent.__table__)
append_only(PrintAttempt.__table__)
