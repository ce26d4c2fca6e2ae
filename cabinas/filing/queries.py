from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, and_, exists, func, select
from sqlalchemy.orm import Session

from cabinas.enrolment.queries import Terms
from cabinas.filing.models import Counter, Expediente, PersonRow
from cabinas.filing.rules import few_left, number_year, numbers_left
from cabinas.money import queries as money
from cabinas.money.models import AcceptedConfirmation, Apartado, Extorno, LedgerEntry
from cabinas.paper.models import PrintJob
from cabinas.sync.models import Quarantine, SeriesEpoch
from core import wire
from core.identity import check_document, fold
from core.ids import ExpedienteNumber
from core.ledger import EntryKind
from intake.tramite import Tramite

FOUND_MAX = 12  # trámites offered while typing
REGISTER_ROWS = 50  # of a page


# set aside by the centre, and not registered there from its paper since
_ASIDE = and_(
    exists().where(Apartado.epoch == Expediente.epoch, Apartado.seq == Expediente.seq),
    ~exists().where(
        AcceptedConfirmation.subject == Expediente.number,
        AcceptedConfirmation.kind == wire.ConfirmationKind.FILING_REBUILT,
    ),
)
# its charge was given back, and treasury did not reject that
_RETURNED = exists().where(
    Extorno.number == Expediente.number,
    ~exists().where(
        AcceptedConfirmation.subject == Extorno.id, AcceptedConfirmation.kind == EntryKind.EXTORNO_REJECTED
    ),
    ~exists().where(money.set_aside(LedgerEntry, EntryKind.EXTORNO_DECLARED, Extorno.id)),
)


@dataclass(frozen=True, slots=True)
class CaseSeen:
    """A row of the day's list. The municipality's and the cabin's are what the drawer took in cash; `elsewhere_centimos`: what is
    paid at the bank, or to the municipality itself. `returned`: the charge was given back. `sent`: the centre is known to hold it;
    `quarantined`: it could not apply it yet; `aside`: it never will."""

    number: str
    received_at: datetime
    tramite: str
    applicant: str
    observed: bool
    municipal_centimos: int
    cabin_centimos: int
    elsewhere_centimos: int
    returned: bool
    sent: bool
    quarantined: bool
    aside: bool
    paper: str | None

    @property
    def cash_centimos(self) -> int:
        return self.municipal_centimos + self.cabin_centimos


@dataclass(frozen=True, slots=True)
class Day:
    rows: list[CaseSeen]
    filings: int
    municipal_centimos: int
    cabin_centimos: int

    @property
    def cash_centimos(self) -> int:
        return self.municipal_centimos + self.cabin_centimos


def day(session: Session, on: date, *, text: str = "", limit: int | None = None) -> Day:
    """What was received on a Lima day, newest first; the totals are of the whole day, without what the centre set aside."""
    taken = Expediente.taken_on == on
    rows = _with_state(text).where(taken).limit(limit)
    totals = session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(Expediente.municipal_centimos), 0),
            func.coalesce(func.sum(Expediente.cabin_centimos), 0),
        ).where(taken, ~_ASIDE)
    ).one()
    return Day([_seen(*row) for row in session.execute(rows)], *totals)


@dataclass(frozen=True, slots=True)
class Register:
    """A page of own cases. `more`: there is another."""

    rows: list[CaseSeen]
    more: bool


def register(session: Session, text: str, *, page: int) -> Register:
    """Own cases by number, name or document, of any day, newest first."""
    rows = _with_state(text).offset((page - 1) * REGISTER_ROWS).limit(REGISTER_ROWS + 1)
    found = [_seen(*row) for row in session.execute(rows)]
    return Register(found[:REGISTER_ROWS], len(found) > REGISTER_ROWS)


