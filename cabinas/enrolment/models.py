"""What the centre granted, kept as it was signed. Rows are appended; the last one of each table holds."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from cabinas.base import Base
from storage import append_only
from storage.types import UtcDateTime


class Identity(Base):
    """One pairing of this PC with a centre."""

    __tablename__ = "identity"
    id: Mapped[int] = mapped_column(primary_key=True)
    cabina: Mapped[str]
    centre_url: Mapped[str]
    centre_key: Mapped[str]
    device_key: Mapped[str]
    paired_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LeaseRow(Base):
    __tablename__ = "lease"
    id: Mapped[int] = mapped_column(primary_key=True)
    epoch: Mapped[int]
    sealed: Mapped[str] = mapped_column(Text)
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CatalogueRow(Base):
    """`digest` is of `sealed`: what was parsed once is not parsed again."""

    __tablename__ = "catalogue"
    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[str]
    digest: Mapped[str]
    sealed: Mapped[str] = mapped_column(Text)
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SuspensionRow(Base):
    __tablename__ = "suspension"
    id: Mapped[int] = mapped_column(primary_key=True)
    suspended: Mapped[bool]
    reason: Mapped[str]
    sealed: Mapped[str] = mapped_column(Text)
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)


for _model in (Identity, LeaseRow, CatalogueRow, SuspensionRow):
    append_only(_model.__table__)
