"""Taking back what this cabin sent once: a database put back from a copy, or a new PC, becomes what the centre holds of it.

Each event is believed by its own signature and its place in the chain, then does here again what it did when it was made;
but for the paper, which is in a person's hands."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from cabinas.attachments.models import Adjunto
from cabinas.cures.actions import keep_again as keep_cure
from cabinas.device import Device
from cabinas.filing.again import keep_again
from cabinas.money import actions as money
from cabinas.money import queries as money_queries
from cabinas.money.models import AcceptedConfirmation, Cierre, Extorno, Remesa
from cabinas.money.settlements import keep as keep_settlement
from cabinas.outbox import actions as outbox
from cabinas.shifts import queries as shifts
from cabinas.shifts.actions import keep as keep_shift
from cabinas.sync.actions import freeze
from cabinas.sync.models import SeriesEpoch
from cabinas.valijas.actions import keep_again as keep_valija
from core import wire

SPLIT = "otra PC siguió con la misma serie desde una copia de este disco"


def take_back(
    session: Session, events: Sequence[wire.Event], *, epoch: int, device_key: str, device: Device, now: datetime
) -> bool:
    """Append `events` to what is known of `epoch` and let each do what it did; True when some were taken.

    What the centre holds under another history than ours is left there, and the series stops here."""
    row = session.get_one(SeriesEpoch, epoch)
    seq, prev_hash = outbox.head(session, epoch)
    for event in events:
        if event.header.seq != seq + 1:
            return False
        if event.header.prev_hash != prev_hash:
            row.split = True
            if row.device_key == device.public_key:
                freeze(session, epoch=epoch, reason=SPLIT)
            return True
        seq, prev_hash = seq + 1, event.hash
        fact = _read(event, device_key)
        outbox.keep(session, event, at=fact.at if fact else now)
        if fact is not None:
            _redo(session, fact, event, device=device)
    return bool(events)


def _read(event: wire.Event, device_key: str) -> wire.Payload | None:
    """None for one that the centre has in quarantine for what it says: it is kept as it is and does nothing."""
    try:
        wire.check_event(event, device_key=device_key)
        return wire.parse_payload(event.payload)
    except wire.WireError:
        return None


def _redo(session: Session, fact: wire.Payload, event: wire.Event, *, device: Device) -> None:
    """What the event did to cases and money. A kind that keeps nothing of its own is its event alone."""
    _post_again(session, fact)
    match fact:
        case wire.ExpedienteFiled():
            keep_again(session, fact, event, device=device)
        case wire.RemittanceDeclared():
            row = {
                "centimos": fact.centimos,
                "reference": fact.reference,
                "slot": fact.slot,
                "epoch": event.header.epoch,
            }
            _add(session, Remesa, row | {"id": fact.id, "at": fact.at, "operator": fact.operator})
        case wire.ExtornoDeclared():
            row = {"number": fact.number, "centimos": fact.centimos, "motivo": fact.motivo}
            _add(session, Extorno, row | {"id": fact.id, "at": fact.at, "operator": fact.operator})
        case wire.DayClosed():
            _redo_close(session, fact, event)
        case wire.ConfirmationAccepted():
            word = wire.unsealed(fact.confirmation, wire.Confirmation)
            row = {"id": word.id, "kind": word.kind, "subject": word.subject, "at": fact.at}
            _add(session, AcceptedConfirmation, row | {"sealed": json.dumps(fact.confirmation.plain())})
            if word.kind == wire.ConfirmationKind.FILING_REBUILT:
                keep_again(session, wire.filed_in(word), event, device=device)
        case wire.AttachmentAnnounced():
            _redo_attachment(session, fact, event)
        case wire.ObservationCured():
            keep_cure(session, fact, event, device=device)
        case wire.ValijaSent():
            keep_valija(session, fact, event, device=device)
        case wire.LiquidacionAccepted():
            keep_settlement(session, fact)
        case wire.ShiftBegun():
            keep_shift(session, fact)


def _post_again(session: Session, fact: wire.Payload) -> None:
    """Its entry, dated as it was the first time: treasury's word by its own date, in the place of one heard over the phone."""
    told: wire.LedgerEntry | None = getattr(fact, "ledger", None)
    if isinstance(fact, wire.ConfirmationAccepted):
        word, entry = wire.unsealed(fact.confirmation, wire.Confirmation), told.entry() if told else None
        if entry is not None and money_queries.entry(session, entry.kind, entry.subject) is None:
            money.undo_code(session, entry.subject)
        money.post_word(session, word, entry)
    elif told is not None and money_queries.entry(session, told.kind, told.subject) is None:
        money.post(session, told.entry(), at=fact.at)


def _redo_attachment(session: Session, fact: wire.AttachmentAnnounced, event: wire.Event) -> None:
    """Its bytes are the centre's by now, or on the PC that had them: here nothing is left to send."""
    row = {
        "id": fact.id,
        "number": fact.number,
        "epoch": event.header.epoch,
        "seq": event.header.seq,
        "name": fact.name,
        "sheets": fact.sheets,
        "sha256": fact.sha256,
        "media_type": fact.media_type,
        "bytes": fact.bytes,
        "at": fact.at,
        "operator": fact.operator,
        "whole_at": fact.at,
    }
    _add(session, Adjunto, row)


def _redo_close(session: Session, fact: wire.DayClosed, event: wire.Event) -> None:
    taken = money_queries.taken_since(session, money_queries.last_cierre(session))
    marks = shifts.marks(session)
    row = {
        "z": fact.z,
        "at": fact.at,
        "operator": fact.operator,
        "counts": fact.counts,
        "expected_centimos": fact.expected_centimos,
        "counted_centimos": fact.counted_centimos,
        "difference_centimos": fact.difference_centimos,
        "municipal_held_centimos": fact.municipal_held_centimos,
        "filings": taken.filings,
        "first_seq": fact.first_seq,
        "last_seq": fact.last_seq,
        "event_epoch": event.header.epoch,
        "event_seq": event.header.seq,
        "last_expediente_id": marks.expediente_id,
        "last_entry_id": marks.entry_id,
        "last_shift_id": shifts.last_shift_id(session),
        "fund_centimos": fact.fund_centimos,
        "shifts": [part.plain() for part in fact.shifts],
        "hash": fact.hash,
    }
    _add(session, Cierre, row)


def _add(session: Session, model: Any, row: dict[str, Any]) -> None:
    """Unless it is here already: two PCs of a copied disk may have told the same Z."""
    table: Table = model.__table__
    session.execute(insert(table).on_conflict_do_nothing(), row)
