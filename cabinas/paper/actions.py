"""Queueing papers. A job is a row of the same transaction as what it proves; the worker sends it afterwards."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from cabinas.device import Device
from cabinas.paper.models import Printer, PrintJob
from core.errors import Conflict, NotFound
from printing import build
from printing.outcome import State
from printing.papers import Paper, dump, load, reprinted
from storage import after_commit
from storage.prepared import prepared
from storage.remembered import remembered

_PLUGGED = prepared(select(Printer.id).limit(1))
_ADD = prepared(insert(PrintJob).returning(PrintJob.__table__.c.id))


class JobUnknown(NotFound):
    code = "impresion.no_existe"
    detail = "Esa impresión no existe en esta cabina."


class NothingToPrint(NotFound):
    code = "impresion.no_existe"
    detail = "No hay un papel de ese número en esta cabina."


class NotAsked(Conflict):
    code = "impresion.sin_pregunta"
    detail = "Esa impresión ya tiene respuesta."


def set_printer(session: Session, url: str) -> None:
    row = session.get(Printer, 1)
    if row is None:
        session.add(Printer(id=1, url=url))
    else:
        row.url = url


def enqueue(session: Session, paper: Paper, *, subject: str, device: Device, now: datetime) -> int:
    """The job's id. With no printer it is held: nothing comes out in a heap on the day one is plugged in."""
    return _queue(session, paper, subject=subject, device=device, now=now)


def keep_printed(session: Session, paper: Paper, *, subject: str, device: Device, now: datetime) -> int:
    """A paper that came out when it was made, kept so that it may be asked again; the job's id."""
    row = {
        "subject": subject,
        "paper": dump(paper),
        "data": build(paper, device.profile),
        "state": State.CONFIRMED,
        "detail": "recuperado del centro",
        "attempts": 0,
        "copy": 0,
        "queued_at": now,
        "changed_at": now,
        "asked_by": "",
    }
    job_id: int = _ADD(session, row).scalar_one()
    return job_id


def reprint(session: Session, subject: str, *, by: str, device: Device, now: datetime) -> dict[str, int]:
    """A copy of the last paper of `subject`, marked REIMPRESIÓN n. Raises NothingToPrint."""
    original = session.scalar(
        select(PrintJob).where(PrintJob.subject == subject, PrintJob.copy == 0).order_by(PrintJob.id).limit(1)
    )
    if original is None:
        raise NothingToPrint()
    copies = session.scalar(select(func.max(PrintJob.copy)).where(PrintJob.subject == subject)) or 0
    paper = reprinted(load(original.paper), number=copies + 1, at=now, by=by)
    job = _queue(session, paper, subject=subject, device=device, now=now, copy=copies + 1, asked_by=by)
    return {"print_job": job, "copy": copies + 1}


def answer(
    session: Session, job_id: int, *, came_out: bool, by: str, device: Device, now: datetime
) -> dict[str, object]:
    """A person looked at a job whose outcome nobody knew. "No salió" prints it again, marked. Raises NotAsked."""
    job = session.get(PrintJob, job_id)
    if job is None:
        raise JobUnknown()
    if job.state != State.UNKNOWN:
        raise NotAsked()
    job.changed_at, job.asked_by = now, by
    job.state = State.CONFIRMED if came_out else State.NOT_SENT
    job.detail = "dicho por una persona"
    if came_out:
        return {"state": job.state}
    job.state = State.EXPIRED  # its copy goes instead
    return {"state": job.state, **reprint(session, job.subject, by=by, device=device, now=now)}


def _queue(
    session: Session,
    paper: Paper,
    *,
    subject: str,
    device: Device,
    now: datetime,
    copy: int = 0,
    asked_by: str = "",
) -> int:
    plugged = _is_plugged(session)
    row = {
        "subject": subject,
        "paper": dump(paper),
        "data": build(paper, device.profile),
        "state": State.QUEUED if plugged else State.HELD,
        "detail": "" if plugged else "sin impresora",
        "attempts": 0,
        "copy": copy,
        "queued_at": now,
        "changed_at": now,
        "asked_by": asked_by,
    }
    job_id: int = _ADD(session, row).scalar_one()
    after_commit(session, device.on_job)
    return job_id


@remembered(Printer.__table__)
def _is_plugged(session: Session) -> bool:
    return _PLUGGED(session).first() is not None


def recover(session: Session, *, now: datetime) -> None:
    """At start: what was being sent may have come out, or not. Only a person can tell."""
    session.execute(
        update(PrintJob)
        .where(PrintJob.state == State.SENDING)
        .values(state=State.UNKNOWN, detail="se apagó mientras imprimía", changed_at=now)
    )


def mark_sending(session: Session, job_id: int, *, attempt: int, now: datetime) -> bool:
    """Before its first byte, by a conditional write."""
    done: Any = session.execute(
        update(PrintJob)
        .where(PrintJob.id == job_id, PrintJob.state.in_((State.QUEUED, State.NOT_SENT)))
        .values(state=State.SENDING, attempts=attempt, changed_at=now)
    )
    return bool(done.rowcount)


def keep_result(session: Session, job_id: int, *, state: str, detail: str, now: datetime) -> None:
    session.execute(update(PrintJob).where(PrintJob.id == job_id).values(state=state, detail=detail, changed_at=now))
