from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cabinas.filing.models import Expediente
from cabinas.valijas.models import Valija, ValijaItem
from core.wire import MAX_VALIJA_ITEMS

VALIJAS_SHOWN = 20


def at_the_cabin(session: Session) -> list[Expediente]:
    """Cases whose papers have not left yet, oldest first: as many as fit in one bag."""
    left = select(ValijaItem.number)
    here = select(Expediente).where(Expediente.number.not_in(left)).order_by(Expediente.id)
    return list(session.scalars(here.limit(MAX_VALIJA_ITEMS)))


def valijas(session: Session) -> list[Valija]:
    """Those that left, newest first."""
    return list(session.scalars(select(Valija).order_by(Valija.at.desc()).limit(VALIJAS_SHOWN)))


def of_case(session: Session, number: str) -> Valija | None:
    """The bag its papers left in."""
    return session.scalar(
        select(Valija).join(ValijaItem, ValijaItem.valija_id == Valija.id).where(ValijaItem.number == number)
    )


def next_code(session: Session, point: str) -> str:
    """`V-C01A-0007`: bags are counted within the series, so that no two PCs of a cabin give the same."""
    sent = session.scalar(select(func.count()).select_from(Valija).where(Valija.code.startswith(f"V-{point}-"))) or 0
    return f"V-{point}-{sent + 1:04d}"
