"""What the centre set aside of this cabin's events: the till turns back what it had posted for it, linked and never erased."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from cabinas.money import queries
from cabinas.money.models import Apartado, LedgerEntry, LedgerPosting
from cabinas.money.rules import UnknownSubject
from cabinas.outbox.models import EventRow
from cabinas.sync.queries import missing
from core import ledger, wire
from core.ledger import Account, Entry, EntryKind

_KEEP = insert(Apartado).on_conflict_do_nothing()


def turning_back(session: Session, word: wire.Confirmation) -> Entry | None:
    """What undoes the event's own entry; None where this till posted none, or has it undone already.

    Raises UnknownSubject when it was taken before, the event is still on its way back here, or the lines signed are not its lines."""
    name = word.event
    if name is None or queries.word_on(session, word.subject):
        raise UnknownSubject(word.subject)
    row = session.get(EventRow, (name.epoch, name.seq))
    event = wire.Event.model_validate_json(row.signed) if row else None
    if event is None or event.header.payload_hash != name.payload_hash:
        if missing(session) is not None:
            raise UnknownSubject(word.subject)
        return None
    posted = _posted_by(session, event)
    if posted is None or queries.undoing(session, posted) is not None:
        return None
    entry = ledger.set_aside(word.subject, posted)
    if word.ledger is not None and word.ledger.entry() != entry:
        raise UnknownSubject(word.subject)
    return entry


def keep(session: Session, word: wire.Confirmation) -> None:
    """What people see of it. Once, however often it is told."""
    assert word.event is not None
    row = {
        "epoch": word.event.epoch,
        "seq": word.event.seq,
        "subject": word.subject,
        "about": word.about,
        "centimos": word.centimos,
        "reason": word.reason,
        "by": word.by,
        "at": word.at,
    }
    session.execute(_KEEP, row)


def counted_anew(session: Session, entry: Entry) -> Entry | None:
    """`entry` as it is to be posted: as it is, beside the one that was set aside, or None when it stands here already."""
    there = queries.entry(session, entry.kind, entry.subject)
    if there is None:
        return entry
    undone = queries.undoing(session, there)
    if undone is None or undone.kind != EntryKind.SET_ASIDE or queries.undoing(session, undone) is not None:
        return None
    return replace(entry, subject=undone.subject, undoes=undone.ref)


@dataclass(frozen=True, slots=True)
class Undone:
    """An event set aside as a Z tells it: `cash_centimos` is what the drawer answers for since."""

    about: str
    cash_centimos: int


def undone_between(session: Session, after: int, until: int) -> Sequence[Undone]:
    """Of the entries of the ledger after one and up to another, in their order."""
    rows = session.execute(
        select(LedgerEntry.id, Apartado.about, LedgerPosting.account, LedgerPosting.centimos)
        .join(Apartado, Apartado.subject == LedgerEntry.subject)
        .join(LedgerPosting, LedgerPosting.entry_id == LedgerEntry.id)
        .where(LedgerEntry.kind == EntryKind.SET_ASIDE, LedgerEntry.id > after, LedgerEntry.id <= until)
        .order_by(LedgerEntry.id)
    )
    found: dict[int, Undone] = {}
    for entry_id, about, account, centimos in rows:
        known = found.get(entry_id, Undone(about, 0))
        found[entry_id] = replace(known, cash_centimos=known.cash_centimos + centimos * (account == Account.CASH))
    return list(found.values())


def all_of_them(session: Session) -> list[Apartado]:
    """Newest first."""
    return list(session.scalars(select(Apartado).order_by(Apartado.at.desc(), Apartado.subject)))


def posted_day(session: Session, entry: Entry, said_at: datetime) -> datetime:
    """When an entry counts: as the centre dates treasury's word, and on the day of what it turns back when that never counted there."""
    if entry.kind == EntryKind.SET_ASIDE and entry.undoes:
        return queries.posted_at(session, entry.undoes)
    return said_at


def _posted_by(session: Session, event: wire.Event) -> Entry | None:
    """The entry in the ledger that is this event's: none when another event told the same subject, or told it otherwise."""
    told = _entry_in(event)
    posted = queries.entry(session, told.kind, told.subject) if told else None
    if told is None or posted is None or posted.postings != told.postings:
        return None
    naming = select(EventRow.signed).where(
        EventRow.signed.contains(f'"{told.subject}"', autoescape=True),
        ~((EventRow.epoch == event.header.epoch) & (EventRow.seq == event.header.seq)),
        ~exists().where(Apartado.epoch == EventRow.epoch, Apartado.seq == EventRow.seq),
    )
    others = (_entry_in(wire.Event.model_validate_json(signed)) for signed in session.scalars(naming))
    return None if any(other and other.ref == told.ref for other in others) else posted


def _entry_in(event: wire.Event) -> Entry | None:
    try:
        return wire.LedgerEntry.model_validate(event.payload.get("ledger")).entry()
    except ValueError:
        return None
