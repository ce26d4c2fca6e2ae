"""The process clock. Only routes, command-line and loops read it; everything else receives `now`.

`set_start` lets a demo run at another moment: the clock starts there and runs on."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LIMA = ZoneInfo("America/Lima")
CLOCK_TOLERATED_S = 5  # two clocks this near are at the same hour; the link itself takes a second or two

_offset = timedelta()


def set_start(instant: datetime) -> None:
    """From now on the clock reads `instant` and runs on. `instant` is aware."""
    global _offset
    _offset = instant.astimezone(UTC) - datetime.now(UTC)


def now_utc() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC) + _offset


def machine_utc() -> datetime:
    """This machine's own hour, whatever the process clock was set to: what another machine's clock is compared with."""
    return datetime.now(UTC)


def offset_words(offset_s: int | None) -> str:
    """Another machine's clock against ours, for people: `adelantado 4 min`. Positive: ahead."""
    if offset_s is None:
        return "no se sabe"
    far, ahead = abs(offset_s), "adelantado" if offset_s > 0 else "atrasado"
    if far <= CLOCK_TOLERATED_S:
        return "a la hora"
    if far < 120:
        return f"{ahead} {far} s"
    if far < 2 * 3600:
        return f"{ahead} {far // 60} min"
    return f"{ahead} {far // 3600} h" if far < 48 * 3600 else f"{ahead} {far // 86_400} días"


def lima_midnight(day: date) -> datetime:
    """The instant a Lima day begins."""
    return datetime.combine(day, time(), tzinfo=LIMA)


def lima_day(instant: datetime) -> date:
    """The calendar day in Lima at `instant`; what law and ticket numbers call "the day"."""
    return instant.astimezone(LIMA).date()
