"""What a hall device says of itself every few seconds: that it is there, and what hour its clock shows."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Response, jsonify, request

from cac.access.actions import is_signal_due, note_signal
from core.clock import machine_utc
from web.access import current_principal
from web.api import store


def take_signal(*, now: datetime, **told: str) -> Response:
    """Note the device that asks; `hora` is its clock in milliseconds since 1970, compared with this machine's. `told`: what it is answered."""
    device = current_principal().id
    offset = _clock_offset_s(request.form.get("hora", ""))
    with store().read() as session:
        due = is_signal_due(session, device, clock_offset_s=offset, now=now)
    if due:
        store().write(note_signal, device, clock_offset_s=offset, now=now)
    return jsonify(ok=True, **told)


def _clock_offset_s(hour: str) -> int | None:
    try:
        told = datetime.fromtimestamp(int(hour) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return round((told - machine_utc()).total_seconds())
