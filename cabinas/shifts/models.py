from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from cabinas.base import Base
from storage import append_only
from storage.types import UtcDateTime


class Shift(Base):
    """`operator` answers for the drawer from this count on, until the next shift or the Z. `handed_by` gave it over; empty when
    nobody had it. What is after `last_entry_id` in the ledger is of this shift: the count's own difference is of the one before."""

    __tablename__ = "shift"
    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(unique=True)  # as its event names it
    operator: Mapped[str]
    handed_by: Mapped[str]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    counts: Mapped[dict[str, Any]] = mapped_column(JSON)
    expected_centimos: Mapped[int]
    counted_centimos: Mapped[int]
    difference_centimos: Mapped[int]
    fund_centimos: Mapped[int]
    last_entry_id: Mapped[int]
    last_expediente_id: Mapped[int]


class ShiftRule(Base):
    """Whether cash may move only while somebody answers for the drawer, as the responsible said; the last row holds, none is no."""

    __tablename__ = "shift_rule"
    id: Mapped[int] = mapped_column(primary_key=True)
    compulsory: Mapped[bool]
    by: Mapped[str]
    at: Mapped[datetime] = mapped_column(UtcDateTime)


append_only(Shift.__table__)
append_only(ShiftRule.__table__)
