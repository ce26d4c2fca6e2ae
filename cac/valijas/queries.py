from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, case, func, select
from sqlalchemy.orm import Session

from cac.sync.models import Cabina
from cac.valijas.models import Valija, ValijaItem
from core.errors import NotFound

SHOWN = 100
ON_THE_ROAD = timedelta(days=3)  # longer than that, somebody must ask for it


class ValijaUnknown(NotFound):
    code, title = "valija.no_existe", "Valija desconocida"
    detail = "El centro no sabe de esa valija. Revise su código; puede que la cabina aún no haya sincronizado."


@dataclass(frozen=True, slots=True)
class ValijaSeen:
    """A bag, its cabin, and how many of its cases came out of it."""

    row: Valija
    cabina: str
    cases: int
    received: int

    @property
    def missing(self) -> int:
        """Papers that were not in the bag when it was emptied."""
        return self.cases - self.received if self.row.closed_at else 0


_SEEN = (
    select(Valija, Cabina.code, func.count(ValijaItem.id), func.count(ValijaItem.received_at))
    .join(Cabina, Cabina.id == Valija.cabina_id)
    .join(ValijaItem, ValijaItem.valija_id == Valija.id)
    .group_by(Valija.id, Cabina.code)
)


def valijas(session: Session) -> list[ValijaSeen]:
    """Those still to be emptied first, then the newest."""
    rows = session.execute(_SEEN.order_by(Valija.closed_at.is_not(None), Valija.id.desc()).limit(SHOWN))
    return [ValijaSeen(*row) for row in rows]


def valija(session: Session, code: str) -> tuple[ValijaSeen, list[ValijaItem]]:
    """Raises ValijaUnknown."""
    row = session.execute(_SEEN.where(Valija.code == code.strip().upper())).first()
    if row is None:
        raise ValijaUnknown()
    return ValijaSeen(*row), items_of(session, row[0].id)


def items_of(session: Session, valija_id: int) -> list[ValijaItem]:
    """In the order of its list."""
    return list(session.scalars(select(ValijaItem).where(ValijaItem.valija_id == valija_id).order_by(ValijaItem.id)))


def awaited_elsewhere(session: Session, number: str, valija_id: int) -> list[ValijaItem]:
    """The same case in bags that left before, where its papers were not found: they came in this one."""
    awaited = select(ValijaItem).where(
        ValijaItem.number == number, ValijaItem.valija_id < valija_id, ValijaItem.received_at.is_(None)
    )
    return list(session.scalars(awaited))


@dataclass(frozen=True, slots=True)
class Awaited:
    """Papers of a cabin that were not in their bags, and bags of it that left days ago and nobody emptied."""

    cabina: str
    missing: int
    overdue: int


def awaited(session: Session, *, now: datetime) -> list[Awaited]:
    """Of every cabin that somebody must ask for something."""
    late = (Valija.closed_at.is_(None)) & (Valija.sent_at < now - ON_THE_ROAD)
    rows = session.execute(
        select(Cabina.code, func.count(Valija.closed_at), func.count(case((late, Valija.id)).distinct()))
        .join(Valija, Valija.cabina_id == Cabina.id)
        .join(ValijaItem, ValijaItem.valija_id == Valija.id)
        .where(ValijaItem.received_at.is_(None))
        .group_by(Cabina.code)
        .order_by(Cabina.code)
    )
    return [Awaited(*row) for row in rows if row[1] or row[2]]


def missing_papers(session: Session, cabina_id: int) -> int:
    """Papers that were not in their bag when it was emptied, nor came since."""
    lacking = (
        select(func.count(ValijaItem.id))
        .join(Valija, Valija.id == ValijaItem.valija_id)
        .where(Valija.cabina_id == cabina_id, Valija.closed_at.is_not(None), ValijaItem.received_at.is_(None))
    )
    return session.scalar(lacking) or 0


def overdue(session: Session, cabina_id: int, *, now: datetime) -> int:
    """Bags that left days ago and that nobody here has emptied."""
    late = select(func.count(Valija.id)).where(
        Valija.cabina_id == cabina_id, Valija.closed_at.is_(None), Valija.sent_at < now - ON_THE_ROAD
    )
    return session.scalar(late) or 0


def paper_of(session: Session, number: str) -> Row[Valija, ValijaItem] | None:
    """The bag in which the originals of a case left their cabin; None while they are there."""
    return session.execute(
        select(Valija, ValijaItem)
        .join(ValijaItem, ValijaItem.valija_id == Valija.id)
        .where(ValijaItem.number == number)
        .order_by(Valija.id.desc())
        .limit(1)
    ).first()
