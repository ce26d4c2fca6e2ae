"""A cabin's ledger as the centre keeps it: entries of `core.ledger`, line by line, and their sums."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import Table, bindparam, case, distinct, func, insert, select
from sqlalchemy.orm import Session

from cac.treasury import rules
from cac.treasury.models import CabinPosting
from core.clock import lima_day, lima_midnight
from core.ledger import Account, Balances, Entry, EntryKind, Posting, counted_as
from core.settlement import Line, Moved
from storage.prepared import prepared

_POSTING: Table = CabinPosting.__table__  # type: ignore[assignment]
_APPEND = prepared(insert(_POSTING))
_GUARANTEE = prepared(
    select(func.sum(_POSTING.c.centimos)).where(
        _POSTING.c.cabina_id == bindparam("cabina_id"), _POSTING.c.account == Account.GUARANTEE.value
    )
)


def post(session: Session, cabina_id: int, entry: Entry, *, source: str, at: datetime) -> None:
    """`source` names what made it: `evento:<id>` or `palabra:<id>`."""
    line = {
        "cabina_id": cabina_id,
        "source": source,
        "kind": entry.kind.value,
        "subject": entry.subject,
        "undoes": entry.undoes,
        "at": at,
    }
    rows = [line | {"account": posting.account.value, "centimos": posting.centimos} for posting in entry.postings]
    _APPEND.many(session, rows)


def balances(session: Session, cabina_id: int) -> Balances:
    """Balance of each account of a cabin, in céntimos."""
    return all_balances(session, cabina_id).get(cabina_id, Balances())


def all_balances(session: Session, cabina_id: int | None = None) -> dict[int, Balances]:
    """Balances by cabina id, of one cabin or of all."""
    sums = select(_POSTING.c.cabina_id, _POSTING.c.account, func.sum(_POSTING.c.centimos).label("centimos"))
    if cabina_id is not None:
        sums = sums.where(_POSTING.c.cabina_id == cabina_id)
    found: dict[int, Balances] = {}
    for row in session.execute(sums.group_by(_POSTING.c.cabina_id, _POSTING.c.account)):
        found.setdefault(row.cabina_id, Balances())[Account(row.account)] = int(row.centimos)
    return found


def cap_centimos(session: Session, cabina_id: int, agreed_centimos: int) -> int:
    """How much municipal cash the cabin may hold now."""
    held = _GUARANTEE(session, {"cabina_id": cabina_id}).scalar()
    return rules.cap_centimos(
        agreed_centimos=agreed_centimos, ever_deposited=held is not None, held_centimos=int(held or 0)
    )


def before(session: Session, cabina_id: int, day: date) -> Balances:
    """The balances of all that is dated before a Lima day."""
    sums = (
        select(_POSTING.c.account, func.sum(_POSTING.c.centimos))
        .where(_POSTING.c.cabina_id == cabina_id, _POSTING.c.at < lima_midnight(day))
        .group_by(_POSTING.c.account)
    )
    return Balances({Account(account): int(centimos) for account, centimos in session.execute(sums)})


def moved_until(session: Session, cabina_id: int, day: date) -> tuple[Moved, int]:
    """Sums by kind and account of all that is dated up to a Lima day, and how many cases were charged in it."""
    of_it = (_POSTING.c.cabina_id == cabina_id, _POSTING.c.at < lima_midnight(day + timedelta(days=1)))
    aside = _POSTING.c.kind == EntryKind.SET_ASIDE.value
    undone = case((aside, _POSTING.c.undoes), else_=None)
    sums = select(_POSTING.c.kind, undone, _POSTING.c.account, func.sum(_POSTING.c.centimos)).where(*of_it)
    moved = Moved()
    for kind, undoes, account, centimos in session.execute(sums.group_by(_POSTING.c.kind, undone, _POSTING.c.account)):
        moved[counted_as(EntryKind(kind), undoes), Account(account)] += int(centimos)
    counted = select(func.count(distinct(_POSTING.c.subject))).where(*of_it)
    charged = session.scalar(counted.where(_POSTING.c.kind == EntryKind.CHARGE.value)) or 0
    back = session.scalar(counted.where(aside, _POSTING.c.undoes.startswith(f"{EntryKind.CHARGE}:"))) or 0
    return moved, charged - back


def lines(session: Session, cabina_id: int, since: date, until: date) -> list[Line]:
    """What is dated in these Lima days, oldest first."""
    rows = session.execute(
        select(_POSTING)
        .where(
            _POSTING.c.cabina_id == cabina_id,
            _POSTING.c.at >= lima_midnight(since),
            _POSTING.c.at < lima_midnight(until + timedelta(days=1)),
        )
        .order_by(_POSTING.c.at, _POSTING.c.id)
    )
    return [
        Line(
            row.at,
            lima_day(row.at),
            EntryKind(row.kind),
            row.subject,
            Account(row.account),
            int(row.centimos),
            row.undoes,
        )
        for row in rows
    ]


def entry(session: Session, cabina_id: int, kind: EntryKind, subject: str) -> Entry | None:
    """The entry of that kind on a subject; None when there is none."""
    rows = session.execute(
        select(_POSTING)
        .where(_POSTING.c.cabina_id == cabina_id, _POSTING.c.subject == subject, _POSTING.c.kind == kind.value)
        .order_by(_POSTING.c.id)
    ).all()
    if not rows:
        return None
    postings = tuple(Posting(Account(row.account), row.centimos) for row in rows)
    return Entry(kind, subject, postings, undoes=rows[0].undoes)
