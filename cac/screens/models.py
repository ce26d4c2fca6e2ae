"""Tables of the screens' settings."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from cac.base import Base, Id


class SalaScreen(Base):
    """How the screens of a sala sound and what their foot says; a sala without a row has the defaults of `rules`."""

    __tablename__ = "sala_screen"

    sala_id: Mapped[int] = mapped_column(ForeignKey("sala.id"), primary_key=True)
    languages: Mapped[list[str]] = mapped_column(JSON)  # said after Spanish, each once
    volumes: Mapped[list[int]] = mapped_column(JSON)  # percent, for each hour of the Lima day
    notice: Mapped[str] = mapped_column(String(120))  # the line at the foot
    image_seconds: Mapped[int]  # how long a picture of the playlist stays


class ScreenMedia(Base):
    """A picture or video of a sala's playlist. Removed ones stay as rows: who showed what, and when."""

    __tablename__ = "screen_media"

    id: Mapped[Id]
    sala_id: Mapped[int] = mapped_column(ForeignKey("sala.id"), index=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(120))  # what it tells, for who cannot see it
    sha256: Mapped[str] = mapped_column(String(64))
    media_type: Mapped[str] = mapped_column(String(20))
    size: Mapped[int]
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
