from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from cabinas.paper.models import Printer, PrintJob
from printing.outcome import State


def printer_url(session: Session) -> str | None:
    return session.scalar(select(Printer.url).where(Printer.id == 1))


def next_job(session: Session) -> PrintJob | None:
    """The oldest that may be printed now."""
    return session.scalar(
        select(PrintJob).where(PrintJob.state.in_((State.QUEUED, State.NOT_SENT))).order_by(PrintJob.id).limit(1)
    )


def asked(session: Session) -> list[PrintJob]:
    """Jobs whose outcome a person must tell."""
    return list(session.scalars(select(PrintJob).where(PrintJob.state == State.UNKNOWN).order_by(PrintJob.id)))


def original(session: Session, subject: str) -> PrintJob | None:
    """The first paper of an expediente, remittance or close."""
    return session.scalar(
        select(PrintJob).where(PrintJob.subject == subject, PrintJob.copy == 0).order_by(PrintJob.id).limit(1)
    )


def job(session: Session, job_id: int | None) -> PrintJob | None:
    return session.get(PrintJob, job_id) if job_id is not None else None
