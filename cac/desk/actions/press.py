"""What every verb of the desk is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from web.access import Principal


@dataclass(frozen=True, slots=True)
class Press:
    """One press of a button: who, when, on which ticket and ventanilla, and what was filled in. A verb reads what it needs."""

    principal: Principal
    now: datetime
    ticket_id: int = 0
    number: int | None = None  # the ventanilla that acts; None: the one the ticket is at
    reason: str | None = None
    public_url: str = ""
    service: str | None = None  # forward to it
    to_ventanilla: int | None = None  # forward to it
    outcome: str | None = None
    tramites: tuple[str, ...] = ()
