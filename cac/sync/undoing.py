"""What was set aside, told to the cabin whose own books count it: a signed word names the event and turns its money back.

The cabin's acceptance brings the word back to a centre that was restored before it: what waits there again is set aside again, and
what that centre applied after all is turned back here too, so both ends count the same."""

from __future__ import annotations

from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cac.audit.actions import record
from cac.sync.actions import of_cabina
from cac.sync.models import Cabina, InboxEvent, InboxFork, QuarantinedEvent
from cac.sync.rebuilt import APPLIED
from cac.sync.told import Told
from cac.treasury import ledger
from cac.treasury.actions import Besides, Source, say, standing
from cac.treasury.models import CabinPosting
from core import wire
from core.ledger import Entry, EntryKind, set_aside
from core.wire import ConfirmationKind
from web.access import Principal

ASIDE = "apartado"  # how what waited was settled, when it was not to be applied


def tell_aside(
    session: Session,
    cabina: Cabina,
    text: str,
    said: Told,
    *,
    reason: str,
    key: Ed25519PrivateKey,
    principal: Principal,
    now: datetime,
) -> bool:
    """Sign the word on an event that moved money; False when there is none to sign: it was signed before, or the event only accepts a
    word of treasury that stands here, and with it its money."""
    event = wire.Event.model_validate_json(text)
    name = wire.EventName(epoch=event.header.epoch, seq=event.header.seq, payload_hash=event.header.payload_hash)
    if standing(session, cabina, name.place) is not None or _of_a_word_that_stands(session, cabina, said.fact):
        return False
    turned = _turned_back(event, name.place)
    say(
        session,
        cabina,
        ConfirmationKind.EVENT_SET_ASIDE,
        name.place,
        centimos=sum(line.centimos for line in turned.postings if line.centimos > 0) if turned else 0,
        reason=reason,
        key=key,
        principal=principal,
        now=now,
        besides=Besides(event=name, about=f"{said.title} {said.number or ''}".strip()[:120], ledger=turned),
    )
    return True


def hear_aside(session: Session, fact: wire.ConfirmationAccepted, source: Source) -> None:
    """The cabin's acceptance of such a word: here it is set aside as well, whatever this centre did with it meanwhile."""
    word = wire.unsealed(fact.confirmation, wire.Confirmation)
    if word.kind != ConfirmationKind.EVENT_SET_ASIDE or word.event is None:
        return
    for row in _waiting(session, source.cabina, word.event):
        row.settled_at, row.settled_by = source.now, word.by
        row.settled_how = f"{ASIDE}: {word.reason}"[:300]
    if fact.ledger is not None and _applied(session, source.cabina, word.event):
        _turn_back_here(session, fact.ledger.entry(), word, source)


def _of_a_word_that_stands(session: Session, cabina: Cabina, fact: wire.Payload | None) -> bool:
    if not isinstance(fact, wire.ConfirmationAccepted):
        return False
    taken = wire.unsealed(fact.confirmation, wire.Confirmation)
    known = standing(session, cabina, taken.subject)
    return known is not None and known.id == taken.id


def _turned_back(event: wire.Event, place: str) -> wire.LedgerEntry | None:
    try:
        entry = wire.LedgerEntry.model_validate(event.payload.get("ledger")).entry()
    except ValueError:
        return None
    return wire.LedgerEntry.of(set_aside(place, entry))


def _waiting(session: Session, cabina: Cabina, name: wire.EventName) -> list[QuarantinedEvent | InboxFork]:
    """What of that event still waits for a person."""
    found: list[QuarantinedEvent | InboxFork] = []
    event = _held(session, cabina, name)
    held = session.get(QuarantinedEvent, event.id) if event else None
    if held is not None and held.settled_at is None:
        found.append(held)
    forks = select(InboxFork).where(
        InboxFork.cabina_id == cabina.id,
        InboxFork.epoch == name.epoch,
        InboxFork.seq == name.seq,
        InboxFork.settled_at.is_(None),
    )
    return [*found, *(fork for fork in session.scalars(forks) if _is(fork.event, name))]


def _applied(session: Session, cabina: Cabina, name: wire.EventName) -> bool:
    event = _held(session, cabina, name)
    if event is None:
        return False
    held = session.get(QuarantinedEvent, event.id)
    return held is None or held.settled_how == APPLIED


def _held(session: Session, cabina: Cabina, name: wire.EventName) -> InboxEvent | None:
    of_it = (InboxEvent.cabina_id == cabina.id, InboxEvent.epoch == name.epoch, InboxEvent.seq == name.seq)
    event = session.scalar(select(InboxEvent).where(*of_it))
    return event if event is not None and _is(event.event, name) else None


def _is(text: str, name: wire.EventName) -> bool:
    return wire.Event.model_validate_json(text).header.payload_hash == name.payload_hash


def _turn_back_here(session: Session, entry: Entry, word: wire.Confirmation, source: Source) -> None:
    """A centre that could apply after its restore what had been set aside before: its books follow the cabin's, on the same day."""
    kind, _, subject = (entry.undoes or "").partition(":")
    posted = (CabinPosting.cabina_id == source.cabina.id, CabinPosting.kind == kind, CabinPosting.subject == subject)
    at = session.scalar(select(func.min(CabinPosting.at)).where(*posted))
    if at is None or ledger.entry(session, source.cabina.id, EntryKind.SET_ASIDE, word.subject) is not None:
        return
    ledger.post(session, source.cabina.id, entry, source=f"palabra:{word.id}", at=at)
    record(
        session,
        principal=of_cabina(source.cabina),
        action="cabina.hecho_apartado",
        subject=f"cabina:{source.cabina.code}",
        detail=f"{word.about}: estaba aplicado y su cobro se deshace, como en la cabina",
        now=source.now,
    )
