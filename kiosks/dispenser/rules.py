"""What the kiosk may say of a ticket's paper. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

PRINTING, PRINTED, NO_PAPER, UNCERTAIN = "imprimiendo", "impreso", "sin-papel", "incierto"
PATIENCE = timedelta(seconds=10)  # paper that has not begun to come out by then is not coming soon
TOLD_TO_STAFF = frozenset({"no_enviada", "desconocida", "retenida", "vencida"})  # these are shown to staff as alerts
SECONDS = {PRINTING: 20, PRINTED: 20, NO_PAPER: 45, UNCERTAIN: 45}  # until the first screen comes back


def paper_state(job: str | None, *, issued_at: datetime, now: datetime, dead: bool = False) -> str:
    """From the state of the print job (None: no printer is set up) to what the screen shows.

    `dead`: its printer says it cannot print."""
    if job == "confirmada":
        return PRINTED
    if job == "desconocida":
        return UNCERTAIN
    if job == "enviando" or (job == "en_cola" and not dead and now - issued_at < PATIENCE):
        return PRINTING
    return NO_PAPER


def home_mark(services: Sequence[Mapping[str, Any]], place: Mapping[str, Any], *, greeting: str) -> str:
    """Changes with whatever the first screen shows: a service opened, renamed, closed; the greeting of the hour."""
    shown = [[service[name] for name in ("code", "name", "example", "icon", "open")] for service in services]
    return hashlib.sha256(json.dumps([shown, dict(place), greeting], default=str).encode()).hexdigest()[:16]
