"""What is done with paper: enqueue it, say what came of it, answer for it, copy it, set printers up."""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Table, bindparam, func, insert, literal, or_, select, true, update
from sqlalchemy.orm import Session

from cac.audit.actions import record
from cac.paper import bell
from cac.paper.models import PrintAttempt, Printer, PrinterEvent, PrinterRoute, PrintJob
from cac.paper.wording import dressed, logo_of
from core.errors import Conflict, Forbidden, Invalid, NotFound
from printing import Profile, build_counted
from printing.calibration import Answers
from printing.outcome import WAITING, Health, Outcome, State, settles
from printing.papers import Paper, dump, load, priority_of, reprinted, title_of
from printing.ports import check_url
from storage import after_commit
from storage.prepared import prepared
from storage.remembered import remembered
from web.access import Principal

PURPOSES = ("tickets", "cargos", "recibos")
TEST = "prueba"
TICKET_LASTS = timedelta(hours=2)  # a ticket that comes out later than this finds nobody
TEST_LASTS = timedelta(minutes=2)
MAX_COPIES = 99
MAX_DETAIL = 300  # as wide as its column
NAME = re.compile(r"\w[\w .-]{0,59}")

_PRINTER: Table = Printer.__table__  # type: ignore[assignment]
_ROUTE: Table = PrinterRoute.__table__  # type: ignore[assignment]
_JOB: Table = PrintJob.__table__  # type: ignore[assignment]
_ATTEMPT: Table = PrintAttempt.__table__  # type: ignore[assignment]

_ROUTED = (
    select(_PRINTER.c.id, _PRINTER.c.url)
    .join(_ROUTE, _ROUTE.c.printer_id == _PRINTER.c.id)
    .where(
        _ROUTE.c.purpose == bindparam("purpose"),
        _ROUTE.c.sala.in_((bindparam("sala"), "")),
        _PRINTER.c.retired_at.is_(None),
    )
    .order_by(_ROUTE.c.sala.desc())
    .limit(1)
)
_FIRST = select(func.min(_JOB.c.id)).where(_JOB.c.subject == bindparam("subject"), _JOB.c.copy == 0)
_ADD_JOB = prepared(insert(_JOB).returning(_JOB.c.id))
_ADD_ATTEMPT = prepared(insert(_ATTEMPT))
WAITS = _JOB.c.state.in_([literal(state) for state in WAITING])
_MARK = prepared(
    update(_JOB)
    .where(_JOB.c.id == bindparam("job"), WAITS, _JOB.c.attempts == bindparam("before"))
    .values(state=State.SENDING, attempts=bindparam("attempt"), changed_at=bindparam("now"))
)
_KNOWN = prepared(select(_JOB.c.state, _JOB.c.attempts, _JOB.c.detail).where(_JOB.c.id == bindparam("job")))
_SETTLE = prepared(
    update(_JOB)
    .where(_JOB.c.id == bindparam("job"))
    .values(state=bindparam("outcome"), detail=bindparam("why"), changed_at=bindparam("now"))
)


class JobUnknown(NotFound):
    code = "impresion.no_existe"
    detail = "Esa impresión no existe. Revise el número."


class NotAsked(Conflict):
    code = "impresion.sin_pregunta"
    detail = "De esa impresión ya se sabe si salió. Actualice la página."


class StillOnItsWay(Conflict):
    code = "impresion.en_camino"
    detail = "Ese papel todavía está en camino a la impresora. Espere a que salga antes de pedir una copia."


class TooManyCopies(Conflict):
    code = "impresion.demasiadas_copias"
    detail = f"De ese papel ya se hicieron {MAX_COPIES} copias."


class NotHeld(Conflict):
    code = "impresion.no_retenida"
    detail = "Esa impresión ya no está retenida. Actualice la página."


class PrinterUnknown(NotFound):
    code = "impresora.no_existe"
    detail = "No hay una impresora con ese nombre."


class NoTestPage(Conflict):
    code = "impresora.sin_pagina"
    detail = "Primero imprima la página de prueba y espere a que salga."


class BadPrinterName(Invalid):
    code = "impresora.nombre_invalido"
    detail = "El nombre de una impresora lleva letras, números, espacios y guiones, hasta 60; por ejemplo cargos-2."


# Printers


