from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from cabinas.filing.models import Expediente
from cabinas.money.models import (
    AcceptedConfirmation,
    Balance,
    Cierre,
    Extorno,
    LedgerEntry,
    LedgerPosting,
    PhoneCode,
    Remesa,
)
from cabinas.sync.models import SeriesEpoch
from core.clock import lima_midnight
from core.ledger import Account, Balances, Entry, EntryKind, Posting, counted_as
from core.money import soles
from core.phone import SLOTS_GIVEN
from core.settlement import Line, Moved
from core.wire import Confirmation, Sealed, unsealed
from storage.prepared import prepared

_BALANCES = prepared(select(Balance.account, Balance.centimos))
_CHARGE_SET_ASIDE = and_(LedgerEntry.kind == EntryKind.SET_ASIDE, LedgerEntry.undoes.startswith(f"{EntryKind.CHARGE}:"))
EXTORNO_WORDS = {
    None: "declarado",
    EntryKind.EXTORNO_CONFIRMED: "confirmado",
    EntryKind.EXTORNO_REJECTED: "rechazado",
}
BY_PHONE = "por teléfono; falta que lo firme el centro"
REMITTANCE_WORDS = {
    None: "declarada",
    EntryKind.REMITTANCE_CONFIRMED: "confirmada",
    EntryKind.REMITTANCE_REJECTED: "rechazada",
}


def balances(session: Session) -> Balances:
    return Counter({Account(row.account): row.centimos for row in _BALANCES(session)})


def summed_balances(session: Session) -> Balances:
    """The same from the postings themselves: what `balances` must agree with."""
    rows = session.execute(
        select(LedgerPosting.account, func.sum(LedgerPosting.centimos)).group_by(LedgerPosting.account)
    )
    return Counter({Account(account): centimos for account, centimos in rows})


def entry(session: Session, kind: EntryKind, subject: str) -> Entry | None:
    """The ledger's entry of that kind about that subject, as the value it was."""
    return _as_value(session, session.scalar(select(LedgerEntry).where(LedgerEntry.ref == f"{kind}:{subject}")))


def undoing(session: Session, entry: Entry) -> Entry | None:
    """The entry that turns this one back."""
    return _as_value(session, session.scalar(select(LedgerEntry).where(LedgerEntry.undoes == entry.ref)))


def charge_of(session: Session, number: str) -> Entry | None:
    """The charge of a case as it stands: none when the centre set it aside, unless it was told anew since."""
    charged = entry(session, EntryKind.CHARGE, number)
    undone = undoing(session, charged) if charged else None
    if charged is None or undone is None or undone.kind != EntryKind.SET_ASIDE:
        return charged
    anew = undoing(session, undone)
    return replace(anew, subject=number, undoes=None) if anew else None


def _as_value(session: Session, row: LedgerEntry | None) -> Entry | None:
    if row is None:
        return None
    postings = session.scalars(select(LedgerPosting).where(LedgerPosting.entry_id == row.id).order_by(LedgerPosting.id))
    lines = tuple(Posting(Account(line.account), line.centimos) for line in postings)
    return Entry(EntryKind(row.kind), row.subject, lines, row.undoes)


def posted_at(session: Session, ref: str) -> datetime:
    return session.scalars(select(LedgerEntry.at).where(LedgerEntry.ref == ref)).one()


def ledger_before(session: Session, day: date) -> Balances:
    """The balances of all that is dated before a Lima day."""
    rows = session.execute(
        select(LedgerPosting.account, func.sum(LedgerPosting.centimos))
        .join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id)
        .where(LedgerEntry.on < day)
        .group_by(LedgerPosting.account)
    )
    return Counter({Account(account): centimos for account, centimos in rows})


def ledger_lines(session: Session, since: date, until: date) -> list[Line]:
    """What is dated in these Lima days, oldest first."""
    rows = session.execute(
        select(
            LedgerEntry.at,
            LedgerEntry.on,
            LedgerEntry.kind,
            LedgerEntry.subject,
            LedgerPosting.account,
            LedgerPosting.centimos,
            LedgerEntry.undoes,
        )
        .join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id)
        .where(LedgerEntry.on.between(since, until))
        .order_by(LedgerEntry.at, LedgerEntry.id, LedgerPosting.id)
    )
    return [
        Line(row.at, row.on, EntryKind(row.kind), row.subject, Account(row.account), row.centimos, row.undoes)
        for row in rows
    ]


