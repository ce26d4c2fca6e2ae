from __future__ import annotations

from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from cabinas.attachments.models import Adjunto
from cabinas.sync.models import Quarantine, SeriesEpoch

PURGED_MAX = 500  # at once


def of_case(session: Session, number: str) -> list[Adjunto]:
    return list(session.scalars(select(Adjunto).where(Adjunto.number == number).order_by(Adjunto.id)))


def next_to_send(session: Session) -> Adjunto | None:
    """The oldest that the centre knows of and has not whole. What it could not take in yet, or is lost, waits for people."""
    quarantined = (Quarantine.epoch == Adjunto.epoch) & (Quarantine.seq == Adjunto.seq)
    return session.scalar(
        select(Adjunto)
        .join(SeriesEpoch, SeriesEpoch.epoch == Adjunto.epoch)
        .outerjoin(Quarantine, quarantined)
        .where(
            Adjunto.whole_at.is_(None),
            Adjunto.lost_at.is_(None),
            SeriesEpoch.known,
            SeriesEpoch.held_seq >= Adjunto.seq,
            Quarantine.epoch.is_(None),
        )
        .order_by(Adjunto.id)
        .limit(1)
    )


def kept_long_enough(session: Session, before: datetime) -> list[str]:
    """Hashes of files that are on this disk and that the centre has whole, in every case they are in, since `before`."""
    waiting = func.sum(case((Adjunto.whole_at.is_(None), 1), else_=0))
    rows = (
        select(Adjunto.sha256)
        .where(Adjunto.gone_at.is_(None))
        .group_by(Adjunto.sha256)
        .having(waiting == 0, func.max(Adjunto.whole_at) < before)
        .limit(PURGED_MAX)
    )
    return list(session.scalars(rows))


def lost(session: Session) -> int:
    """Files that neither this disk nor the centre has."""
    return session.scalar(select(func.count()).select_from(Adjunto).where(Adjunto.lost_at.is_not(None))) or 0


def unsent(session: Session) -> int:
    """Files that are not whole at the centre."""
    return session.scalar(select(func.count()).select_from(Adjunto).where(Adjunto.whole_at.is_(None))) or 0
