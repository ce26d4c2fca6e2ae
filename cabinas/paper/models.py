from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from cabinas.base import Base
from storage.types import UtcDateTime


class PrintJob(Base):
    """The exact bytes of a paper and what is known of them. `paper` lets it be printed again, marked."""

    __tablename__ = "print_job"
    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(index=True)  # expediente number, remittance id, Z1
    paper: Mapped[str] = mapped_column(Text)
    data: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(index=True)
    detail: Mapped[str] = mapped_column(default="")
    attempts: Mapped[int] = mapped_column(default=0)
    copy: Mapped[int] = mapped_column(default=0)  # 0 the original, then REIMPRESIÓN 1, 2…
    queued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_by: Mapped[str] = mapped_column(default="")


class Printer(Base):
    """One row: where papers go. No row: the till works and says there is no printer."""

    __tablename__ = "printer"
    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str]