def add_printer(session: Session, *, name: str, url: str, principal: Principal, now: datetime) -> int:
    """A new printer, or a new address for the one of that name. Raises BadPrinterName, BadPrinterUrl, BadProfile."""
    if not NAME.fullmatch(name):
        raise BadPrinterName(field="name")
    check_url(url)
    printer = session.scalar(select(Printer).where(Printer.name == name))
    moved = printer is None or printer.url != url
    if printer is None:
        printer = Printer(name=name, url=url, created_at=now)
        session.add(printer)
    printer.url, printer.retired_at = url, None
    session.flush()
    if moved:
        _event(session, printer.id, "direccion", url, by=principal.name, now=now)
    record(session, principal=principal, action="impresora.alta", subject=f"impresora:{name}", detail=url, now=now)
    return printer.id


def route_papers(
    session: Session, *, purpose: str, sala: str | None, printer: str, principal: Principal, now: datetime
) -> None:
    """From now on papers of `purpose` of that sala (None: every sala without its own) go to `printer`."""
    if purpose not in PURPOSES:
        raise Invalid(f"Elija para qué papel es: {', '.join(PURPOSES)}.", field="purpose")
    row = find_printer(session, printer)
    route = session.scalar(
        select(PrinterRoute).where(PrinterRoute.purpose == purpose, PrinterRoute.sala == (sala or ""))
    )
    if route is None:
        session.add(PrinterRoute(purpose=purpose, sala=sala or "", printer_id=row.id))
    else:
        route.printer_id = row.id
    detail = f"{purpose} de {sala or 'todas las salas'}"
    record(
        session, principal=principal, action="impresora.ruta", subject=f"impresora:{printer}", detail=detail, now=now
    )


def set_up_printer(
    session: Session, *, name: str, url: str, purpose: str, sala: str, principal: Principal, now: datetime
) -> dict[str, Any]:
    """`add_printer` and, with a purpose, `route_papers`: the administrator's form."""
    printer_id = add_printer(session, name=name, url=url, principal=principal, now=now)
    if purpose:
        route_papers(session, purpose=purpose, sala=sala, printer=name, principal=principal, now=now)
    return {"id": printer_id, "name": name}


def retire_printer(session: Session, printer_id: int, *, principal: Principal, now: datetime) -> dict[str, Any]:
    """The printer takes no more papers and loses its routes; what it printed stays. Raises PrinterUnknown."""
    printer = get_printer(session, printer_id)
    if printer.retired_at is None:
        printer.retired_at = now
        for route in session.scalars(select(PrinterRoute).where(PrinterRoute.printer_id == printer.id)):
            session.delete(route)
        subject = f"impresora:{printer.name}"
        record(session, principal=principal, action="impresora.baja", subject=subject, detail="", now=now)
    return {"id": printer_id, "name": printer.name}


def get_printer(session: Session, printer_id: int) -> Printer:
    printer = session.get(Printer, printer_id)
    if printer is None:
        raise PrinterUnknown()
    return printer


def find_printer(session: Session, name: str) -> Printer:
    printer = session.scalar(select(Printer).where(Printer.name == name))
    if printer is None:
        raise PrinterUnknown()
    return printer


def note_health(session: Session, printer_id: int, health: Health, *, now: datetime) -> None:
    """What the printer says of itself, and in its history when that is news."""
    said = (_short(health.problem), _short(health.warning))
    before = session.execute(
        select(_PRINTER.c.problem, _PRINTER.c.warning, _PRINTER.c.health_at).where(_PRINTER.c.id == printer_id)
    ).one()
    if before.health_at is None or said != (before.problem, before.warning):
        _event(session, printer_id, health.kind, said[0] or said[1] or "", now=now)
    values = {"problem": _short(health.problem), "warning": _short(health.warning), "health_at": now}
    session.execute(update(_PRINTER).where(_PRINTER.c.id == printer_id).values(values))


def calibrate(
    session: Session,
    printer_id: int,
    *,
    columns: int,
    accents: str,
    qr: str,
    cut: bool,
    principal: Principal,
    now: datetime,
) -> dict[str, Any]:
    """What a person saw on the last test page becomes the printer's profile; whether it answers its status is known from
    that page's own job. Raises PrinterUnknown, BadAnswers, NoTestPage."""
    printer = get_printer(session, printer_id)
    job = last_test(session, printer_id)
    if job is None or job.state in (*WAITING, State.SENDING):
        raise NoTestPage()
    confirmed = select(_ATTEMPT.c.id).where(_ATTEMPT.c.job_id == job.id, _ATTEMPT.c.state == State.CONFIRMED)
    answers = Answers(columns, accents, qr, cut, session.scalar(confirmed.limit(1)) is not None)
    printer.url = answers.profile(Profile.from_url(printer.url)).onto(printer.url)
    if job.state == State.UNKNOWN:
        job.state, job.changed_at, job.detail = State.CONFIRMED, now, f"{principal.name} vio que salió."
    words = answers.words()
    _event(session, printer_id, "calibrada", words, answers=asdict(answers), by=principal.name, now=now)
    subject = f"impresora:{printer.name}"
    record(session, principal=principal, action="impresora.calibracion", subject=subject, detail=words, now=now)
    return {"id": printer_id, "url": printer.url, "said": words}


