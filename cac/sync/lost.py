"""Events that a cabin's PC wrote and lost before they were sent, as the mark outside its database tells.

Nobody can read what they said: what was printed meanwhile is in people's hands. Each case rebuilt from its receipt accounts for one;
those that are left (a remittance, a close, a paper that nobody brings) two people of treasury settle with the reason. The row stays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from cac.sync.models import Cabina, CabinSeries, InboxEvent, LostEvents, RebuiltFiling
from cac.sync.rebuilt import FROM_RECEIPT
from cac.sync.told import told
from core import wire
from core.ids import ExpedienteNumber


@dataclass(frozen=True, slots=True)
class Loss:
    """What is known of a loss: `rebuilt` from papers since, `late` found on the PC after all, `open` not accounted for."""

    row: LostEvents
    series: str
    rebuilt: tuple[RebuiltFiling, ...]
    late: int

    @property
    def count(self) -> int:
        return self.row.last_seq - self.row.first_seq + 1

    @property
    def words(self) -> str:
        return f"Serie {self.series}: {wire.lost_range(self.row.first_seq, self.row.last_seq)}"

    @property
    def open(self) -> int:
        return 0 if self.row.settled_at else max(0, self.count - self.late - len(self.rebuilt))


def hear(session: Session, cabina: Cabina, said: Iterable[wire.Lost], *, now: datetime) -> None:
    """The cabin told what it lost; told again it is the same."""
    for each in said:
        of_it = select(CabinSeries.held_seq).where(CabinSeries.cabina_id == cabina.id, CabinSeries.epoch == each.epoch)
        held = session.scalar(of_it)
        known = select(LostEvents.last_seq).where(LostEvents.cabina_id == cabina.id, LostEvents.epoch == each.epoch)
        first = max(each.first, (held or 0) + 1, *(seq + 1 for seq in session.scalars(known)))
        if held is not None and first <= each.last:
            row = LostEvents(cabina_id=cabina.id, epoch=each.epoch, first_seq=first, last_seq=each.last, told_at=now)
            session.add(row)
            session.flush()


def losses(session: Session, cabina_id: int) -> list[Loss]:
    """Each one ever told, newest first; those accounted for too."""
    rows = session.execute(
        select(LostEvents, CabinSeries)
        .join(
            CabinSeries,
            (CabinSeries.cabina_id == LostEvents.cabina_id) & (CabinSeries.epoch == LostEvents.epoch),
        )
        .where(LostEvents.cabina_id == cabina_id)
        .order_by(LostEvents.id.desc())
    ).all()
    return [_loss(session, row, series) for row, series in rows]


def told_back(session: Session, cabina: Cabina) -> list[wire.Lost]:
    """To the cabin: how many nobody has accounted for, by loss."""
    return [
        wire.Lost(epoch=loss.row.epoch, first=loss.row.first_seq, last=loss.row.last_seq, open=loss.open)
        for loss in losses(session, cabina.id)
    ]


def _loss(session: Session, row: LostEvents, series: CabinSeries) -> Loss:
    late = min(max(0, series.held_seq - row.first_seq + 1), row.last_seq - row.first_seq + 1)
    after = _last_number(session, row)
    found = select(RebuiltFiling).where(
        RebuiltFiling.cabina_id == row.cabina_id,
        RebuiltFiling.cause == FROM_RECEIPT,
        RebuiltFiling.event_id.is_(None),
    )
    rebuilt = [
        one
        for one in session.scalars(found.order_by(RebuiltFiling.id))
        if (number := ExpedienteNumber.parse(one.printed)).series == series.series
        and (number.year, number.sequence) > after
    ]
    return Loss(row, series.series, tuple(rebuilt), late)


def _last_number(session: Session, row: LostEvents) -> tuple[int, int]:
    """Year and sequence of the last case before the loss: what was printed during it has a higher one."""
    before = (
        select(InboxEvent.event)
        .where(
            InboxEvent.cabina_id == row.cabina_id,
            InboxEvent.epoch == row.epoch,
            InboxEvent.kind == "expediente",
            InboxEvent.seq < row.first_seq,
        )
        .order_by(InboxEvent.seq.desc())
        .limit(1)
    )
    text = session.scalar(before)
    said = told(text).number if text else None
    number = ExpedienteNumber.parse(said) if said else None
    return (number.year, number.sequence) if number else (0, 0)