def moved_until(session: Session, day: date) -> tuple[Moved, int]:
    """Sums by kind and account of all that is dated up to a Lima day, and how many cases were charged in it."""
    undone = case((LedgerEntry.kind == EntryKind.SET_ASIDE, LedgerEntry.undoes), else_=None)
    rows = session.execute(
        select(LedgerEntry.kind, undone, LedgerPosting.account, func.sum(LedgerPosting.centimos))
        .join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id)
        .where(LedgerEntry.on <= day)
        .group_by(LedgerEntry.kind, undone, LedgerPosting.account)
    )
    moved = Moved()
    for kind, undoes, account, centimos in rows:
        moved[counted_as(EntryKind(kind), undoes), Account(account)] += int(centimos)
    counted = select(func.count()).where(LedgerEntry.on <= day)
    charged = session.scalar(counted.where(LedgerEntry.kind == EntryKind.CHARGE)) or 0
    return moved, charged - (session.scalar(counted.where(_CHARGE_SET_ASIDE)) or 0)


def word_on(session: Session, subject: str) -> str | None:
    """Treasury's word on a remittance or extorno; None while only declared."""
    return session.scalar(select(AcceptedConfirmation.kind).where(AcceptedConfirmation.subject == subject))


def by_code(session: Session, subject: str) -> Entry | None:
    """The entry of a remittance confirmed over the phone."""
    return entry(session, EntryKind.REMITTANCE_BY_CODE, subject)


def next_slot(session: Session, epoch: int) -> int | None:
    """The slot that the next remittance takes; None when the centre has given no hash for it yet."""
    used = session.scalar(select(func.max(Remesa.slot)).where(Remesa.epoch == epoch)) or 0
    return used + 1 if session.get(PhoneCode, (epoch, used + 1)) else None


def codes_lacking(session: Session, epoch: int) -> int:
    """The first slot to ask hashes for; 0 while half of them are left."""
    last = session.scalar(select(func.max(PhoneCode.slot)).where(PhoneCode.epoch == epoch)) or 0
    used = session.scalar(select(func.max(Remesa.slot)).where(Remesa.epoch == epoch)) or 0
    return last + 1 if (last - used) * 2 <= SLOTS_GIVEN else 0


def standing_extorno(session: Session, number: str) -> Extorno | None:
    """The extorno of a charge that treasury has not rejected, nor the centre set aside."""
    for extorno in session.scalars(select(Extorno).where(Extorno.number == number)):
        if word_on(session, extorno.id) != EntryKind.EXTORNO_REJECTED and not _is_aside(session, extorno.id):
            return extorno
    return None


def _is_aside(session: Session, extorno_id: str) -> bool:
    declared = entry(session, EntryKind.EXTORNO_DECLARED, extorno_id)
    undone = undoing(session, declared) if declared else None
    return undone is not None and undone.kind == EntryKind.SET_ASIDE


def commission_on(session: Session, day: date) -> int:
    """What the cabin earned on a Lima day, in céntimos."""
    earned = session.scalar(
        select(func.sum(LedgerPosting.centimos))
        .join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id)
        .where(LedgerEntry.on == day, LedgerPosting.account == Account.COMMISSION)
    )
    return -(earned or 0)


def municipal_on(session: Session, day: date) -> int:
    """What was charged in cash for the municipality on a Lima day, in céntimos."""
    charged = session.scalar(
        select(func.sum(LedgerPosting.centimos))
        .join(LedgerEntry, LedgerEntry.id == LedgerPosting.entry_id)
        .where(
            LedgerEntry.on == day,
            or_(LedgerEntry.kind == EntryKind.CHARGE, _CHARGE_SET_ASIDE),
            LedgerPosting.account.in_((Account.MUNICIPAL, Account.ROUNDING)),
        )
    )
    return -(charged or 0)


@dataclass(frozen=True, slots=True)
class Taken:
    """What was charged between two closes."""

    filings: int
    municipal_centimos: int
    cabin_centimos: int


def last_cierre(session: Session) -> Cierre | None:
    return session.scalar(select(Cierre).order_by(Cierre.z.desc()).limit(1))


def taken_since(session: Session, cierre: Cierre | None) -> Taken:
    after = cierre.last_expediente_id if cierre else 0
    row = session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(Expediente.municipal_centimos), 0),
            func.coalesce(func.sum(Expediente.cabin_centimos), 0),
        ).where(Expediente.id > after)
    ).one()
    return Taken(*row)


def cierre(session: Session, z: int) -> Cierre | None:
    return session.get(Cierre, z)


def closes_between(session: Session, since: date, until: date) -> list[Cierre]:
    """The closes of these Lima days, oldest first."""
    of_it = Cierre.at.between(lima_midnight(since), lima_midnight(until + timedelta(days=1)))
    return list(session.scalars(select(Cierre).where(of_it).order_by(Cierre.z)))


def cierres(session: Session, limit: int = 30) -> list[Cierre]:
    return list(session.scalars(select(Cierre).order_by(Cierre.z.desc()).limit(limit)))


