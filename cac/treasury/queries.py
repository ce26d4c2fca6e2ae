"""What cabins owe and what waits for treasury's word."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, select
from sqlalchemy.orm import Session

from cac.treasury.models import CabinClose, CabinExtorno, CabinPosting, CabinRemittance, CabinShift, TreasuryWord
from core.clock import lima_midnight
from core.wire import MAX_CONFIRMATIONS, Confirmation, Sealed
from storage.prepared import prepared

MAX_LISTED = 100

_UNHEARD = prepared(
    select(TreasuryWord.sealed)
    .where(TreasuryWord.cabina_id == bindparam("cabina_id"), TreasuryWord.accepted_at.is_(None))
    .order_by(TreasuryWord.at, TreasuryWord.id)
    .limit(MAX_CONFIRMATIONS)
)


def standing_word(table: type[CabinRemittance] | type[CabinExtorno]) -> ColumnElement[bool]:
    """Joins what a cabin declared with treasury's word on it."""
    of_it = (TreasuryWord.subject == table.id) & (TreasuryWord.cabina_id == table.cabina_id)
    return of_it & TreasuryWord.displaced_at.is_(None)


def pending_words(session: Session, cabina_id: int) -> list[dict[str, Any]]:
    """Sealed confirmations the cabin has not accepted yet, oldest first."""
    return [json.loads(row.sealed) for row in _UNHEARD(session, {"cabina_id": cabina_id})]


def words_of(session: Session, cabina_id: int, kind: str) -> list[tuple[TreasuryWord, Sealed[Confirmation]]]:
    """Those that stand, oldest first, as they were signed."""
    of_it = (TreasuryWord.cabina_id == cabina_id, TreasuryWord.kind == kind, TreasuryWord.displaced_at.is_(None))
    rows = session.scalars(select(TreasuryWord).where(*of_it).order_by(TreasuryWord.at, TreasuryWord.id))
    return [(row, Sealed[Confirmation].model_validate_json(row.sealed)) for row in rows]


def remittances(session: Session, cabina_id: int | None = None, *, open_only: bool = False) -> list[Any]:
    """(remittance, treasury's word or None), newest first; of one cabin or of all."""
    return _with_word(session, CabinRemittance, cabina_id, open_only)


def extornos(session: Session, cabina_id: int | None = None, *, open_only: bool = False) -> list[Any]:
    """(extorno, treasury's word or None), newest first."""
    return _with_word(session, CabinExtorno, cabina_id, open_only)


def oldest_open(session: Session, cabina_id: int, table: type[CabinRemittance] | type[CabinExtorno]) -> datetime | None:
    """Since when the oldest without treasury's word waits."""
    waiting = select(func.min(table.declared_at)).outerjoin(TreasuryWord, standing_word(table))
    return session.scalar(waiting.where(table.cabina_id == cabina_id, TreasuryWord.id.is_(None)))


def _with_word(
    session: Session,
    table: type[CabinRemittance] | type[CabinExtorno],
    cabina_id: int | None,
    open_only: bool,
) -> list[Any]:
    rows = select(table, TreasuryWord).outerjoin(TreasuryWord, standing_word(table))
    if cabina_id is not None:
        rows = rows.where(table.cabina_id == cabina_id)
    if open_only:
        rows = rows.where(TreasuryWord.id.is_(None))
    return [(row[0], row[1]) for row in session.execute(rows.order_by(table.event_id.desc()).limit(MAX_LISTED))]


def remittances_between(session: Session, cabina_id: int, since: date, until: date) -> list[Any]:
    """(remittance, treasury's word or None) declared in these Lima days, oldest first."""
    rows = (
        select(CabinRemittance, TreasuryWord)
        .outerjoin(
            TreasuryWord,
            standing_word(CabinRemittance),
        )
        .where(
            CabinRemittance.cabina_id == cabina_id,
            CabinRemittance.declared_at >= lima_midnight(since),
            CabinRemittance.declared_at < lima_midnight(until + timedelta(days=1)),
        )
        .order_by(CabinRemittance.declared_at, CabinRemittance.id)
    )
    return [(row[0], row[1]) for row in session.execute(rows)]


def closes(session: Session, cabina_id: int) -> list[CabinClose]:
    """The cabin's last closes, newest first."""
    of_it = select(CabinClose).where(CabinClose.cabina_id == cabina_id)
    return list(session.scalars(of_it.order_by(CabinClose.id.desc()).limit(20)))


def shifts(session: Session, cabina_id: int) -> list[CabinShift]:
    """Who took the drawer last, newest first."""
    of_it = select(CabinShift).where(CabinShift.cabina_id == cabina_id)
    return list(session.scalars(of_it.order_by(CabinShift.event_id.desc()).limit(20)))


def last_postings(session: Session, cabina_id: int) -> list[CabinPosting]:
    of_it = select(CabinPosting).where(CabinPosting.cabina_id == cabina_id)
    return list(session.scalars(of_it.order_by(CabinPosting.id.desc()).limit(MAX_LISTED)))
