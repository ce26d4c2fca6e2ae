"""Which series numbers a ticket. A series counts by site and Lima day; a number is never used again that day."""

from __future__ import annotations

PREFERENTE_SERIES = "P"
RESTART_STEP = (
    100  # after a restored backup numbers go on from the next hundred: papers already printed keep their number
)


def series(service_letter: str, *, preferente: bool, preferente_series: str | None = PREFERENTE_SERIES) -> str:
    """The letter on the paper. A preferente takes the site's own series, so that the room understands why it goes first;
    with `preferente_series` None it stays in the series of its service."""
    return preferente_series if preferente and preferente_series else service_letter


def next_hundred(last: int) -> int:
    """The last number to count from after a restored backup: 137 -> 200, so that the next one is 201."""
    return (last // RESTART_STEP + 1) * RESTART_STEP
