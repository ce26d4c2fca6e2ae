"""Two histories under one key: a disk was copied and both PCs went on. The events of both are kept; a person sees them side by
side and registers the filings that could not be applied, under another number where theirs is taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from cac.expedientes.actions.numbers import DESK, next_number
from cac.expedientes.models import Expediente
from cac.sync.actions import find
from cac.sync.filings import filing_of, money_of
from cac.sync.models import Cabina, CabinSeries, InboxEvent, InboxFork, LostEvents, QuarantinedEvent, RebuiltFiling
from cac.sync.rebuilt import FROM_FORK, charged, claims, paper_of, register_again
from cac.sync.told import Told, told
from cac.treasury.actions import NotAsDeclared, Source
from cac.tupa.queries import get_tramite_of
from core import wire
from core.clock import lima_day
from core.errors import Conflict, NotFound
from core.workdays import Calendar
from intake.clock import FilingHours
from web.access import Principal

MAX_SHOWN = 200  # events of a branch on a page
RENUMBERED = "registrado"


class BranchEventUnknown(NotFound):
    code, title = "sync.hecho_no_existe", "Hecho desconocido"
    detail = "Ese hecho no está entre los que esperan a una persona. Actualice la página."


class NotAFiling(Conflict):
    code, title = "sync.no_es_un_tramite", "No es un trámite"
    detail = (
        "Solo los trámites se registran con otro número. Una remesa se declara otra vez en la caja; lo demás se aparta."
    )


@dataclass(frozen=True, slots=True)
class Step:
    """An event of a branch. `place` and `id` name it in an address; `number` is the case it became, None while it waits."""

    place: str  # hechos | bifurcados
    id: int
    seq: int
    told: Told
    number: str | None
    waits: bool


@dataclass(frozen=True, slots=True)
class Split:
    """A series that split at `seq`: `kept`, what was applied as it came, and `later`, what could not be."""

    series: str
    epoch: int
    seq: int
    frozen_at: datetime
    kept: list[Step]
    later: list[Step]


def splits(session: Session, cabina: Cabina) -> list[Split]:
    """Each series of the cabin that two PCs wrote, newest first."""
    frozen = select(CabinSeries).where(CabinSeries.cabina_id == cabina.id, CabinSeries.frozen_at.is_not(None))
    return [_split(session, series) for series in session.scalars(frozen.order_by(CabinSeries.epoch.desc()))]


def _split(session: Session, series: CabinSeries) -> Split:
    assert series.frozen_at is not None
    since = series.frozen_seq or 1
    of_it = select(RebuiltFiling).where(RebuiltFiling.cabina_id == series.cabina_id)
    rebuilt = {row.paper: row.number for row in session.scalars(of_it)}
    kept: list[Step] = []
    later: list[Step] = []
    rows = session.execute(
        select(InboxEvent, QuarantinedEvent)
        .outerjoin(QuarantinedEvent, QuarantinedEvent.event_id == InboxEvent.id)
        .where(InboxEvent.cabina_id == series.cabina_id, InboxEvent.epoch == series.epoch, InboxEvent.seq >= since)
        .order_by(InboxEvent.seq)
        .limit(MAX_SHOWN)
    )
    for event, held in rows:
        step = _step("hechos", event, rebuilt, waits=held is not None and held.settled_at is None)
        (kept if held is None else later).append(step)
    forks = select(InboxFork).where(InboxFork.cabina_id == series.cabina_id, InboxFork.epoch == series.epoch)
    for fork in session.scalars(forks.order_by(InboxFork.seq, InboxFork.id).limit(MAX_SHOWN)):
        later.append(_step("bifurcados", fork, rebuilt, waits=fork.settled_at is None))
    later.sort(key=lambda step: step.seq)
    return Split(series.series, series.epoch, since, series.frozen_at, kept, later)


def _step(place: str, row: InboxEvent | InboxFork, rebuilt: dict[str, str], *, waits: bool) -> Step:
    said = told(row.event)
    number = rebuilt.get(paper_of(said.fact)) if isinstance(said.fact, wire.ExpedienteFiled) else None
    return Step(place, row.id, row.seq, said, number, waits)


def register(
    session: Session,
    code: str,
    place: str,
    event_id: int,
    *,
    calendar: Calendar,
    hours: FilingHours,
    key: Ed25519PrivateKey,
    principal: Principal,
    now: datetime,
) -> dict[str, Any]:
    """Register a filing that waits: under the number on its paper when nobody else claims it, under one of the centre when somebody
    does, with the printed one as its alias.

    Raises CabinaUnknown, BranchEventUnknown, NotAFiling, NotAsDeclared, TramiteUnknown."""
    cabina = find(session, code)
    text, row, source_id = waiting(session, cabina, place, event_id)
    fact = told(text).fact
    if not isinstance(fact, wire.ExpedienteFiled):
        raise NotAFiling()
    paper = paper_of(fact)
    done = session.scalar(select(RebuiltFiling.number).where(RebuiltFiling.paper == paper))
    if done is None:
        if (fact.ledger and fact.ledger.entry()) != money_of(fact):
            raise NotAsDeclared("los importes del asiento no son los de la operación")
        tramite = get_tramite_of(session, fact.tramite, version=fact.tupa_version)
        source = Source(cabina, source_id, now)
        filing = filing_of(fact, tramite, behind_s=0, source=source, calendar=calendar, hours=hours)
        number = fact.number
        if _claimed(session, cabina, fact, paper):
            number = str(next_number(session, DESK, year=lima_day(now).year))
        register_again(
            session,
            cabina,
            filing,
            charged(fact.model_copy(update={"number": number})),
            paper=paper,
            printed=fact.number,
            cause=FROM_FORK,
            key=key,
            principal=principal,
            now=now,
        )
        done = number
    row.settled_at, row.settled_by, row.settled_how = now, principal.name, f"{RENUMBERED}: {done}"
    return {"number": done, "printed": fact.number, "cabina": code}


def kept_text(session: Session, cabina: Cabina, place: str, event_id: int) -> str:
    """An event as it came, whatever became of it. Raises BranchEventUnknown."""
    row: InboxEvent | InboxFork | None = None
    if place == "hechos":
        row = session.get(InboxEvent, event_id)
    elif place == "bifurcados":
        row = session.get(InboxFork, event_id)
    if row is None or row.cabina_id != cabina.id:
        raise BranchEventUnknown()
    return row.event


def waiting(
    session: Session, cabina: Cabina, place: str, event_id: int
) -> tuple[str, QuarantinedEvent | InboxFork | LostEvents, int]:
    """The event's text and the row that says it waits. Of lost ones nobody can read any: "", which may well be money."""
    if place == "bifurcados":
        fork = session.get(InboxFork, event_id)
        if fork is not None and fork.cabina_id == cabina.id and fork.settled_at is None:
            return fork.event, fork, 0
    elif place == "hechos":
        held = session.get(QuarantinedEvent, event_id)
        if held is not None and held.cabina_id == cabina.id and held.settled_at is None:
            return session.get_one(InboxEvent, event_id).event, held, event_id
    elif place == "perdidos":
        gone = session.get(LostEvents, event_id)
        if gone is not None and gone.cabina_id == cabina.id and gone.settled_at is None:
            return "", gone, 0
    raise BranchEventUnknown()


def _claimed(session: Session, cabina: Cabina, fact: wire.ExpedienteFiled, paper: str) -> bool:
    """Whether another paper has that number, as a case or waiting."""
    if session.scalar(select(Expediente.id).where(Expediente.number == fact.number)) is not None:
        return True
    return any(paper_of(other) != paper for other, _ in claims(session, cabina.id, fact.number))
