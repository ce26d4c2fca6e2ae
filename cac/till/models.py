"""What the centre's tills did. Rows only grow: what is in a till is read from the charges and these."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cac.base import Base, BigInt, Id
from storage import append_only


class TillClose(Base):
    """A cashier's blind count. It covers the charges and refunds up to the ids it names; the next one begins after them."""

    __tablename__ = "till_close"
    __table_args__ = (Index("ix_till_close_principal", "principal", "id"),)

    id: Mapped[Id]
    principal: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(120))
    from_at: Mapped[datetime | None]  # the count before; null for the first
    to_at: Mapped[datetime]
    last_charge_id: Mapped[int] = mapped_column(BigInt)
    last_refund_id: Mapped[int] = mapped_column(BigInt)
    receipts: Mapped[int]
    by_method: Mapped[dict[str, int]] = mapped_column(JSON)  # céntimos taken, refunds subtracted
    expected_centimos: Mapped[int] = mapped_column(BigInt)  # cash; negative when more was refunded than taken
    counted_centimos: Mapped[int] = mapped_column(BigInt)
    difference_centimos: Mapped[int] = mapped_column(BigInt)
    counts: Mapped[dict[str, int]] = mapped_column(JSON)


class RefundLine(Base):
    """A line of a charge reversed when its refund was paid: equal and opposite, once an order."""

    __tablename__ = "refund_line"
    __table_args__ = (
        UniqueConstraint("refund_order_id", "concept"),
        Index("ix_refund_line_principal", "principal", "id"),
    )

    id: Mapped[Id]
    refund_order_id: Mapped[int] = mapped_column(ForeignKey("refund_order.id"))
    concept: Mapped[str] = mapped_column(String(20))
    centimos: Mapped[int]
    method: Mapped[str] = mapped_column(String(20))  # as it was charged
    paid_at: Mapped[datetime]
    principal: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(120))


append_only(TillClose.__table__)
append_only(RefundLine.__table__)