def _with_state(text: str) -> Select[Expediente, int, str, str, bool, bool]:
    """Cases with every word of `text`, and how each stands with the centre and the printer."""
    return (
        select(Expediente, SeriesEpoch.held_seq, Quarantine.code, PrintJob.state, _ASIDE, _RETURNED)
        .outerjoin(SeriesEpoch, SeriesEpoch.epoch == Expediente.epoch)
        .outerjoin(Quarantine, (Quarantine.epoch == Expediente.epoch) & (Quarantine.seq == Expediente.seq))
        .outerjoin(PrintJob, PrintJob.id == Expediente.print_job)
        .where(*(Expediente.search.contains(word, autoescape=True) for word in fold(text).split()))
        .order_by(Expediente.id.desc())
    )


def _seen(
    case: Expediente, held_seq: int | None, quarantine: str | None, paper: str | None, aside: bool, returned: bool
) -> CaseSeen:
    return CaseSeen(
        number=case.number,
        received_at=case.received_at,
        tramite=case.tramite_name,
        applicant=case.applicant,
        observed="observed" in case.answer,
        municipal_centimos=case.municipal_centimos,
        cabin_centimos=case.cabin_centimos,
        elsewhere_centimos=case.total_centimos - case.municipal_centimos - case.cabin_centimos,
        returned=returned,
        sent=(held_seq or 0) >= case.seq,
        quarantined=quarantine is not None,
        aside=aside,
        paper=paper,
    )


def case(session: Session, number: str) -> Expediente | None:
    """A case of this till by its number, typed any way."""
    try:
        printed = str(ExpedienteNumber.parse(number))
    except ValueError:
        return None
    return session.scalar(select(Expediente).where(Expediente.number == printed))


def set_aside(session: Session, found: Expediente) -> Apartado | None:
    """The centre's word that this case does not count; None while it does."""
    if not session.scalar(select(_ASIDE).where(Expediente.id == found.id)):
        return None
    return session.get(Apartado, (found.epoch, found.seq))


def is_held(session: Session, found: Expediente) -> bool:
    """Whether the centre is known to hold it."""
    epoch = session.get(SeriesEpoch, found.epoch)
    return epoch is not None and epoch.held_seq >= found.seq


def person(session: Session, document_type: str, document_number: str) -> PersonRow | None:
    """Who has been here before with that document."""
    document = check_document(document_type, document_number).document
    return session.scalar(
        select(PersonRow).where(PersonRow.document_type == document.type, PersonRow.document_number == document.number)
    )


def received_on(session: Session, person: PersonRow, *, tramite: str, on: date) -> Expediente | None:
    """The last case of that trámite that a person filed here on a Lima day: after a power cut, one might be charged again."""
    of_them = Expediente.search.endswith(f" {fold(person.document_number)}", autoescape=True)
    same = select(Expediente).where(Expediente.taken_on == on, Expediente.tramite == tramite, of_them)
    return session.scalar(same.order_by(Expediente.id.desc()).limit(1))


def offered(held: Terms, on: date) -> list[Tramite]:
    """The trámites this cabin may take on a day, by name."""
    version = held.catalogue.tupa_on(on) or held.catalogue.tupa[0]
    agreed = held.catalogue.convenio.tramites
    rows = held.offer.tupa(version).tramites.values()
    return [row for row in rows if "cabina" in row.channels and (agreed is None or row.code in agreed)]


def matching(tramites: list[Tramite], text: str) -> list[Tramite]:
    """The one of that code, else those whose code or name has every word typed, in TUPA order."""
    of_code = [row for row in tramites if fold(row.code) == fold(text)]
    if of_code:
        return of_code
    words = fold(text).split()
    return [row for row in tramites if all(word in fold(f"{row.code} {row.name} {row.area}") for word in words)][
        :FOUND_MAX
    ]


@dataclass(frozen=True, slots=True)
class SeriesState:
    left: int
    few: bool


def series_state(session: Session, held: Terms, now: datetime) -> SeriesState:
    """How many numbers are left."""
    counters = {row.year: row.last for row in session.scalars(select(Counter).where(Counter.epoch == held.lease.epoch))}
    year = number_year(now, last_year=max(counters, default=0), lease=held.lease)
    left = numbers_left(held.lease, year, last=counters.get(year, 0))
    return SeriesState(left, few_left(held.lease, left))
