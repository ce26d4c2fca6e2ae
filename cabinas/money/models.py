"""The ledger and the acts on money. All but the running balance only grow; states are read from what was appended."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from cabinas.base import Base
from storage import append_only
from storage.types import Day, UtcDateTime


class LedgerEntry(Base):
    __tablename__ = "ledger_entry"
    __table_args__ = (Index("ix_ledger_entry_undoes", "undoes", sqlite_where=text("undoes IS NOT NULL")),)
    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)  # kind:subject
    kind: Mapped[str]
    subject: Mapped[str] = mapped_column(index=True)
    undoes: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    on: Mapped[date] = mapped_column(Day, index=True)  # Lima day


class LedgerPosting(Base):
    __tablename__ = "ledger_posting"
    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("ledger_entry.id"), index=True)
    account: Mapped[str]
    centimos: Mapped[int]


class Balance(Base):
    """Sum of an account's postings, kept beside them so that the cap is checked without adding up years."""

    __tablename__ = "balance"
    account: Mapped[str] = mapped_column(primary_key=True)
    centimos: Mapped[int]


class Remesa(Base):
    __tablename__ = "remesa"
    id: Mapped[str] = mapped_column(primary_key=True)
    centimos: Mapped[int]
    reference: Mapped[str]
    epoch: Mapped[int]
    slot: Mapped[int | None]  # of its code by phone; None when no hash was left for it
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    operator: Mapped[str]


class PhoneCode(Base):
    """The signed hash of a one-time code, of one slot of a series epoch."""

    __tablename__ = "phone_code"
    epoch: Mapped[int] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[str]


class CodeTry(Base):
    """A code typed for a remittance: the right one, or one of the few wrong ones it allows."""

    __tablename__ = "code_try"
    id: Mapped[int] = mapped_column(primary_key=True)
    remittance_id: Mapped[str] = mapped_column(ForeignKey("remesa.id"), index=True)
    right: Mapped[bool]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    operator: Mapped[str]


class Extorno(Base):
    __tablename__ = "extorno"
    id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(index=True)
    centimos: Mapped[int]
    motivo: Mapped[str]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    operator: Mapped[str]


class AcceptedConfirmation(Base):
    """Treasury's signed word, once taken into the ledger."""

    __tablename__ = "accepted_confirmation"
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    subject: Mapped[str] = mapped_column(index=True)
    sealed: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Apartado(Base):
    """An event of this cabin that the centre set aside, by the word of `subject`. `about` says in words what it was."""

    __tablename__ = "apartado"
    epoch: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(unique=True)
    about: Mapped[str]
    centimos: Mapped[int]  # what it had moved
    reason: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime] = mapped_column(UtcDateTime)  # when it was said


class Liquidacion(Base):
    """A period treasury closed, as it was signed; `own_check` is what this till's ledger gave for it."""

    __tablename__ = "liquidacion"
    n: Mapped[int] = mapped_column(primary_key=True)
    sealed: Mapped[str] = mapped_column(Text)
    own_check: Mapped[str]
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Cierre(Base):
    """A closed day. `event_epoch` and `event_seq` are of its own event: the next one begins after it."""

    __tablename__ = "cierre"
    z: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    operator: Mapped[str]
    counts: Mapped[dict[str, Any]] = mapped_column(JSON)
    expected_centimos: Mapped[int]
    counted_centimos: Mapped[int]
    difference_centimos: Mapped[int]
    municipal_held_centimos: Mapped[int]
    filings: Mapped[int]
    first_seq: Mapped[int | None]
    last_seq: Mapped[int | None]
    event_epoch: Mapped[int]
    event_seq: Mapped[int]
    last_expediente_id: Mapped[int]
    last_entry_id: Mapped[int]
    last_shift_id: Mapped[int]  # shifts up to it are over
    fund_centimos: Mapped[int]  # of what should be there, the partner's own
    shifts: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # core.wire.ShiftPart
    hash: Mapped[str]
    print_job: Mapped[int | None]


for _model in (
    LedgerEntry,
    LedgerPosting,
    Remesa,
    PhoneCode,
    CodeTry,
    Extorno,
    AcceptedConfirmation,
    Apartado,
    Liquidacion,
    Cierre,
):
    append_only(_model.__table__)
