from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Table, bindparam, func, literal, or_, select
from sqlalchemy.orm import Session

from cabinas.paper.models import Printer, PrinterEvent, PrintJob
from core.clock import LIMA, lima_day
from printing.outcome import WAITING, State
from printing.spool import Job
from storage.prepared import prepared

TEST = "página de prueba"  # the subject of a calibration page
EVENTS = 40
MONTH = timedelta(days=30)

_JOB: Table = PrintJob.__table__  # type: ignore[assignment]
WAITS = _JOB.c.state.in_([literal(state) for state in WAITING])
_NEXT = prepared(
    select(_JOB.c.id, _JOB.c.data, _JOB.c.attempts)
    .where(WAITS, or_(_JOB.c.expires_at.is_(None), _JOB.c.expires_at >= bindparam("now")))
    .order_by(_JOB.c.priority, _JOB.c.id)
    .limit(1)
)


def printer_url(session: Session) -> str | None:
    return session.scalar(select(Printer.url).where(Printer.id == 1))


def next_job(session: Session, *, now: datetime) -> Job | None:
    """What may be printed now: what somebody waits for before a report, then the oldest."""
    row = _NEXT(session, {"now": now}).first()
    return Job(str(row.id), row.data, row.attempts + 1) if row else None


def last_test(session: Session) -> PrintJob | None:
    """The last test page that was not forgotten."""
    found = select(PrintJob).where(PrintJob.subject == TEST, PrintJob.state != State.EXPIRED)
    return session.scalar(found.order_by(PrintJob.id.desc()).limit(1))


def printer_card(session: Session, *, now: datetime) -> dict[str, Any]:
    """The printer: how it is, its counters since the day began and in thirty days, its history, its last calibration."""
    printer = session.get(Printer, 1)
    events = select(PrinterEvent).order_by(PrinterEvent.id.desc())
    return {
        "url": printer.url if printer else None,
        "problem": printer and printer.problem,
        "warning": printer and printer.warning,
        "health_at": printer and printer.health_at,
        "waiting": session.scalar(select(func.count()).where(PrintJob.state.in_((*WAITING, State.SENDING)))),
        "today": _counted(session, since=datetime.combine(lima_day(now), time(0), LIMA)),
        "month": _counted(session, since=now - MONTH),
        "events": list(session.scalars(events.limit(EVENTS))),
        "calibrated": session.scalar(events.where(PrinterEvent.kind == "calibrada").limit(1)),
    }


def _counted(session: Session, *, since: datetime) -> dict[str, int]:
    row = session.execute(
        select(
            func.count().filter(PrintJob.state == State.CONFIRMED).label("printed"),
            func.count().filter(PrintJob.copy > 0).label("copies"),
            func.count().filter(PrintJob.state == State.EXPIRED).label("given_up"),
            func.count().filter(PrintJob.doubted).label("asked"),
        ).where(PrintJob.queued_at >= since)
    ).one()
    return dict(row._mapping)


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
