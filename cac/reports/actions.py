"""What supervision writes: alerts opened, seen and closed, and the figures of a day that is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Table, insert, select, update
from sqlalchemy.orm import Session

from cac.access.actions import SYSTEM
from cac.audit.actions import record
from cac.desk.actions.rows import SALA
from cac.desk.signals import board_changed
from cac.reports.alerts import ANY_SALA, Trouble
from cac.reports.models import Alert, DayFigures
from core.errors import NotFound
from storage import after_commit
from storage.types import MAX_INTEGER
from web.access import Principal

_ALERT: Table = Alert.__table__  # type: ignore[assignment]
_KEPT: Table = DayFigures.__table__  # type: ignore[assignment]


class AlertUnknown(NotFound):
    code = "alerta.no_existe"
    detail = "No existe esa alerta. Actualice la página."


def settle_alerts(session: Session, troubles: Sequence[Trouble], *, now: datetime) -> dict[str, int]:
    """Open an alert for each trouble that has none, close those whose trouble is over; how many of each."""
    kept = {
        (row.sala, row.kind, row.subject): row
        for row in session.execute(select(_ALERT).where(_ALERT.c.closed_at.is_(None)))
    }
    true = {trouble.key: trouble for trouble in troubles}
    opened = [trouble for key, trouble in true.items() if key not in kept]
    over = [row for key, row in kept.items() if key not in true]
    for trouble in opened:
        alert = Alert(
            sala=trouble.sala,
            kind=trouble.kind,
            subject=trouble.subject,
            title=trouble.title[:160],
            detail=trouble.detail[:300],
            opened_at=now,
        )
        session.add(alert)
        session.flush()
        _note(session, "alerta.abierta", alert.id, SYSTEM, now, trouble.title)
    for row in over:
        session.execute(update(_ALERT).where(_ALERT.c.id == row.id).values(closed_at=now, closed_by=SYSTEM.key))
        _note(session, "alerta.cerrada", row.id, SYSTEM, now, row.title)
    _tell(session, {trouble.sala for trouble in opened} | {row.sala for row in over})
    return {"opened": len(opened), "closed": len(over)}


def acknowledge_alert(session: Session, alert_id: int, *, principal: Principal, now: datetime) -> dict[str, Any]:
    """Somebody has seen it and takes care of it: it rings no more. The first one's name stays. Raises AlertUnknown."""
    alert = session.get(Alert, alert_id) if alert_id <= MAX_INTEGER else None
    if alert is None or (principal.sala and alert.sala not in (ANY_SALA, principal.sala)):
        raise AlertUnknown()
    if alert.acknowledged_at is None and alert.closed_at is None:
        alert.acknowledged_at, alert.acknowledged_by = now, principal.key
        alert.acknowledged_name = principal.name
        _note(session, "alerta.vista", alert.id, principal, now, alert.title)
        _tell(session, {alert.sala})
    return {"id": alert.id, "title": alert.title, "seen_by": alert.acknowledged_name}


def keep_day(session: Session, day: date, figures: dict[str, Any], *, now: datetime) -> bool:
    """The figures of a day that is over, once; False when they were kept already."""
    if session.scalar(select(_KEPT.c.day).where(_KEPT.c.day == day)):
        return False
    session.execute(insert(_KEPT).values(day=day, figures=figures, made_at=now))
    return True


def _note(session: Session, action: str, alert_id: int, principal: Principal, now: datetime, title: str) -> None:
    record(session, principal=principal, action=action, subject=f"alerta:{alert_id}", detail=title, now=now)


def _tell(session: Session, salas: set[str]) -> None:
    """The staff pages of these salas ask again; of what concerns every sala, all do."""
    every = set(session.execute(select(SALA.c.code)).scalars()) if ANY_SALA in salas else set()
    for sala in sorted((salas | every) - {ANY_SALA}):
        after_commit(session, board_changed, sala, False)
