"""A closed settlement on the thermal printer of whoever of treasury asks: the same figures as its page, for both to sign."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cac.audit.actions import record
from cac.paper.actions import enqueue, reprint
from cac.paper.models import PrintJob
from cac.sync.actions import find
from cac.treasury.closing import one
from core.errors import Conflict
from printing.settlement import closed_paper
from web.access import Principal

PRINTED_WITH = "recibos"  # the printer that receipts of treasury's sala come out of


class NoPrinter(Conflict):
    code, title = "liquidacion.sin_impresora", "No hay impresora"
    detail = "Ninguna impresora está puesta para recibos. Pida al administrador que ponga una, o use el PDF."


def print_slip(
    session: Session, code: str, n: int, *, demo: bool, principal: Principal, now: datetime
) -> dict[str, Any]:
    """Queue the slip, or a marked copy of it once it came out.

    Raises CabinaUnknown, SettlementUnknown, NoPrinter, StillOnItsWay, TooManyCopies."""
    told = one(session, find(session, code).id, n)
    number = told.settlement().number
    first = select(PrintJob.id).where(PrintJob.subject == number, PrintJob.original_id.is_(None))
    known = session.scalar(first.order_by(PrintJob.id.desc()).limit(1))
    if known is not None:
        again: dict[str, Any] = reprint(session, known, principal=principal, now=now)
        return {"number": number, "job": again["id"]}
    job = enqueue(
        session,
        purpose=PRINTED_WITH,
        sala_code=principal.sala,
        paper=closed_paper(told, demo=demo),
        subject=number,
        now=now,
    )
    if job is None:
        raise NoPrinter()
    record(
        session,
        principal=principal,
        action="tesoreria.liquidacion_impresa",
        subject=f"cabina:{code}",
        detail=number,
        now=now,
    )
    return {"number": number, "job": job}