def last_test(session: Session, printer_id: int) -> PrintJob | None:
    """The last test page that was not forgotten."""
    found = select(PrintJob).where(
        PrintJob.printer_id == printer_id, PrintJob.purpose == TEST, PrintJob.state != State.EXPIRED
    )
    return session.scalar(found.order_by(PrintJob.id.desc()).limit(1))


def _event(
    session: Session,
    printer_id: int,
    kind: str,
    text: str,
    *,
    answers: dict[str, Any] | None = None,
    by: str = "",
    now: datetime,
) -> None:
    session.add(PrinterEvent(printer_id=printer_id, kind=kind, text=text, answers=answers, by=by, at=now))


# Jobs


def enqueue(
    session: Session, *, purpose: str, sala_code: str | None, paper: Paper, subject: str, now: datetime
) -> int | None:
    """Queue `paper` on the printer routed for it, in the transaction of what it proves; None when no printer is."""
    routed = _routed(session, purpose, sala_code or "")
    if routed is None:
        return None
    expires_at = now + TICKET_LASTS if purpose == "tickets" else None
    first = session.scalar(_FIRST, {"subject": subject}) if paper.reprint else None
    return _add(
        session,
        routed,
        purpose=purpose,
        paper=dressed(session, paper),
        subject=subject,
        expires_at=expires_at,
        original_id=first,
        now=now,
    )


def print_test(session: Session, printer_id: int, *, paper: Paper, now: datetime) -> dict[str, int]:
    """A calibration page for one printer, forgotten if it cannot come out soon. Raises PrinterUnknown."""
    printer = get_printer(session, printer_id)
    subject, paper = f"impresora:{printer.name}", dressed(session, paper)
    job = _add(session, printer, purpose=TEST, paper=paper, subject=subject, expires_at=now + TEST_LASTS, now=now)
    return {"print_job": job}


def mark_sending(session: Session, job_id: int, *, attempt: int, now: datetime) -> bool:
    """Before its first byte, by a conditional write; False when it is no longer this attempt's to send."""
    values = {"job": job_id, "before": attempt - 1, "attempt": attempt, "now": now}
    return _MARK(session, values).rowcount == 1


def keep_result(session: Session, job_id: int, outcome: Outcome, *, attempt: int, now: datetime) -> None:
    """What came of a try. A late word is kept only while the job waits for one: a person's answer stands."""
    (job,) = _KNOWN(session, {"job": job_id})
    if not settles(job.state, job.attempts, attempt, outcome):
        return
    if not (job.attempts < attempt and job.detail == _short(outcome.detail) and job.state == State.NOT_SENT):
        _note_attempt(session, job_id, attempt, outcome, now)
    _SETTLE(session, {"job": job_id, "outcome": outcome.state, "why": _short(outcome.detail), "now": now})


def recover(session: Session, printer_id: int, *, now: datetime) -> list[int]:
    """At a worker's start: what was being sent may have come out, or not. Only a person can tell. Their ids."""
    left = select(_JOB.c.id, _JOB.c.attempts).where(_JOB.c.printer_id == printer_id, _JOB.c.state == State.SENDING)
    outcome = Outcome(State.UNKNOWN, "El sistema se apagó mientras imprimía.")
    jobs = session.execute(left).all()
    for job in jobs:
        keep_result(session, job.id, outcome, attempt=job.attempts, now=now)
    return [job.id for job in jobs]


def expire(session: Session, *, now: datetime) -> int:
    """Papers that would find nobody are no longer printed; returns how many."""
    late = _JOB.c.state.in_(WAITING) & (_JOB.c.expires_at < now)
    done: Any = session.execute(update(_JOB).where(late).values(state=State.EXPIRED, changed_at=now))
    return int(done.rowcount)


def withdraw(session: Session, job_id: int, *, now: datetime) -> bool:
    """A job that waits is no longer wanted; False when it does not wait any more."""
    waits = update(_JOB).where(_JOB.c.id == job_id, _JOB.c.state.in_(WAITING))
    done: Any = session.execute(waits.values(state=State.EXPIRED, changed_at=now))
    return bool(done.rowcount)