@dataclass(frozen=True, slots=True)
class RemittanceSeen:
    id: str
    at: datetime
    centimos: int
    reference: str
    state: str
    said: str  # treasury's reason, or how much of it arrived; empty when there is nothing to say
    received_centimos: int  # by treasury's word; as declared without one
    place: str  # what treasury asks for over the phone, as `A-3`; empty when a code is of no use


def remittances(session: Session, limit: int = 30) -> list[RemittanceSeen]:
    """Newest first, each with treasury's word."""
    aside = aliased(LedgerEntry)
    rows = session.execute(
        select(Remesa, AcceptedConfirmation, LedgerEntry.id, SeriesEpoch.series, aside.id)
        .outerjoin(AcceptedConfirmation, AcceptedConfirmation.subject == Remesa.id)
        .outerjoin(LedgerEntry, LedgerEntry.ref == literal(f"{EntryKind.REMITTANCE_BY_CODE}:").concat(Remesa.id))
        .outerjoin(SeriesEpoch, SeriesEpoch.epoch == Remesa.epoch)
        .outerjoin(aside, set_aside(aside, EntryKind.REMITTANCE_DECLARED, Remesa.id))
        .order_by(Remesa.id.desc())
        .limit(limit)
    )
    return [
        RemittanceSeen(
            row.id,
            row.at,
            row.centimos,
            row.reference,
            "apartada" if gone else "confirmada" if word is None and code_entry else REMITTANCE_WORDS[_kind(word)],
            BY_PHONE if word is None and code_entry and not gone else said_of(word, row.centimos),
            _received(word, row.centimos),
            f"{series}-{row.slot}" if row.slot and word is None and not code_entry and not gone else "",
        )
        for row, word, code_entry, series, gone in rows
    ]


@dataclass(frozen=True, slots=True)
class Returned:
    """A charge handed back, as the Z of the day it was tells it."""

    number: str
    centimos: int


def returned_between(session: Session, after: int, until: int) -> list[Returned]:
    """Of the entries of the ledger after one and up to another, in their order."""
    declared = (
        select(Extorno.number, Extorno.centimos)
        .join(LedgerEntry, LedgerEntry.ref == literal(f"{EntryKind.EXTORNO_DECLARED}:").concat(Extorno.id))
        .where(LedgerEntry.id > after, LedgerEntry.id <= until)
        .order_by(LedgerEntry.id)
    )
    return [Returned(*row) for row in session.execute(declared)]


@dataclass(frozen=True, slots=True)
class ExtornoSeen:
    operator: str
    number: str
    at: datetime
    centimos: int
    motivo: str
    state: str
    said: str


def extornos(session: Session, limit: int = 30, *, text: str = "") -> list[ExtornoSeen]:
    """Newest first, each with treasury's word; those whose number, reason or operator holds `text`."""
    aside = aliased(LedgerEntry)
    found = (
        select(Extorno, AcceptedConfirmation, aside.id)
        .outerjoin(AcceptedConfirmation, AcceptedConfirmation.subject == Extorno.id)
        .outerjoin(aside, set_aside(aside, EntryKind.EXTORNO_DECLARED, Extorno.id))
    )
    if text:
        said = (Extorno.number, Extorno.motivo, Extorno.operator)
        found = found.where(or_(*(column.icontains(text, autoescape=True) for column in said)))
    rows = session.execute(found.order_by(Extorno.id.desc()).limit(limit))
    return [
        ExtornoSeen(
            row.operator,
            row.number,
            row.at,
            row.centimos,
            row.motivo,
            "apartado" if gone else EXTORNO_WORDS[_kind(word)],
            said_of(word, row.centimos),
        )
        for row, word, gone in rows
    ]


def set_aside(table: type[LedgerEntry], kind: EntryKind, subject: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Joins what was declared with the entry that turned it back because the centre set its event aside."""
    return and_(table.kind == EntryKind.SET_ASIDE, table.undoes == literal(f"{kind}:").concat(subject))


def said_of(word: AcceptedConfirmation | None, declared_centimos: int) -> str:
    """What treasury adds to its yes or no, in words for the till."""
    if word is None:
        return ""
    said = unsealed(Sealed[Confirmation].model_validate_json(word.sealed), Confirmation)
    less = said.centimos < declared_centimos
    parts = [f"llegó S/ {soles(said.centimos)}" if less else "", said.reason, said.by]
    return " · ".join(part for part in parts if part)


def _received(word: AcceptedConfirmation | None, declared_centimos: int) -> int:
    if word is None or word.kind != EntryKind.REMITTANCE_CONFIRMED:
        return declared_centimos
    return unsealed(Sealed[Confirmation].model_validate_json(word.sealed), Confirmation).centimos


def _kind(word: AcceptedConfirmation | None) -> EntryKind | None:
    return EntryKind(word.kind) if word else None
