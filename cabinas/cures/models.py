from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cabinas.base import Base
from storage import append_only
from storage.types import Day, UtcDateTime


class Subsanacion(Base):
    """What was brought of what a case lacked. `missing`: what lacks still. `answer` is what the till was told."""

    __tablename__ = "subsanacion"
    __table_args__ = (ForeignKeyConstraint(["epoch", "seq"], ["event.epoch", "event.seq"]),)
    id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(ForeignKey("expediente.number"), index=True)
    epoch: Mapped[int]
    seq: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    operator: Mapped[str]
    presented: Mapped[list[str]] = mapped_column(JSON)
    missing: Mapped[list[str]] = mapped_column(JSON)
    sheets: Mapped[int]
    print_job: Mapped[int]
    answer: Mapped[dict[str, Any]] = mapped_column(JSON)


class SubsanacionOida(Base):
    """What the centre told that it took of what a case of this cabin lacked. `id` is of the own cure it answers to; "" when it
    was brought to the centre. `missing`: what lacked there afterwards. The case may not be here (yet)."""

    __tablename__ = "subsanacion_oida"
    number: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    presented: Mapped[list[str]] = mapped_column(JSON)
    missing: Mapped[list[str]] = mapped_column(JSON)
    outcome: Mapped[str]  # of core.wire.CureNews
    due_on: Mapped[date | None] = mapped_column(Day)


append_only(Subsanacion.__table__)
append_only(SubsanacionOida.__table__)