def hold_waiting(session: Session, *, now: datetime) -> int:
    """After a restore nobody knows what had come out since the copy: what waits is held for a person."""
    waiting = update(_JOB).where(_JOB.c.state.in_((*WAITING, State.SENDING)))
    detail = "El sistema se restauró de una copia: vea si este papel ya había salido."
    done: Any = session.execute(waiting.values(state=State.HELD, detail=detail, changed_at=now))
    return int(done.rowcount)


# People


def answer(session: Session, job_id: int, *, came_out: bool, principal: Principal, now: datetime) -> dict[str, Any]:
    """A person looked. "Sí" closes the job; "No salió" prints it again, marked. Raises JobUnknown, NotAsked."""
    job = find_job(session, job_id, principal=principal)
    if job.state != State.UNKNOWN:
        raise NotAsked()
    job.changed_at = now
    job.state = State.CONFIRMED if came_out else State.EXPIRED
    job.detail = f"{principal.name} vio que {'salió' if came_out else 'no salió'}."
    detail = f"{job.title}: {'salió' if came_out else 'no salió'}"
    record(
        session,
        principal=principal,
        action="impresion.respuesta",
        subject=f"impresion:{job.id}",
        detail=detail,
        now=now,
    )
    if came_out:
        return view(session, job)
    copy = _copy(session, job, principal=principal, now=now)
    return {**view(session, job), "print_job": copy.id}


def reprint(session: Session, job_id: int, *, principal: Principal, now: datetime) -> dict[str, Any]:
    """A marked copy of a paper: same data and QR, its number, when and who. Raises JobUnknown, StillOnItsWay."""
    job = find_job(session, job_id, principal=principal)
    if job.state in (*WAITING, State.SENDING, State.HELD):
        raise StillOnItsWay()
    return view(session, _copy(session, job, principal=principal, now=now))


def release(session: Session, job_id: int, *, wanted: bool, principal: Principal, now: datetime) -> dict[str, Any]:
    """A person decides on a held job: print it, or leave it. Raises JobUnknown, NotHeld."""
    job = find_job(session, job_id, principal=principal)
    if job.state != State.HELD:
        raise NotHeld()
    job.state, job.changed_at = (State.QUEUED if wanted else State.EXPIRED), now
    job.detail = f"{principal.name} decidió {'imprimirlo' if wanted else 'no imprimirlo'}."
    if wanted:
        after_commit(session, bell.ring, job.printer_id)
    record(
        session,
        principal=principal,
        action="impresion.retenida",
        subject=f"impresion:{job.id}",
        detail=job.detail,
        now=now,
    )
    return view(session, job)


def find_job(session: Session, job_id: int, *, principal: Principal) -> PrintJob:
    """The job, if this principal may touch it: an agent only those of its printer, a person of a sala none of a printer of
    other salas. Raises JobUnknown, Forbidden."""
    job = session.get(PrintJob, job_id)
    if job is None or not session.scalar(select(PrintJob.id).where(PrintJob.id == job_id, of_sala(principal.sala))):
        raise JobUnknown()
    if principal.role == "agente" and job.printer_id != agent_printer(session, principal).id:
        raise Forbidden()
    return job


def of_sala(sala: str | None) -> ColumnElement[bool]:
    """Papers of a printer that prints for the sala, for all, or for none in particular; None: any."""
    if sala is None:
        return true()
    elsewhere = select(PrinterRoute.printer_id).where(PrinterRoute.sala.not_in((sala, "")))
    here = select(PrinterRoute.printer_id).where(PrinterRoute.sala.in_((sala, "")))
    return or_(PrintJob.printer_id.in_(here), PrintJob.printer_id.not_in(elsewhere))


def agent_printer(session: Session, principal: Principal) -> Printer:
    """The printer whose jobs an agent's token fetches: the one it names, else `agent://` with the token's own name."""
    named = principal.printer or principal.name
    found = session.scalars(select(Printer).where(Printer.url.like("agent://%"), Printer.retired_at.is_(None)))
    for printer in found:
        if named in (printer.name, agent_name(printer.url)):
            return printer
    raise PrinterUnknown(f"No hay una impresora agent://{named} en el centro. Créela con «printer add».")


def agent_name(url: str) -> str:
    return url.removeprefix("agent://").partition("?")[0].rstrip("/")


# Agents: the same verbs, for the printer of the agent's token


def agent_mark(session: Session, job_id: int, *, attempt: int, principal: Principal, now: datetime) -> dict[str, bool]:
    find_job(session, job_id, principal=principal)
    return {"done": mark_sending(session, job_id, attempt=attempt, now=now)}


