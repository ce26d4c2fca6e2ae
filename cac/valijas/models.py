from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from cac.base import Base, Id

AWAITED = "received_at IS NULL"  # the few that are looked for, again and again


class Valija(Base):
    """A bag of originals that a cabin said it sent. `closed_at`: somebody here finished taking its papers out."""

    __tablename__ = "valija"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(20), unique=True)
    cabina_id: Mapped[int] = mapped_column(ForeignKey("cabina.id"), index=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("inbox_event.id"))
    seal: Mapped[str] = mapped_column(String(60))
    carried_by: Mapped[str] = mapped_column(String(120))
    sent_by: Mapped[str] = mapped_column(String(120))
    sent_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(String(120))


class ValijaItem(Base):
    """A case whose papers were in the bag, and when they came out of it here."""

    __tablename__ = "valija_item"
    __table_args__ = (
        UniqueConstraint("valija_id", "number"),
        Index("valija_item_awaited", "valija_id", sqlite_where=text(AWAITED), postgresql_where=text(AWAITED)),
    )

    id: Mapped[Id]
    valija_id: Mapped[int] = mapped_column(ForeignKey("valija.id"))
    number: Mapped[str] = mapped_column(String(32), index=True)
    folios: Mapped[int]
    received_at: Mapped[datetime | None]
    received_by: Mapped[str | None] = mapped_column(String(120))
