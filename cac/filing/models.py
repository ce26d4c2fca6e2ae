"""What a clerk has typed and not filed yet, kept at the server so that it survives the clerk's PC."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from cac.base import Base


class Draft(Base):
    """One sheet of one person; `place` tells sheets of different turns apart. Deleted by the filing itself."""

    __tablename__ = "draft"

    principal: Mapped[str] = mapped_column(String(40), primary_key=True)
    place: Mapped[str] = mapped_column(String(40), primary_key=True)  # id of the turn, "0" without one
    form: Mapped[dict[str, Any]] = mapped_column(JSON)
    files: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # uploaded already: name, sha256, size, media
    saved_at: Mapped[datetime] = mapped_column(index=True)
