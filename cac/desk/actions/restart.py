"""Ticket numbers of a centre that went back in time: no paper the lost hours printed is numbered again."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import func, insert, select, union, update
from sqlalchemy.orm import Session

from cac.desk.actions.rows import SALA, SERVICE
from cac.desk.models import TicketCounter
from core.clock import lima_day
from ticketing.numbering import next_hundred

_COUNTER: Any = TicketCounter.__table__
_SERIES = union(
    select(SERVICE.c.site_id, SERVICE.c.code),
    select(SALA.c.site_id, SALA.c.preferente_series).where(SALA.c.preferente_series.is_not(None)),
)


def highest_ticket(session: Session, *, day: date) -> int:
    """The highest number that any series gave that day."""
    return session.scalar(select(func.max(_COUNTER.c.last)).where(_COUNTER.c.day == day)) or 0


def skip_numbers(session: Session, *, beyond: int = 0, now: datetime) -> None:
    """After a restore: every series goes on today from the next hundred, above `beyond` too. A copy of an earlier day knows
    nothing of today, so then it is the hundred after the busiest day it does know."""
    day = lima_day(now)
    for site_id, series in session.execute(_SERIES).all():
        of_series = (_COUNTER.c.site_id == site_id, _COUNTER.c.series == series)
        today = session.scalar(select(_COUNTER.c.last).where(*of_series, _COUNTER.c.day == day))
        if today is None:
            busiest: int = session.scalar(select(func.max(_COUNTER.c.last)).where(*of_series)) or 0
            values = {"site_id": site_id, "series": series, "day": day, "last": next_hundred(max(busiest, beyond))}
            session.execute(insert(_COUNTER).values(values))
        else:
            changed = update(_COUNTER).where(*of_series, _COUNTER.c.day == day)
            session.execute(changed.values(last=next_hundred(max(today, beyond))))
