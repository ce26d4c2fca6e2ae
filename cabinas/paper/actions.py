"""Queueing papers. A job is a row of the same transaction as what it proves; the worker sends it afterwards."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from cabinas.device import Device
from cabinas.paper.models import Printer, PrinterEvent, PrintJob
from cabinas.paper.queries import TEST, WAITS, last_test
from cabinas.paper.wording import dressed, logo_of
from core.errors import Conflict, NotFound
from core.wire import sha256
from printing import Profile, build
from printing.calibration import Answers
from printing.outcome import WAITING, Health, Outcome, State, settles
from printing.papers import CalibrationPaper, Paper, dump, load, priority_of, reprinted
from storage import after_commit
from storage.prepared import prepared
from storage.remembered import remembered

TEST_LASTS = timedelta(minutes=2)
_PLUGGED = prepared(select(Printer.id).limit(1))
_JOB: Table = PrintJob.__table__  # type: ignore[assignment]
_ADD = prepared(insert(PrintJob).returning(_JOB.c.id))
_MARK = prepared(
    update(_JOB)
    .where(_JOB.c.id == bindparam("job"), WAITS, _JOB.c.attempts == bindparam("before"))
    .values(state=State.SENDING, attempts=bindparam("attempt"), changed_at=bindparam("now"))
)
_KNOWN = prepared(select(_JOB.c.state, _JOB.c.attempts, _JOB.c.doubted).where(_JOB.c.id == bindparam("job")))
_SETTLE = prepared(
    update(_JOB)
    .where(_JOB.c.id == bindparam("job"))
    .values(
        state=bindparam("outcome"), detail=bindparam("why"), doubted=bindparam("asked"), changed_at=bindparam("now")
    )
)


class JobUnknown(NotFound):
    code = "impresion.no_existe"
    detail = "Esa impresión no existe en esta cabina."


class NothingToPrint(NotFound):
    code = "impresion.no_existe"
    detail = "No hay un papel de ese número en esta cabina."


class NotAsked(Conflict):
    code = "impresion.sin_pregunta"
    detail = "Esa impresión ya tiene respuesta."


class NoPrinter(Conflict):
    code = "impresion.sin_impresora"
    detail = "Esta caja no tiene impresora. Póngala con «run.py cabina printer»."


class NoTestPage(Conflict):
    code = "impresora.sin_pagina"
    detail = "Primero imprima la página de prueba y espere a que salga."


def set_printer(session: Session, url: str) -> None:
    row = session.get(Printer, 1)
    if row is None:
        session.add(Printer(id=1, url=url))
    else:
        row.url = url


def enqueue(session: Session, paper: Paper, *, subject: str, device: Device, now: datetime) -> int:
    """The job's id. With no printer it is held: nothing comes out in a heap on the day one is plugged in."""
    return _queue(session, dressed(session, paper), subject=subject, device=device, now=now)


def keep_printed(session: Session, paper: Paper, *, subject: str, device: Device, now: datetime) -> int:
    """A paper that came out when it was made, kept so that it may be asked again; the job's id."""
    row = _row(session, dressed(session, paper), subject, State.CONFIRMED, "recuperado del centro", device, now)
    job_id: int = _ADD(session, row).scalar_one()
    return job_id


def print_or_reprint(
    session: Session, paper: Paper, *, subject: str, by: str, device: Device, now: datetime
) -> dict[str, int]:
    """The first time as it is; after that its copy, marked."""
    if session.scalar(select(PrintJob.id).where(PrintJob.subject == subject).limit(1)) is not None:
        return reprint(session, subject, by=by, device=device, now=now)
    return {"print_job": enqueue(session, paper, subject=subject, device=device, now=now), "copy": 0}


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
    expires_at: datetime | None = None,
) -> int:
    plugged = _is_plugged(session)
    state, detail = (State.QUEUED, "") if plugged else (State.HELD, "sin impresora")
    own = {"copy": copy, "asked_by": asked_by, "expires_at": expires_at}
    row = _row(session, paper, subject, state, detail, device, now) | own
    job_id: int = _ADD(session, row).scalar_one()
    after_commit(session, device.on_job)
    return job_id


