from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from cabinas.filing.models import Expediente
from cabinas.valijas.models import Valija, ValijaItem, ValijaOida
from core.identity import fold
from core.wire import MAX_VALIJA_ITEMS

VALIJAS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Here:
    """A page of cases whose papers are in the cabin: as many as fit in one bag. `lost`: those looked for, that were not in
    the bag they were said to be in."""

    rows: list[Expediente]
    total: int
    lost: frozenset[str]

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // MAX_VALIJA_ITEMS))


def at_the_cabin(session: Session, *, text: str = "", page: int = 1) -> Here:
    """Cases whose papers have not left or did not arrive, oldest first, with every word of `text`."""
    again = frozenset(lost(session))
    left = select(ValijaItem.number)
    here = [
        or_(Expediente.number.not_in(left), Expediente.number.in_(again)),
        *(Expediente.search.contains(word, autoescape=True) for word in fold(text).split()),
    ]
    total = session.scalar(select(func.count()).select_from(Expediente).where(*here)) or 0
    rows = select(Expediente).where(*here).order_by(Expediente.id)
    shown = rows.offset((page - 1) * MAX_VALIJA_ITEMS).limit(MAX_VALIJA_ITEMS)
    return Here(list(session.scalars(shown)), total, again)


def lost(session: Session) -> list[str]:
    """Cases whose papers were not in the last bag they were put into."""
    told = session.scalars(select(ValijaOida).where(ValijaOida.lacking > 0))
    return [number for bag in told for number in bag.missing if _last_code(session, number) == bag.code]


@dataclass(frozen=True, slots=True)
class BagSeen:
    """A bag that left, and what the centre told of it: None until it was opened there."""

    row: Valija
    told: ValijaOida | None

    def lacks(self, number: str) -> bool:
        return self.told is not None and number in self.told.missing


_SEEN = select(Valija, ValijaOida).outerjoin(ValijaOida, ValijaOida.code == Valija.code)


def valijas(session: Session) -> list[BagSeen]:
    """Those that left, newest first."""
    rows = session.execute(_SEEN.order_by(Valija.at.desc()).limit(VALIJAS_SHOWN))
    return [BagSeen(row, told) for row, told in rows]


def by_code(session: Session, code: str) -> Valija | None:
    return session.scalar(select(Valija).where(Valija.code == code))


def bag_of(session: Session, number: str) -> BagSeen | None:
    """The last bag its papers left in."""
    row = session.execute(
        _SEEN.join(ValijaItem, ValijaItem.valija_id == Valija.id)
        .where(ValijaItem.number == number)
        .order_by(Valija.at.desc(), Valija.code.desc())
        .limit(1)
    ).first()
    return BagSeen(row[0], row[1]) if row else None


def _last_code(session: Session, number: str) -> str:
    bag = bag_of(session, number)
    return bag.row.code if bag else ""


def next_code(session: Session, point: str) -> str:
    """`V-C01A-0007`: bags are counted within the series, so that no two PCs of a cabin give the same."""
    sent = session.scalar(select(func.count()).select_from(Valija).where(Valija.code.startswith(f"V-{point}-"))) or 0
    return f"V-{point}-{sent + 1:04d}"
