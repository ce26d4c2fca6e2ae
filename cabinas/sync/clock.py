"""The clock of a PC nobody winds. It orders nothing; expiry is told by the highest time ever seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from cabinas.sync.models import Condition
from storage.prepared import prepared

_SEEN = prepared(select(Condition.clock_seen_at))
_SEE = prepared(update(Condition).values(clock_seen_at=bindparam("at")), unremembered=True)

BACK_TOLERATED = timedelta(seconds=90)  # a clock being corrected by a little is not in doubt


@dataclass(frozen=True, slots=True)
class Reading:
    """`at` is what to write down; `doubtful`: the clock is behind what this till has already seen; `highest` tells expiry."""

    at: datetime
    doubtful: bool
    highest: datetime


def read_clock(session: Session, now: datetime) -> Reading:
    """Reads `now` against the highest time seen, and remembers it."""
    seen: datetime = _SEEN(session).scalar_one()
    highest = max(seen, now)
    if highest != seen:
        _SEE(session, {"at": highest})
    return Reading(now, highest - now > BACK_TOLERATED, highest)


def correct_clock(session: Session, centre_now: datetime) -> None:
    """The centre said what time it is: a clock that had jumped ahead is forgotten."""
    _SEE(session, {"at": centre_now})
