"""Reads of the tills. The ids of one database are in the order of its commits (one writer), so "since the last count" is exact."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Select, distinct, func, select
from sqlalchemy.orm import Session

from cac.access.models import ApiToken, Staff
from cac.expedientes.models import Charge, Expediente, RefundOrder
from cac.till.models import RefundLine, TillClose
from cac.till.rules import expected_cash

RECEIPTS_MAX = 200  # of one listing, newest first; sums are of all
CLOSES_MAX = 10
PENDING_MAX = 200
NO_PAYMENT = "pendiente"


@dataclass(frozen=True, slots=True)
class Movement:
    """A receipt, or a refund with its lines negative."""

    number: str
    method: str
    at: datetime
    lines: list[tuple[str, int]]

    @property
    def total_centimos(self) -> int:
        return sum(centimos for _, centimos in self.lines)


@dataclass(frozen=True, slots=True)
class Taken:
    """What a till took and refunded since its last count."""

    since_at: datetime | None
    receipts: int
    refunds: int
    receipts_by_method: Counter[str]
    by_method: Counter[str]  # céntimos, refunds subtracted
    last_charge_id: int
    last_refund_id: int

    @property
    def expected_centimos(self) -> int:
        return expected_cash(self.by_method)


@dataclass(frozen=True, slots=True)
class Cashier:
    """Whose till it is: a person, or a program with a token."""

    key: str
    name: str
    role: str
    taken: Taken = field(repr=False)


def last_close(session: Session, principal: str) -> TillClose | None:
    mine = select(TillClose).where(TillClose.principal == principal)
    return session.scalar(mine.order_by(TillClose.id.desc()).limit(1))


def closes(session: Session, principal: str | None = None) -> list[TillClose]:
    """The last counts, newest first; everybody's when nobody is named."""
    found = select(TillClose).order_by(TillClose.id.desc()).limit(CLOSES_MAX)
    return list(session.scalars(found.where(TillClose.principal == principal) if principal else found))


def taken(session: Session, principal: str) -> Taken:
    last = last_close(session, principal)
    charged_after, refunded_after = (last.last_charge_id, last.last_refund_id) if last else (0, 0)
    charged = session.execute(
        select(
            Charge.method, func.count(distinct(Charge.expediente_id)), func.sum(Charge.centimos), func.max(Charge.id)
        )
        .join(Expediente, Expediente.id == Charge.expediente_id)
        .where(*_mine(principal, charged_after))
        .group_by(Charge.method)
    ).all()
    refunded = session.execute(
        select(
            RefundLine.method,
            func.count(distinct(RefundLine.refund_order_id)),
            func.sum(RefundLine.centimos),
            func.max(RefundLine.id),
        )
        .where(RefundLine.principal == principal, RefundLine.id > refunded_after)
        .group_by(RefundLine.method)
    ).all()
    by_method: Counter[str] = Counter()
    for method, _, centimos, _ in [*charged, *refunded]:
        by_method[method] += int(centimos)
    return Taken(
        since_at=last.to_at if last else None,
        receipts=sum(row[1] for row in charged),
        refunds=sum(row[1] for row in refunded),
        receipts_by_method=Counter({row[0]: row[1] for row in charged}),
        by_method=by_method,
        last_charge_id=max([charged_after, *(row[3] for row in charged)]),
        last_refund_id=max([refunded_after, *(row[3] for row in refunded)]),
    )


def receipts(session: Session, principal: str) -> list[Movement]:
    """Its receipts since the last count, newest first."""
    last = last_close(session, principal)
    cases = (
        select(Charge.expediente_id)
        .join(Expediente, Expediente.id == Charge.expediente_id)
        .where(*_mine(principal, last.last_charge_id if last else 0))
        .group_by(Charge.expediente_id)
        .order_by(func.max(Charge.id).desc())
        .limit(RECEIPTS_MAX)
    )
    rows = (
        select(Expediente.number, Charge.method, Charge.charged_at, Charge.concept, Charge.centimos)
        .join(Expediente, Expediente.id == Charge.expediente_id)
        .where(Charge.expediente_id.in_(session.scalars(cases).all()), Charge.principal == principal)
    )
    return _movements(session, rows.order_by(Charge.charged_at.desc(), Charge.expediente_id.desc(), Charge.id))


def refunds(session: Session, principal: str) -> list[Movement]:
    """What it refunded since its last count, newest first."""
    last = last_close(session, principal)
    rows = (
        select(Expediente.number, RefundLine.method, RefundLine.paid_at, RefundLine.concept, RefundLine.centimos)
        .join(RefundOrder, RefundOrder.id == RefundLine.refund_order_id)
        .join(Expediente, Expediente.id == RefundOrder.expediente_id)
        .where(RefundLine.principal == principal, RefundLine.id > (last.last_refund_id if last else 0))
        .order_by(RefundLine.paid_at.desc(), RefundLine.refund_order_id.desc(), RefundLine.id)
    )
    return _movements(session, rows)


def cashiers(session: Session) -> list[Cashier]:
    """Every till with something since its last count, by name."""
    people = [(f"staff:{row.id}", row.name, row.role) for row in session.execute(select(*_who(Staff)))]
    programs = [(f"token:{row.id}", row.name, row.role) for row in session.execute(select(*_who(ApiToken)))]
    found = [Cashier(key, name, role, taken(session, key)) for key, name, role in people + programs]
    return sorted((one for one in found if one.taken.receipts or one.taken.refunds), key=lambda one: one.name)


@dataclass(frozen=True, slots=True)
class Pending:
    """A refund order not yet paid."""

    id: int
    number: str
    applicant_name: str
    centimos: int
    lines: list[tuple[str, int]]
    method: str
    ordered_at: datetime


def pending_refunds(session: Session) -> list[Pending]:
    """Refund orders to pay, oldest first."""
    rows = session.execute(
        select(RefundOrder, Expediente.number, Expediente.applicant_name, Expediente.payment)
        .join(Expediente, Expediente.id == RefundOrder.expediente_id)
        .where(RefundOrder.state == "pendiente")
        .order_by(RefundOrder.id)
        .limit(PENDING_MAX)
    )
    return [
        Pending(
            id=order.id,
            number=number,
            applicant_name=name,
            centimos=order.centimos,
            lines=[(line["concept"], line["centimos"]) for line in order.lines],
            method=payment["method"],
            ordered_at=order.ordered_at,
        )
        for order, number, name, payment in rows
    ]


def _mine(principal: str, after: int) -> tuple[ColumnElement[bool], ...]:
    """Charges of a till after that id: made at the centre, and paid."""
    paid = Expediente.payment["state"].as_string() != NO_PAYMENT
    return Charge.principal == principal, Charge.id > after, Expediente.cabina.is_(None), paid


def _who(model: type[Staff] | type[ApiToken]) -> tuple:
    return model.id, model.name, model.role


def _movements(session: Session, rows: Select) -> list[Movement]:
    found: dict[str, Movement] = {}
    for number, method, at, concept, centimos in session.execute(rows):
        found.setdefault(number, Movement(number, method, at, [])).lines.append((concept, centimos))
    return list(found.values())
