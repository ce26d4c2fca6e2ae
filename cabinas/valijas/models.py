from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint
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
    """A case whose papers went in a bag. Once: an original exists once."""

    __tablename__ = "valija_item"
    number: Mapped[str] = mapped_column(ForeignKey("expediente.number"), primary_key=True)
    valija_id: Mapped[str] = mapped_column(ForeignKey("valija.id"), index=True)


append_only(Valija.__table__)
append_only(ValijaItem.__table__)
