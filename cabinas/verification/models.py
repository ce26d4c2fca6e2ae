from __future__ import annotations

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from cabinas.base import Base


class VerificationRow(Base):
    """One row: keys and voids as the centre last signed them. How old they are is told by the last talk with it."""

    __tablename__ = "verification"
    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[str]
    sealed: Mapped[str] = mapped_column(Text)
