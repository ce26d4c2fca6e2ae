"""Fees of cabin cases that wait longer than the running application allows."""

from __future__ import annotations

from datetime import datetime

from flask import current_app
from sqlalchemy.orm import Session

from cac.calendar import calendar
from cac.till.unpaid import late_by_cabina
from core.clock import lima_day


def late_payments(session: Session, *, now: datetime) -> dict[str, int]:
    """How many, by the code of their cabin."""
    late_after = current_app.extensions["settings"].payment_late_days
    return late_by_cabina(session, today=lima_day(now), calendar=calendar(), late_after=late_after)
