"""How far the centre's numbers went, told outside its database: a copy that is restored knows nothing of the days it lost,
and one restored twice must not number the same papers twice."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.exc import SQLAlchemyError

from cac.desk.actions import highest_ticket
from cac.expedientes.actions import highest_act, open_series
from core.clock import lima_day
from storage import Store, StoreError

FILE = "numeracion.json"  # in the data dir; a backup has no part of it


@dataclass(frozen=True, slots=True)
class Given:
    """The highest numbers known to have been given: series open at each intake point, any ticket today, any act this year."""

    series: dict[str, str] = field(default_factory=dict)
    ticket: int = 0
    act: int = 0

    def with_(self, other: Given) -> Given:
        """The higher of both in each part."""
        points = {*self.series, *other.series}
        series = {
            point: max(
                (each.series.get(point, "") for each in (self, other)), key=lambda letters: (len(letters), letters)
            )
            for point in points
        }
        return Given(series, max(self.ticket, other.ticket), max(self.act, other.act))


def given_by(store: Store, *, now: datetime) -> Given:
    """What a database says it gave."""
    day = lima_day(now)
    with store.read() as session:
        return Given(open_series(session), highest_ticket(session, day=day), highest_act(session, year=day.year))


def given_before(url: str, *, now: datetime) -> Given:
    """What the database about to be replaced gave, as far as it can still be read: it may be damaged, old or empty."""
    try:
        store = Store(url)
    except (SQLAlchemyError, StoreError, OSError):
        return Given()
    try:
        with store.read() as session:
            if not inspect(session.connection()).has_table("ticket_counter"):
                return Given()
        return given_by(store, now=now)
    except (SQLAlchemyError, StoreError):
        return Given()
    finally:
        store.close()


def noted(folder: Path, *, now: datetime) -> Given:
    """What the last restore wrote down; tickets of another day and acts of another year no longer count."""
    path, day = folder / FILE, lima_day(now)
    if not path.exists():
        return Given()
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return Given(
        told["series"],
        told["ticket"] if told["on"] == day.isoformat() else 0,
        told["act"] if told["on"][:4] == f"{day.year}" else 0,
    )


def note(folder: Path, given: Given, *, now: datetime) -> None:
    """Durable when it returns."""
    fresh = folder / f"{FILE}.{os.getpid()}"
    with open(fresh, "w", encoding="utf-8") as file:
        json.dump(asdict(given) | {"on": lima_day(now).isoformat()}, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, folder / FILE)
