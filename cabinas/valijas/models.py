from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cabinas.base import Base
from storage import append_only
from storage.types import UtcDateTime


class Valija(Base):
    """A bag that left: its strap's number, who carries it."""

    __tablename__ = "valija"
    __table_args__ = (ForeignKeyConstraint(["epoch", "seq"], ["event.epoch", "event.seq"]),)
    id: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    seal: Mapped[str]
    carried_by: Mapped[str]
    cases: Mapped[int]
    epoch: Mapped[int]
    seq: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    operator: Mapped[str]
    print_job: Mapped[int]


class ValijaItem(Base):
    """A case whose papers went in a bag. In one more only when the centre told that they were not in it."""

    __tablename__ = "valija_item"
    number: Mapped[str] = mapped_column(ForeignKey("expediente.number"), primary_key=True)
    valija_id: Mapped[str] = mapped_column(ForeignKey("valija.id"), primary_key=True, index=True)


class ValijaOida(Base):
    """How a bag stands at the centre, as it last told. `missing`: what was not in it and has not come since."""

    __tablename__ = "valija_oida"
    code: Mapped[str] = mapped_column(primary_key=True)
    cases: Mapped[int]
    received: Mapped[int]
    missing: Mapped[list[str]] = mapped_column(JSON)
    lacking: Mapped[int] = mapped_column(index=True)  # how many `missing` has
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    told_at: Mapped[datetime] = mapped_column(UtcDateTime)


append_only(Valija.__table__)
append_only(ValijaItem.__table__)
