"""What supervision does by itself: alerts opened and closed as things are, and the figures of each day that ends kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from cac.reports import actions
from cac.reports.figures import to_json
from cac.reports.period import count_day, next_to_keep
from cac.reports.watch import open_alerts, troubles_now
from core.clock import lima_day, now_utc
from storage import Store
from storage.loops import Fence, Task

WATCH_S = 5.0
KEEP_S = 60.0
DAYS_A_BEAT = 20  # after an update with years of moves, this many days a minute
SETTLED = timedelta(minutes=10)  # after midnight a write that began before it may still arrive


def tasks(store: Store) -> list[Task]:
    return [
        Task("reports.watch", WATCH_S, lambda fence: watch(store, fence, now=now_utc())),
        Task("reports.keep_days", KEEP_S, lambda fence: keep_days(store, fence, now=now_utc())),
    ]


def watch(store: Store, fence: Fence, *, now: datetime) -> dict[str, int] | None:
    """Look, and write only when something began or ended."""
    with store.read() as session:
        found = troubles_now(session, now=now)
        kept = {(row.sala, row.kind, row.subject) for row in open_alerts(session)}
    if kept == {trouble.key for trouble in found}:
        return None
    return store.write(_fenced, fence, actions.settle_alerts, found, now=now)


def keep_days(store: Store, fence: Fence, *, now: datetime) -> int:
    """Keep the figures of days that are over, oldest first; how many."""
    kept = 0
    for _ in range(DAYS_A_BEAT):
        with store.read() as session:
            day = next_to_keep(session, before=lima_day(now - SETTLED))
            figures = to_json(count_day(session, day)) if day else None
        if day is None or figures is None:
            break
        kept += store.write(_fenced, fence, actions.keep_day, day, figures, now=now)
    return kept


def _fenced(session: Session, fence: Fence, verb: Callable[..., Any], *args: Any, now: datetime) -> Any:
    fence(session)
    return verb(session, *args, now=now)
