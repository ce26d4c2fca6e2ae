from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from cabinas.cures.models import Subsanacion, SubsanacionOida
from cabinas.filing.models import Expediente
from cabinas.paper import queries as paper
from intake.observation import may_cure
from printing.papers import CargoPaper, load


@dataclass(frozen=True, slots=True)
class Lacking:
    """What a case of this till lacks still: requisito codes and texts in TUPA order. `due_on` null: nobody is late."""

    items: tuple[tuple[str, str], ...]
    due_on: date | None

    def late(self, today: date) -> bool:
        return not may_cure(self.due_on, today)


def cures(session: Session, number: str) -> list[Subsanacion]:
    return list(session.scalars(select(Subsanacion).where(Subsanacion.number == number).order_by(Subsanacion.id)))


def heard(session: Session, number: str) -> list[SubsanacionOida]:
    """What the centre told of its cures, made there or here, in their order."""
    of_it = select(SubsanacionOida).where(SubsanacionOida.number == number)
    return list(session.scalars(of_it.order_by(SubsanacionOida.at, SubsanacionOida.id)))


def lacking(session: Session, case: Expediente) -> Lacking | None:
    """None when nothing lacks, as far as this till knows: of what was brought to the CAC it hears at its next talk."""
    observed = case.answer.get("observed")
    if not observed:
        return None
    presented = [row.presented for row in cures(session, case.number)]
    presented += [row.presented for row in heard(session, case.number)]
    brought = {code for codes in presented for code in codes}
    items = tuple((code, text) for code, text in texts(session, case).items() if code not in brought)
    return Lacking(items, _day(observed["due_on"])) if items else None


@dataclass(frozen=True, slots=True)
class CureSeen:
    """A cure as the case's page tells it. `subject`: what its paper is kept under; "" when the paper is of elsewhere.
    `answer`: what the centre made of one made here, None until it told."""

    at: datetime
    presented: tuple[str, ...]
    due_on: date | None
    subject: str
    answer: SubsanacionOida | None


def cures_seen(session: Session, number: str, subject: Callable[[str], str]) -> list[CureSeen]:
    """Those made here and those made elsewhere, in their order."""
    own, told = cures(session, number), heard(session, number)
    answers = {row.id: row for row in told if row.id}
    here = [
        CureSeen(
            row.at, tuple(row.presented), _day(row.answer.get("due_on")), subject(row.id), answers.pop(row.id, None)
        )
        for row in own
    ]
    others = [row for row in told if not row.id or row.id in answers]
    elsewhere = [CureSeen(row.at, tuple(row.presented), row.due_on, "", None) for row in others if row.presented]
    return sorted([*here, *elsewhere], key=lambda seen: seen.at)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def texts(session: Session, case: Expediente) -> dict[str, str]:
    """What the case lacked when it was filed, by requisito code, as its cargo says it."""
    observed = case.answer.get("observed")
    cargo = cargo_of(session, case)
    return dict(zip(observed["missing"], cargo.missing, strict=True)) if observed and cargo else {}


def cargo_of(session: Session, case: Expediente) -> CargoPaper | None:
    """The paper of its filing, which is kept with its print job."""
    job = paper.job(session, case.print_job)
    kept = load(job.paper) if job else None
    return kept if isinstance(kept, CargoPaper) else None
