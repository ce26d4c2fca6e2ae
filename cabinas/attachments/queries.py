from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cabinas.attachments.models import Adjunto
from cabinas.sync.models import Quarantine, SeriesEpoch


def of_case(session: Session, number: str) -> list[Adjunto]:
    return list(session.scalars(select(Adjunto).where(Adjunto.number == number).order_by(Adjunto.id)))


def next_to_send(session: Session) -> Adjunto | None:
    """The oldest that the centre knows of and has not whole. What it could not take in yet waits for people."""
    quarantined = (Quarantine.epoch == Adjunto.epoch) & (Quarantine.seq == Adjunto.seq)
    return session.scalar(
        select(Adjunto)
        .join(SeriesEpoch, SeriesEpoch.epoch == Adjunto.epoch)
        .outerjoin(Quarantine, quarantined)
        .where(
            Adjunto.whole_at.is_(None),
            SeriesEpoch.known,
            SeriesEpoch.held_seq >= Adjunto.seq,
            Quarantine.epoch.is_(None),
        )
        .order_by(Adjunto.id)
        .limit(1)
    )


def unsent(session: Session) -> int:
    """Files that are not whole at the centre."""
    return session.scalar(select(func.count()).select_from(Adjunto).where(Adjunto.whole_at.is_(None))) or 0
