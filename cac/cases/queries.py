"""Reads that only the case page needs: its cargo's paper, and who waits longer."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cac.expedientes.models import Expediente
from cac.expedientes.rules import IN_PROCESS
from cac.paper.models import Printer, PrintJob
from printing.outcome import State

WAITING_PAPER = (State.QUEUED, State.SENDING, State.NOT_SENT)


def paper_of(session: Session, number: str) -> dict[str, Any] | None:
    """The last paper of a case's cargo as it stands; None when none was ever queued."""
    job = session.execute(
        select(PrintJob.id, PrintJob.state, PrintJob.detail, PrintJob.copy, Printer.name.label("printer"))
        .join(Printer, Printer.id == PrintJob.printer_id)
        .where(PrintJob.subject == f"expediente:{number}")
        .order_by(PrintJob.id.desc())
        .limit(1)
    ).first()
    if job is None:
        return None
    return {
        "id": job.id,
        "state": str(job.state),
        "detail": job.detail,
        "copies": job.copy,
        "printer": job.printer,
        "waiting": job.state in WAITING_PAPER,
    }


def older_in_hand(session: Session, area_code: str, *, received_on: date, but: str) -> int:
    """How many cases an area has in hand that were received on an earlier day than this one (art. 148: in their order)."""
    older = select(func.count()).where(
        Expediente.area_code == area_code,
        Expediente.state == IN_PROCESS,
        Expediente.on_its_way.is_(False),
        Expediente.received_on < received_on,
        Expediente.number != but,
    )
    return session.scalar(older) or 0
