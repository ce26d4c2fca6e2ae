"""Numbers without gaps or repetition: a counter row in the transaction of what it numbers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.orm import Session

from cac.expedientes.models import IntakeSeries, NumberCounter
from core.clock import lima_day
from core.ids import ExpedienteNumber, series_after
from ticketing.numbering import next_hundred

DESK, PORTAL = "MP", "WEB"  # intake points of the centre; a cabin's number its own, by lease

_COUNTER: Table = NumberCounter.__table__  # type: ignore[assignment]
_SERIES: Table = IntakeSeries.__table__  # type: ignore[assignment]
_OPEN = select(_SERIES.c.series).where(_SERIES.c.point == bindparam("point"))
_NEXT = (
    update(_COUNTER)
    .where(_COUNTER.c.year == bindparam("y"), _COUNTER.c.point == bindparam("p"), _COUNTER.c.series == bindparam("s"))
    .values(last=_COUNTER.c.last + 1)
    .returning(_COUNTER.c.last)
)
_FIRST = insert(_COUNTER)


def next_sequence(session: Session, *, year: int, point: str, series: str) -> int:
    last = session.scalar(_NEXT, {"y": year, "p": point, "s": series})
    if last is None:
        session.execute(_FIRST, {"year": year, "point": point, "series": series, "last": 1})
        return 1
    return int(last)


def next_number(session: Session, point: str, *, year: int) -> ExpedienteNumber:
    """The next number of an intake point of the centre, in its open series."""
    series = session.scalar(_OPEN, {"point": point})
    if series is None:
        series = series_after(point, None)
        session.execute(insert(_SERIES).values(point=point, series=series))
    return ExpedienteNumber(year, point, series, next_sequence(session, year=year, point=point, series=series))


def restart_numbers(session: Session, *, now: datetime) -> None:
    """After a restore: numbers given since the copy was made are unknown here, so none may be given again.

    Intake points of the centre open their next series; acts go on from the next hundred of their unidad."""
    for point in (DESK, PORTAL):
        if session.scalar(_OPEN, {"point": point}) is None:
            open_next_series(session, point)  # the first one, which the lost days may have opened
        open_next_series(session, point)
    acts = select(_COUNTER).where(_COUNTER.c.year == lima_day(now).year, _COUNTER.c.point.not_in((DESK, PORTAL)))
    for row in session.execute(acts).all():
        of_unidad = (_COUNTER.c.year == row.year, _COUNTER.c.point == row.point, _COUNTER.c.series == row.series)
        session.execute(update(_COUNTER).where(*of_unidad).values(last=next_hundred(row.last)))


def open_next_series(session: Session, point: str) -> str:
    """The series after the open one; from now on the point numbers in it."""
    current = session.scalar(_OPEN, {"point": point})
    series = series_after(point, current)
    if current is None:
        session.execute(insert(_SERIES).values(point=point, series=series))
    else:
        session.execute(update(_SERIES).where(_SERIES.c.point == point).values(series=series))
    return series
