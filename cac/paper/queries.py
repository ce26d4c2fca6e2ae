"""Reads of paper: what to print next, how printers are, what a person must answer."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Row, Table, bindparam, func, or_, select
from sqlalchemy.orm import Session

from cac.desk.models import Sala, Site
from cac.paper.actions import WAITS, get_printer, of_sala
from cac.paper.models import PrintAttempt, Printer, PrinterEvent, PrinterRoute, PrintJob
from core.clock import LIMA, lima_day
from printing.decoder import Decoded, decode
from printing.handshake import LOW_PAPER
from printing.outcome import WAITING, State
from printing.ports import is_agent
from printing.spool import Job
from storage.prepared import prepared

RECENT = 50
EVENTS = 40  # of a printer's history, on its page
MONTH = timedelta(days=30)
AGENT_SILENT = timedelta(seconds=45)  # an agent tells that it is there every ten seconds

_JOB: Table = PrintJob.__table__  # type: ignore[assignment]
_AGENTS = select(Printer.name, Printer.url, Printer.agent_seen_at).where(Printer.retired_at.is_(None))
_NEXT = prepared(
    select(_JOB.c.id, _JOB.c.data, _JOB.c.attempts)
    .where(
        _JOB.c.printer_id == bindparam("printer"),
        WAITS,
        or_(_JOB.c.expires_at.is_(None), _JOB.c.expires_at >= bindparam("now")),
    )
    .order_by(_JOB.c.priority, _JOB.c.id)
    .limit(1)
)


def next_job(session: Session, printer_id: int, *, now: datetime) -> Job | None:
    """The paper that this printer should print next: by priority, then oldest first."""
    row = _NEXT(session, {"printer": printer_id, "now": now}).first()
    return Job(str(row.id), row.data, row.attempts + 1) if row else None


def waiting_job(session: Session, job_id: int) -> Job | None:
    """That job, while it waits to be printed."""
    job = session.get(PrintJob, job_id)
    return Job(str(job.id), job.data, job.attempts + 1) if job and job.state in WAITING else None


def served_here(session: Session) -> dict[int, tuple[str, str]]:
    """Printers whose jobs this centre sends itself: id to (name, url). An agent fetches its own."""
    rows = session.execute(select(Printer.id, Printer.name, Printer.url).where(Printer.retired_at.is_(None)))
    return {row.id: (row.name, row.url) for row in rows if not is_agent(row.url)}


def has_expired(session: Session, *, now: datetime) -> bool:
    late = select(PrintJob.id).where(PrintJob.state.in_(WAITING), PrintJob.expires_at < now).limit(1)
    return session.scalar(late) is not None


def printers(session: Session) -> list[dict[str, Any]]:
    """Each printer in use: what it says of itself, what waits for it, what it prints."""
    waits = dict(
        session.execute(
            select(PrintJob.printer_id, func.count())
            .where(PrintJob.state.in_((*WAITING, State.SENDING)))
            .group_by(PrintJob.printer_id)
        ).all()
    )
    routes: dict[int, dict[str, list[str]]] = {}
    for route in session.scalars(select(PrinterRoute).order_by(PrinterRoute.purpose, PrinterRoute.sala)):
        where = routes.setdefault(route.printer_id, {})
        where.setdefault(route.sala or "todas las salas", []).append(route.purpose)
    found = session.scalars(select(Printer).where(Printer.retired_at.is_(None)).order_by(Printer.name))
    return [
        {
            "id": printer.id,
            "name": printer.name,
            "url": printer.url,
            "problem": printer.problem,
            "warning": printer.warning,
            "health_at": printer.health_at,
            "waiting": waits.get(printer.id, 0),
            "prints": [f"{', '.join(papers)} · {sala}" for sala, papers in routes.get(printer.id, {}).items()],
        }
        for printer in found
    ]


def printer_card(session: Session, printer_id: int, *, now: datetime) -> dict[str, Any]:
    """One printer: how it is, its counters since the day began and in thirty days, its history, its last calibration.
    Raises PrinterUnknown."""
    printer = get_printer(session, printer_id)
    found = next((one for one in printers(session) if one["id"] == printer_id), None)
    events = select(PrinterEvent).where(PrinterEvent.printer_id == printer_id).order_by(PrinterEvent.id.desc())
    calibrated = session.scalar(events.where(PrinterEvent.kind == "calibrada").limit(1))
    return {
        **(found or {"id": printer.id, "name": printer.name, "url": printer.url, "waiting": 0, "prints": []}),
        "retired_at": printer.retired_at,
        "today": _counted(session, printer_id, since=datetime.combine(lima_day(now), time(0), LIMA)),
        "month": _counted(session, printer_id, since=now - MONTH),
        "events": list(session.scalars(events.limit(EVENTS))),
        "calibrated": calibrated,
    }


def _counted(session: Session, printer_id: int, *, since: datetime) -> dict[str, int]:
    """Papers of a printer since then: how many came out, how many are copies, how many a person had to look at."""
    asked = select(PrintAttempt.job_id).where(PrintAttempt.state == State.UNKNOWN)
    of_it = PrintJob.printer_id == printer_id
    row = session.execute(
        select(
            func.count().filter(PrintJob.state == State.CONFIRMED).label("printed"),
            func.count().filter(PrintJob.copy > 0).label("copies"),
            func.count().filter(PrintJob.state == State.EXPIRED).label("given_up"),
            func.count().filter(PrintJob.id.in_(asked)).label("asked"),
        ).where(of_it, PrintJob.created_at >= since)
    ).one()
    return dict(row._mapping)


def site_name(session: Session) -> str:
    """The municipality, as the first line of a paper says it."""
    return session.scalar(select(Site.name).order_by(Site.id).limit(1)) or "MUNICIPALIDAD"


def site_of_paper(session: Session) -> dict[str, str]:
    """`site` and `office`: the first two lines of a paper that belongs to no sala."""
    row = session.execute(select(Site.name, Site.office).order_by(Site.id).limit(1)).first()
    return {"site": row.name, "office": row.office} if row else {"site": "MUNICIPALIDAD", "office": ""}


def salas(session: Session) -> list[tuple[str, str]]:
    """(code, name) of each sala."""
    return [(sala.code, sala.name) for sala in session.execute(select(Sala.code, Sala.name).order_by(Sala.name))]


def troubles(session: Session) -> dict[str, str]:
    """Printers in use that cannot print now, by name, in their own words."""
    rows = session.execute(
        select(Printer.name, Printer.problem).where(Printer.retired_at.is_(None), Printer.problem.is_not(None))
    )
    return {row.name: row.problem for row in rows}


def warnings(session: Session) -> dict[str, str]:
    """Printers in use that will soon not print, in their own words: those that only keep silent left out."""
    rows = session.execute(
        select(Printer.name, Printer.warning).where(
            Printer.retired_at.is_(None), Printer.problem.is_(None), Printer.warning == LOW_PAPER
        )
    )
    return {row.name: row.warning for row in rows}


def silent_agents(session: Session, *, now: datetime) -> dict[str, str]:
    """Printers whose agent does not speak to us, by name, in words: their paper waits until it does."""
    rows = session.execute(_AGENTS).all()
    return {
        row.name: f"Calla desde las {row.agent_seen_at.astimezone(LIMA):%H:%M}. Revise ese equipo."
        if row.agent_seen_at
        else "Aún no se conecta. Inícielo con «run.py agent»."
        for row in rows
        if is_agent(row.url) and (row.agent_seen_at is None or now - row.agent_seen_at > AGENT_SILENT)
    }


def questions(session: Session, *, sala: str | None = None) -> list[Row[Any]]:
    """Jobs that only a person can settle, oldest first: `desconocida` and `retenida`; of the printers of a sala, or of all."""
    asked = PrintJob.state.in_((State.UNKNOWN, State.HELD))
    return list(session.execute(_listed(sala).where(asked).order_by(PrintJob.id)))


def recent(session: Session, *, sala: str | None = None, q: str = "") -> list[Row[Any]]:
    """The last papers, newest first; `q` finds them by title."""
    found = _listed(sala).order_by(PrintJob.id.desc()).limit(RECENT)
    if q:
        found = found.where(PrintJob.title.contains(q, autoescape=True))
    return list(session.execute(found))


def attempts(session: Session, job_id: int) -> list[PrintAttempt]:
    return list(session.scalars(select(PrintAttempt).where(PrintAttempt.job_id == job_id).order_by(PrintAttempt.id)))


def job_state(session: Session, job_id: int) -> str | None:
    """The state word of a job, for a page that waits for its paper."""
    return session.scalar(select(PrintJob.state).where(PrintJob.id == job_id))


def awaits_dead_printer(session: Session, job_id: int) -> bool:
    """Whether a paper waits for a printer that says it cannot print: no use to wait for it."""
    found = select(PrintJob.id).join(Printer, Printer.id == PrintJob.printer_id)
    found = found.where(PrintJob.id == job_id, PrintJob.state.in_(WAITING), Printer.problem.is_not(None))
    return session.scalar(found) is not None


def job_detail(session: Session, job_id: int) -> str | None:
    return session.scalar(select(PrintJob.detail).where(PrintJob.id == job_id))


def preview(job: PrintJob) -> Decoded:
    """What the stored bytes print, on the paper they were made for."""
    return decode(job.data, columns=job.columns)


def _listed(sala: str | None) -> Any:
    columns = select(
        PrintJob.id,
        PrintJob.title,
        PrintJob.subject,
        PrintJob.state,
        PrintJob.detail,
        PrintJob.copy,
        PrintJob.created_at,
        PrintJob.changed_at,
        Printer.name.label("printer"),
    )
    return columns.join(Printer, Printer.id == PrintJob.printer_id).where(of_sala(sala))