def agent_result(
    session: Session, job_id: int, outcome: Outcome, *, attempt: int, principal: Principal, now: datetime
) -> dict[str, bool]:
    find_job(session, job_id, principal=principal)
    keep_result(session, job_id, outcome, attempt=attempt, now=now)
    return {"done": True}


def agent_recover(session: Session, *, principal: Principal, now: datetime) -> dict[str, bool]:
    recover(session, agent_printer(session, principal).id, now=now)
    return {"done": True}


def agent_signal(session: Session, *, principal: Principal, now: datetime) -> dict[str, bool]:
    """The agent is there, whether or not it has anything to print. Raises PrinterUnknown."""
    agent_printer(session, principal).agent_seen_at = now
    return {"done": True}


def agent_health(session: Session, health: Health, *, principal: Principal, now: datetime) -> dict[str, bool]:
    note_health(session, agent_printer(session, principal).id, health, now=now)
    return {"done": True}


def view(session: Session, job: PrintJob) -> dict[str, Any]:
    """A job as programs and pages see it. `copies` counts the marked copies of the paper."""
    original = job.original_id or job.id
    copies = session.scalar(select(func.count()).where(PrintJob.original_id == original)) or 0
    printer = session.get_one(Printer, job.printer_id)
    return {
        "id": job.id,
        "state": job.state,
        "printer": printer.name,
        "copies": copies,
        "copy": job.copy,
        "original": original,
        "subject": job.subject,
        "title": job.title,
        "detail": job.detail,
        "sha256": job.sha256,
        "created_at": job.created_at.isoformat(),
    }


def _copy(session: Session, job: PrintJob, *, principal: Principal, now: datetime) -> PrintJob:
    original = session.get_one(PrintJob, job.original_id or job.id)
    last = session.scalar(select(func.max(PrintJob.copy)).where(PrintJob.original_id == original.id)) or 0
    if last >= MAX_COPIES:
        raise TooManyCopies()
    paper = reprinted(load(original.paper), number=last + 1, at=now, by=principal.name)
    made = _add(
        session,
        session.get_one(Printer, original.printer_id),
        purpose=original.purpose,
        paper=paper,
        subject=original.subject,
        expires_at=None,
        original_id=original.id,
        now=now,
    )
    detail = f"{original.title}: REIMPRESIÓN {last + 1}"
    record(session, principal=principal, action="impresion.copia", subject=original.subject, detail=detail, now=now)
    return session.get_one(PrintJob, made)


def _add(
    session: Session,
    printer: Any,  # a Printer or a row with its id and url
    *,
    purpose: str,
    paper: Paper,
    subject: str,
    expires_at: datetime | None,
    now: datetime,
    original_id: int | None = None,
) -> int:
    profile = _profile(printer.url)
    built = build_counted(paper, profile, logo_of(session, paper))
    values = {
        "printer_id": printer.id,
        "purpose": purpose,
        "priority": priority_of(paper),
        "subject": subject,
        "title": title_of(paper),
        "paper": dump(paper),
        "data": built.data,
        "sha256": hashlib.sha256(built.data).hexdigest(),
        "columns": profile.columns,
        "stripped": built.stripped,
        "replaced": built.replaced,
        "copy": paper.reprint.number if paper.reprint else 0,
        "original_id": original_id,
        "state": State.QUEUED,
        "attempts": 0,
        "detail": "",
        "created_at": now,
        "expires_at": expires_at,
        "changed_at": now,
    }
    job: int = _ADD_JOB(session, values).scalar_one()
    after_commit(session, bell.ring, printer.id)
    return job


@remembered(_PRINTER, _ROUTE)
def _routed(session: Session, purpose: str, sala: str) -> Any:
    """The id and url of the printer for papers of `purpose`: the sala's own, else every sala's; None when there is none."""
    return session.execute(_ROUTED, {"purpose": purpose, "sala": sala}).first()


def _note_attempt(session: Session, job_id: int, attempt: int, outcome: Outcome, now: datetime) -> None:
    values = {
        "job_id": job_id,
        "attempt": attempt,
        "state": outcome.state,
        "detail": _short(outcome.detail),
        "sent_bytes": outcome.sent_bytes,
        "at": now,
    }
    _ADD_ATTEMPT(session, values)


def _short(text: str | None) -> str | None:
    return text[:MAX_DETAIL] if text else text


@lru_cache(maxsize=64)
def _profile(url: str) -> Profile:
    return Profile.from_url(url)
