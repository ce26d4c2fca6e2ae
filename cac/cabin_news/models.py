from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from cac.base import Base, Id
from storage import append_only


class CabinNews(Base):
    """A piece of news for a cabin; `id` is how far its till has read. `body` is a `core.wire` news as it travels."""

    __tablename__ = "cabin_news"
    __table_args__ = (Index("cabin_news_of_cabina", "cabina", "id"),)

    id: Mapped[Id]
    cabina: Mapped[str] = mapped_column(String(4))
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime]


append_only(CabinNews.__table__)