@remembered(Printer.__table__)
def _is_plugged(session: Session) -> bool:
    return _PLUGGED(session).first() is not None


def _row(
    session: Session, paper: Paper, subject: str, state: State, detail: str, device: Device, now: datetime
) -> dict[str, Any]:
    data = build(paper, device.profile, logo_of(session, paper))
    return {
        "subject": subject,
        "paper": dump(paper),
        "data": data,
        "sha256": sha256(data),
        "columns": device.profile.columns,
        "state": state,
        "detail": detail,
        "priority": priority_of(paper),
        "attempts": 0,
        "doubted": False,
        "copy": 0,
        "queued_at": now,
        "changed_at": now,
        "asked_by": "",
        "expires_at": None,
    }


def print_test(session: Session, paper: CalibrationPaper, *, device: Device, now: datetime) -> dict[str, int]:
    """A calibration page, forgotten if it cannot come out soon; the one before it too. Raises NoPrinter."""
    if session.get(Printer, 1) is None:
        raise NoPrinter()
    before = update(PrintJob).where(PrintJob.subject == TEST, PrintJob.state.in_(WAITING))
    session.execute(before.values(state=State.EXPIRED, changed_at=now))
    page, expires_at = dressed(session, paper), now + TEST_LASTS
    return {"print_job": _queue(session, page, subject=TEST, device=device, now=now, expires_at=expires_at)}


def calibrate(
    session: Session, *, columns: int, accents: str, qr: str, cut: bool, by: str, now: datetime
) -> dict[str, str]:
    """What a person saw on the last test page becomes the printer's profile; whether it answers its status is known from
    that page's own job. Raises NoPrinter, BadAnswers, NoTestPage."""
    printer, job = session.get(Printer, 1), last_test(session)
    if printer is None:
        raise NoPrinter()
    if job is None or job.state in (*WAITING, State.SENDING):
        raise NoTestPage()
    answers = Answers(columns, accents, qr, cut, job.state == State.CONFIRMED and not job.asked_by)
    printer.url = answers.profile(Profile.from_url(printer.url)).onto(printer.url)
    if job.state == State.UNKNOWN:
        job.state, job.changed_at, job.asked_by, job.detail = State.CONFIRMED, now, by, "dicho por una persona"
    words = answers.words()
    session.add(PrinterEvent(kind="calibrada", text=words, answers=asdict(answers), by=by, at=now))
    return {"url": printer.url, "said": words}


def note_health(session: Session, health: Health, *, now: datetime) -> None:
    """What the printer says of itself, and in its history when that is news."""
    printer = session.get(Printer, 1)
    if printer is None:
        return
    if printer.health_at is None or (printer.problem, printer.warning) != (health.problem, health.warning):
        session.add(PrinterEvent(kind=health.kind, text=health.problem or health.warning or "", at=now))
    printer.problem, printer.warning, printer.health_at = health.problem, health.warning, now


def recover(session: Session, *, now: datetime) -> None:
    """At start: what was being sent may have come out, or not. Only a person can tell."""
    session.execute(
        update(PrintJob)
        .where(PrintJob.state == State.SENDING)
        .values(state=State.UNKNOWN, doubted=True, detail="se apagó mientras imprimía", changed_at=now)
    )


def mark_sending(session: Session, job_id: int, *, attempt: int, now: datetime) -> bool:
    """Before its first byte, by a conditional write."""
    return _MARK(session, {"job": job_id, "before": attempt - 1, "attempt": attempt, "now": now}).rowcount == 1


def keep_result(session: Session, job_id: int, outcome: Outcome, *, attempt: int, now: datetime) -> None:
    """What came of a try. A late word is kept only while the job waits for one: a person's answer stands."""
    (job,) = _KNOWN(session, {"job": job_id})
    if settles(job.state, job.attempts, attempt, outcome):
        asked = job.doubted or outcome.state is State.UNKNOWN
        told = {"job": job_id, "outcome": outcome.state, "why": outcome.detail, "asked": asked, "now": now}
        _SETTLE(session, told)
