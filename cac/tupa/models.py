"""Versions of the TUPA and their entries. Published is published: rows are added, never changed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cac.base import Base, Id
from storage import append_only


class TupaVersion(Base):
    __tablename__ = "tupa_version"

    id: Mapped[Id]
    version: Mapped[str] = mapped_column(String(40), unique=True)
    valid_from: Mapped[date]  # Lima day; the latest one that has come is in force
    imported_at: Mapped[datetime]
    imported_by: Mapped[str] = mapped_column(String(40))  # Principal.key


class TramiteRow(Base):
    """One entry of one version; `entry` is `intake.tramite.entry_to_json`, the columns are for finding it."""

    __tablename__ = "tramite"
    __table_args__ = (UniqueConstraint("version_id", "code"),)

    id: Mapped[Id]
    version_id: Mapped[int] = mapped_column(ForeignKey("tupa_version.id"), index=True)
    position: Mapped[int]
    code: Mapped[str] = mapped_column(String(20))
    area_code: Mapped[str] = mapped_column(String(12))
    area: Mapped[str] = mapped_column(String(160))
    folded: Mapped[str] = mapped_column(String(1000))
    entry: Mapped[dict[str, Any]] = mapped_column(JSON)


append_only(TupaVersion.__table__)
append_only(TramiteRow.__table__)
