"""What cabins did with money, and treasury's word on it. Rows only grow; what a cabin owes is the sum of its postings."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from cac.base import Base, BigInt, Id
from storage import append_only


class CabinPosting(Base):
    """A line of a cabin's ledger as the centre keeps it: what the cabin owes is their sum, to the céntimo.

    `source` names where it came from: `evento:<id>` or `confirmacion:<id>`."""

    __tablename__ = "cabin_posting"
    __table_args__ = (
        Index("ix_cabin_posting_sum", "cabina_id", "account", "centimos"),
        Index("ix_cabin_posting_entry", "cabina_id", "subject", "kind"),
        CheckConstraint("centimos <> 0", name="centimos"),
    )

    id: Mapped[Id]
    cabina_id: Mapped[int] = mapped_column(ForeignKey("cabina.id"))
    source: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(30))
    subject: Mapped[str] = mapped_column(String(60))
    undoes: Mapped[str | None] = mapped_column(String(100))
    account: Mapped[str] = mapped_column(String(40))
    centimos: Mapped[int] = mapped_column(BigInt)
    at: Mapped[datetime]


class CabinRemittance(Base):
    """Municipal cash a cabin says it sent. It reduces nothing until treasury confirms it."""

    __tablename__ = "cabin_remittance"

    id: Mapped[str] = mapped_column(String(60), primary_key=True)  # the cabin's own
    cabina_id: Mapped[int] = mapped_column(ForeignKey("cabina.id"), index=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("inbox_event.id"))
    centimos: Mapped[int]
    reference: Mapped[str] = mapped_column(String(200))
    epoch: Mapped[int]
    slot: Mapped[int | None]  # of its code by phone, in that epoch
    operator: Mapped[str] = mapped_column(String(120))
    declared_at: Mapped[datetime]  # the cabin's clock


class PhoneConfirmation(Base):
    """Treasury received a remittance that the centre may not know yet, and read its code aloud. Signed once the cabin declares it."""

    __tablename__ = "phone_confirmation"
    __table_args__ = (UniqueConstraint("cabina_id", "epoch", "slot"),)

    id: Mapped[Id]
    cabina_id: Mapped[int] = mapped_column(ForeignKey("cabina.id"))
    epoch: Mapped[int]
    slot: Mapped[int]
    centimos: Mapped[int]
    reference: Mapped[str] = mapped_column(String(200))
    by: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]


class CodeTaken(Base):
    """The cabin says it was read the code of a remittance."""

    __tablename__ = "code_taken"

    remittance_id: Mapped[str] = mapped_column(ForeignKey("cabin_remittance.id"), primary_key=True)
    cabina_id: Mapped[int] = mapped_column(ForeignKey("cabina.id"), index=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("inbox_event.id"))
    code: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]


class CabinExtorno(Base):
    """Money a cabin says it handed back. The debt stays until treasury has the surrendered receipt."""

    __tablename__ = "cabin_extorno"

    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    cabina_id: Mapped[int] = mapped_column(ForeignKey("cabina.id"), index=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("inbox_event.id"))
    number: Mapped[str] = mapped_column(String(40))
    centimos: Mapped[int]
    motivo: Mapped[str] = mapped_column(String(300))
    operator: Mapped[str] = mapped_column(String(120))
    declared_at: Mapped[datetime]


class CabinClose(Base):
    """A day's close (Z) of a cabin, chained to the one before."""

    __tablename__ = "cabin_close"
    __table_args__ = (UniqueConstraint("cabina_id", "device_id", "z"),)

    id: Mapped[Id]
    cabina_id: Mapped[int] = mapped_column(ForeignKey("cabina.id"))
    device_id: Mapped[int] = mapped_column(ForeignKey("cabin_device.id"))  # a new PC counts its closes from 1
    event_id: Mapped[int] = mapped_column(ForeignKey("inbox_event.id"))
    z: Mapped[int]
    expected_centimos: Mapped[int]
    counted_centimos: Mapped[int]
    difference_centimos: Mapped[int]
    municipal_held_centimos: Mapped[int]
    first_seq: Mapped[int | None]
    last_seq: Mapped[int | None]
    counts: Mapped[dict[str, int]] = mapped_column(JSON)  # value in céntimos -> how many
    fund_centimos: Mapped[int]  # of what should be there, the partner's own to give change with
    shifts: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # core.wire.ShiftPart
    hash: Mapped[str] = mapped_column(String(64))
    operator: Mapped[str] = mapped_column(String(120))
    closed_at: Mapped[datetime]


