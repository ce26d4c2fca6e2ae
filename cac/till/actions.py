"""What a cashier does with its till: count it, and pay a refund out of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from cac.audit.actions import record
from cac.expedientes.models import Expediente, RefundOrder
from cac.expedientes.papers import CONCEPT_NAMES, METHOD_NAMES, Letterhead
from cac.paper.actions import enqueue
from cac.till import queries
from cac.till.models import RefundLine, TillClose
from cac.till.rules import difference
from core.cash import counted_centimos
from core.errors import Conflict, NotFound
from core.money import soles
from printing.papers import Charge, Payment, ReceiptPaper
from web.access import Principal

PENDING, PAID = "pendiente", "pagada"


class NothingToCount(Conflict):
    code, title = "caja.sin_movimientos", "Nada que contar"
    detail = "No cobró ni devolvió nada desde su último cierre. Si acaba de cerrar, ese cierre ya está guardado."


class RefundUnknown(NotFound):
    code, title = "devolucion.no_existe", "Devolución desconocida"
    detail = "No hay una devolución con ese número. Actualice la página."


class RefundSettled(Conflict):
    code, title = "devolucion.ya_resuelta", "Devolución ya resuelta"
    detail = "Esa devolución ya no está pendiente: no entregue el dinero otra vez. Actualice la página."


def close_till(session: Session, *, counts: Mapping[str, int], principal: Principal, now: datetime) -> dict[str, Any]:
    """Keep what `principal` counted beside what its receipts say. Raises CountInvalid, NothingToCount."""
    counted, taken = counted_centimos(counts), queries.taken(session, principal.key)
    if not (taken.receipts or taken.refunds):
        raise NothingToCount()
    close = TillClose(
        principal=principal.key,
        name=principal.name,
        from_at=taken.since_at,
        to_at=now,
        last_charge_id=taken.last_charge_id,
        last_refund_id=taken.last_refund_id,
        receipts=taken.receipts,
        by_method=dict(taken.by_method),
        expected_centimos=taken.expected_centimos,
        counted_centimos=counted,
        difference_centimos=difference(expected_centimos=taken.expected_centimos, counted_centimos=counted),
        counts={value: units for value, units in counts.items() if units},
    )
    session.add(close)
    session.flush()
    told = f"debía haber S/ {soles(close.expected_centimos)}, contó S/ {soles(counted)}"
    told += f", diferencia S/ {soles(close.difference_centimos)}"
    record(session, principal=principal, action="caja.cierre", subject=f"cierre:{close.id}", detail=told, now=now)
    return close_answer(close)


def close_answer(close: TillClose) -> dict[str, Any]:
    """A count as JSON."""
    return {
        "id": close.id,
        "cashier": close.name,
        "from_at": close.from_at.isoformat() if close.from_at else None,
        "to_at": close.to_at.isoformat(),
        "receipts": close.receipts,
        "by_method": close.by_method,
        "expected_centimos": close.expected_centimos,
        "counted_centimos": close.counted_centimos,
        "difference_centimos": close.difference_centimos,
        "counts": close.counts,
    }


def pay_refund(
    session: Session, order_id: int, *, principal: Principal, letterhead: Letterhead, now: datetime
) -> dict[str, Any]:
    """Give a fee back out of the till of `principal`, by the way it was paid: each line of the charge, reversed, once.

    Raises RefundUnknown, RefundSettled."""
    order = session.get(RefundOrder, order_id)
    if order is None:
        raise RefundUnknown()
    # a conditional write: of two who press at once, one finds it still pending
    first = update(RefundOrder).where(RefundOrder.id == order_id, RefundOrder.state == PENDING)
    done: Any = session.execute(first.values(state=PAID, settled_at=now))
    if done.rowcount != 1:
        raise RefundSettled()
    case = session.get_one(Expediente, order.expediente_id)
    assert case.payment, "a refund is of something paid"
    method = case.payment["method"]
    who = {"refund_order_id": order_id, "method": method, "paid_at": now}
    who |= {"principal": principal.key, "name": principal.name}
    session.execute(insert(RefundLine), [who | line for line in order.lines])
    told = f"{case.number}: S/ {soles(order.centimos)}, {METHOD_NAMES[method]}"
    record(
        session, principal=principal, action="caja.devolucion", subject=f"devolucion:{order_id}", detail=told, now=now
    )
    job = enqueue(
        session,
        purpose="recibos",
        sala_code=principal.sala,
        paper=_receipt(case, order, method=method, letterhead=letterhead, paid_by=principal.name, now=now),
        subject=f"devolucion:{order_id}",
        now=now,
    )
    return {
        "id": order_id,
        "number": case.number,
        "state": PAID,
        "centimos": order.centimos,
        "lines": order.lines,
        "method": method,
        "paid_at": now.isoformat(),
        "print_job": job,
    }


def _receipt(
    case: Expediente, order: RefundOrder, *, method: str, letterhead: Letterhead, paid_by: str, now: datetime
) -> ReceiptPaper:
    """What the citizen signs: the lines with their signs turned."""
    lines = tuple(Charge(CONCEPT_NAMES[line["concept"]], line["centimos"]) for line in order.lines)
    return ReceiptPaper(
        site=letterhead.site,
        office=letterhead.office,
        title="DEVOLUCIÓN",
        number=f"D-{order.id:06d}",
        issued_at=now,
        rows=(("Expediente", case.number), ("Devuelve", paid_by)),
        payment=Payment(lines, -order.centimos, METHOD_NAMES[method]),
        received_by=case.applicant_name,  # who signs
        note="El expediente se tuvo por no presentado: se devuelve el derecho pagado (Ley 27444, art. 125.4).",
        demo=letterhead.demo,
    )
