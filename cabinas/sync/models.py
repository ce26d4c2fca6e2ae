"""What the till knows of itself and of the centre: its clock, its last talk, what the centre could not take."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from cabinas.base import Base
from storage.types import UtcDateTime


class Condition(Base):
    """One row. `clock_seen_at` is the highest time this till has seen: expiry is told by it, so a clock set back gains nothing."""

    __tablename__ = "condition"
    id: Mapped[int] = mapped_column(primary_key=True)
    clock_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    centre_epoch: Mapped[int] = mapped_column(default=0)
    last_ok_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    clock_offset_s: Mapped[int | None]
    frozen_epoch: Mapped[int | None]  # no number is issued in this series epoch any more
    frozen_reason: Mapped[str | None]
    behind: Mapped[bool] = mapped_column(
        default=False
    )  # until the cabin's own history is here: a new PC, or an older database
    copied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the last good copy of the database
    drilled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the last time a copy was tried
    copy_problem: Mapped[str] = mapped_column(default="")
    news_after: Mapped[int] = mapped_column(default=0)  # how far the centre's news were read
    machine: Mapped[str] = mapped_column(default="")  # fingerprint of the PC that was paired; "" where it has none


class SeriesEpoch(Base):
    """How far the centre holds the events of each series epoch, other PCs' of this cabin too. `known` is False until it has told
    so itself. `marked_seq` is how far the mark outside the database went; `split`: the centre holds another history."""

    __tablename__ = "series_epoch"
    epoch: Mapped[int] = mapped_column(primary_key=True)
    series: Mapped[str]
    device_key: Mapped[str] = mapped_column(default="")
    held_seq: Mapped[int] = mapped_column(default=0)
    marked_seq: Mapped[int] = mapped_column(default=0)
    lost_open: Mapped[int | None]  # of what was lost up to the mark, what nobody accounted for; None: not told
    split: Mapped[bool] = mapped_column(default=False)
    known: Mapped[bool] = mapped_column(default=False)
    lease: Mapped[str] = mapped_column(Text, default="")  # as the centre signed it; "" where this PC was never shown it


class Quarantine(Base):
    """An event the centre holds but could not apply: people at both ends see it."""

    __tablename__ = "quarantine"
    epoch: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]
    detail: Mapped[str]
    told_at: Mapped[datetime] = mapped_column(UtcDateTime)
