from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from cabinas.cures.models import Subsanacion
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


def lacking(session: Session, case: Expediente) -> Lacking | None:
    """None when nothing lacks, as far as this till knows: it may have been brought to the CAC."""
    observed = case.answer.get("observed")
    if not observed:
        return None
    brought = {code for cure in cures(session, case.number) for code in cure.presented}
    items = tuple((code, text) for code, text in texts(session, case).items() if code not in brought)
    due = observed["due_on"]
    return Lacking(items, date.fromisoformat(due) if due else None) if items else None


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
