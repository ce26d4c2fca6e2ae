from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cabinas.base import Base
from storage import append_only
from storage.types import Day, UtcDateTime


class Counter(Base):
    """The last sequence issued in a series epoch and year. Years only grow."""

    __tablename__ = "counter"
    epoch: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]


class PersonRow(Base):
    """Who has been here before, to fill in what is known. The name first registered stays."""

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("document_type", "document_number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    document_type: Mapped[str]
    document_number: Mapped[str]
    name: Mapped[str]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    address: Mapped[str | None]


class Expediente(Base):
    """A case received here. `answer` is what the till was told, and tells again."""

    __tablename__ = "expediente"
    __table_args__ = (ForeignKeyConstraint(["epoch", "seq"], ["event.epoch", "event.seq"]),)
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    epoch: Mapped[int]
    seq: Mapped[int]
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    taken_on: Mapped[date] = mapped_column(Day, index=True)  # Lima day of the till's clock
    tramite: Mapped[str]
    tramite_name: Mapped[str]
    applicant: Mapped[str]
    search: Mapped[str]  # number and applicant, folded
    municipal_centimos: Mapped[int]
    cabin_centimos: Mapped[int]
    total_centimos: Mapped[int]
    operator: Mapped[str]
    print_job: Mapped[int | None]
    answer: Mapped[dict[str, Any]] = mapped_column(JSON)


append_only(Expediente.__table__)


class Draft(Base):
    """A new trámite that an operator has not finished: what its form says, as typed. `key` is the idempotency key of that form. Gone
    when it is filed or discarded."""

    __tablename__ = "draft"
    key: Mapped[str] = mapped_column(primary_key=True)
    operator_id: Mapped[int] = mapped_column(ForeignKey("operator.id"), index=True)
    tramite: Mapped[str]
    form: Mapped[dict[str, list[str]]] = mapped_column(JSON)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
