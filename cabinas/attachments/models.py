from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cabinas.base import Base
from storage.types import UtcDateTime


class Adjunto(Base):
    """A file of a case. Its bytes are on disk under their hash; `whole_at`: the centre said it has all of them. `gone_at`: they
    are on this disk no more; `lost_at`: nor at the centre, which said so after a restore."""

    __tablename__ = "adjunto"
    __table_args__ = (ForeignKeyConstraint(["epoch", "seq"], ["event.epoch", "event.seq"]),)
    id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(ForeignKey("expediente.number"), index=True)
    epoch: Mapped[int]
    seq: Mapped[int]
    name: Mapped[str]
    sheets: Mapped[int]
    sha256: Mapped[str] = mapped_column(index=True)
    media_type: Mapped[str]
    bytes: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    operator: Mapped[str]
    whole_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    gone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lost_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