class CabinShift(Base):
    """An operator took a cabin's drawer, with a blind count; `handed_by` gave it over, empty when nobody had it."""

    __tablename__ = "cabin_shift"

    id: Mapped[str] = mapped_column(String(60), primary_key=True)  # the cabin's own
    cabina_id: Mapped[int] = mapped_column(ForeignKey("cabina.id"), index=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("inbox_event.id"))
    operator: Mapped[str] = mapped_column(String(120))
    handed_by: Mapped[str] = mapped_column(String(120))
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
    expected_centimos: Mapped[int]
    counted_centimos: Mapped[int]
    difference_centimos: Mapped[int]
    fund_centimos: Mapped[int]
    begun_at: Mapped[datetime]  # the cabin's clock


class TreasuryWord(Base):
    """What treasury said of a remittance, an extorno or the guarantee, as it was signed for the cabin. One word stands a subject."""

    __tablename__ = "treasury_word"
    __table_args__ = (
        Index(
            "ux_treasury_word_standing",
            "cabina_id",
            "subject",
            unique=True,
            sqlite_where=text("displaced_at IS NULL"),
            postgresql_where=text("displaced_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    cabina_id: Mapped[int] = mapped_column(ForeignKey("cabina.id"))
    kind: Mapped[str] = mapped_column(String(30))  # core.wire.ConfirmationKind
    subject: Mapped[str] = mapped_column(String(60))
    centimos: Mapped[int]
    by: Mapped[str] = mapped_column(String(120))
    reason: Mapped[str] = mapped_column(String(300))
    at: Mapped[datetime]
    sealed: Mapped[str] = mapped_column(Text)
    accepted_at: Mapped[datetime | None]  # when the cabin's acceptance came
    displaced_at: Mapped[
        datetime | None
    ]  # when the cabin told of an earlier word, which a restored centre had forgotten


class CabinSettlement(Base):
    """A period treasury closed with a cabin, as it was signed: numbered from 1 without gaps, each beginning where the last ended."""

    __tablename__ = "cabin_settlement"
    __table_args__ = (UniqueConstraint("cabina_id", "n"),)

    id: Mapped[Id]
    cabina_id: Mapped[int] = mapped_column(ForeignKey("cabina.id"))
    n: Mapped[int]
    from_on: Mapped[date]
    to_on: Mapped[date]
    closing_centimos: Mapped[int] = mapped_column(BigInt)
    check_code: Mapped[str] = mapped_column(String(12))
    by: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]
    sealed: Mapped[str] = mapped_column(Text)
    accepted_at: Mapped[datetime | None]  # when the cabin told it has it
    own_check: Mapped[str | None] = mapped_column(String(40))  # what the cabin's own ledger gives for it


class GuaranteeOrder(Base):
    """Somebody of treasury asks to execute or return a guarantee. Nothing moves until somebody else decides it."""

    __tablename__ = "guarantee_order"

    id: Mapped[Id]
    cabina_id: Mapped[int] = mapped_column(ForeignKey("cabina.id"), index=True)
    kind: Mapped[str] = mapped_column(String(30))  # garantia_ejecutada | garantia_devuelta
    centimos: Mapped[int]
    motivo: Mapped[str] = mapped_column(String(300))
    asked_by: Mapped[str] = mapped_column(String(120))
    asker: Mapped[str] = mapped_column(String(40))  # Principal.key
    asked_at: Mapped[datetime]


class GuaranteeDecision(Base):
    """The second person's word on an order. One an order."""

    __tablename__ = "guarantee_decision"

    order_id: Mapped[int] = mapped_column(ForeignKey("guarantee_order.id"), primary_key=True)
    approved: Mapped[bool]
    decided_by: Mapped[str] = mapped_column(String(120))
    decider: Mapped[str] = mapped_column(String(40))  # Principal.key
    decided_at: Mapped[datetime]


append_only(CabinPosting.__table__)
append_only(CabinRemittance.__table__)
append_only(PhoneConfirmation.__table__)
append_only(CodeTaken.__table__)
append_only(CabinExtorno.__table__)
append_only(CabinClose.__table__)
append_only(CabinShift.__table__)
append_only(GuaranteeOrder.__table__)
append_only(GuaranteeDecision.__table__)
append_only(CabinSettlement.__table__, set_once=("accepted_at", "own_check"))
append_only(TreasuryWord.__table__, set_once=("accepted_at", "displaced_at"))
