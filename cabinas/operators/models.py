from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from cabinas.base import Base
from storage import append_only
from storage.types import UtcDateTime


class Operator(Base):
    """Who works at the till. `pin_hash` is Argon2id. `responsible`: answers for the cabin and says who else works there.
    `wrong_pins`: in a row, since the last right one."""

    __tablename__ = "operator"
    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    pin_hash: Mapped[str]
    responsible: Mapped[bool] = mapped_column(default=False)
    wrong_pins: Mapped[int] = mapped_column(default=0)
    since_at: Mapped[datetime] = mapped_column(UtcDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OperatorChange(Base):
    """What was done with an operator and by whom; the name is the one held then. `what` is a key of `actions.CHANGES`."""

    __tablename__ = "operator_change"
    id: Mapped[int] = mapped_column(primary_key=True)
    operator_id: Mapped[int] = mapped_column(ForeignKey("operator.id"), index=True)
    what: Mapped[str]
    name: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ApiToken(Base):
    """A program of the partner's own PC. Only the SHA-256 of its token is kept."""

    __tablename__ = "api_token"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    sha256: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


append_only(OperatorChange.__table__)
