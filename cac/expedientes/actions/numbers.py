"""Numbers without gaps or repetition: a counter row in the transaction of what it numbers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Table, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from cac.expedientes.models import IntakeSeries, NumberCounter
from core.clock import lima_day
from core.ids import ExpedienteNumber, series_after
from ticketing.numbering import next_hundred

DESK, PORTAL = "MP", "WEB"  # intake points of the centre; a cabin's number its own, by lease
FLOOR = "*"  # point and series of the row that says where acts of a restored centre begin

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
_OF_ACTS = _COUNTER.c.point.not_in((DESK, PORTAL))
_FLOOR = select(_COUNTER.c.last).where(
    _COUNTER.c.year == bindparam("y"), _COUNTER.c.point == FLOOR, _COUNTER.c.series == FLOOR
)


def next_sequence(session: Session, *, year: int, point: str, series: str) -> int:
    last = session.scalar(_NEXT, {"y": year, "p": point, "s": series})
    if last is None:
        floor = 0 if point in (DESK, PORTAL) else session.scalar(_FLOOR, {"y": year}) or 0
        session.execute(_FIRST, {"year": year, "point": point, "series": series, "last": floor + 1})
        return floor + 1
    return int(last)


def next_number(session: Session, point: str, *, year: int) -> ExpedienteNumber:
    """The next number of an intake point of the centre, in its open series."""
    series = session.scalar(_OPEN, {"point": point})
    if series is None:
        series = series_after(point, None)
        session.execute(insert(_SERIES).values(point=point, series=series))
    return ExpedienteNumber(year, point, series, next_sequence(session, year=year, point=point, series=series))


def open_series(session: Session) -> dict[str, str]:
    """The series open at each intake point of the centre."""
    return {row.point: row.series for row in session.execute(select(_SERIES)).all()}


def highest_act(session: Session, *, year: int) -> int:
    """The highest number that any kind of act of any unidad got that year."""
    return session.scalar(select(func.max(_COUNTER.c.last)).where(_COUNTER.c.year == year, _OF_ACTS)) or 0


def restart_numbers(session: Session, *, series: Mapping[str, str] | None = None, act: int = 0, now: datetime) -> None:
    """After a restore: numbers given since the copy was made are unknown here, so none may be given again.

    Intake points of the centre open the series after their own and after `series`, what is known to have been opened; all
    acts of the year go on from the next hundred after the highest, `act` included, whatever their unidad."""
    for point in (DESK, PORTAL):
        _open_beyond(session, point, (series or {}).get(point))
    year = lima_day(now).year
    floor = next_hundred(max(act, highest_act(session, year=year)))
    session.execute(update(_COUNTER).where(_COUNTER.c.year == year, _OF_ACTS).values(last=floor))
    if session.scalar(_FLOOR, {"y": year}) is None:
        session.execute(_FIRST, {"year": year, "point": FLOOR, "series": FLOOR, "last": floor})


def _open_beyond(session: Session, point: str, known: str | None) -> None:
    """Open the series after the open one and after `known`; the first one counts as opened, the lost days may have used it."""
    current = session.scalar(_OPEN, {"point": point})
    first = series_after(point, None)
    highest = max(current or first, known or first, key=lambda letters: (len(letters), letters))
    following = series_after(point, highest)
    if current is None:
        session.execute(insert(_SERIES).values(point=point, series=following))
    else:
        session.execute(update(_SERIES).where(_SERIES.c.point == point).values(series=following))
