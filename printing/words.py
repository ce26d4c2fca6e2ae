"""Dates, counts, waits and addresses as papers say them in Spanish."""

from __future__ import annotations

from datetime import date, datetime
from urllib.parse import urlsplit

from core.clock import LIMA

DAYS = ("lun", "mar", "mié", "jue", "vie", "sáb", "dom")


def day(on: date) -> str:
    """`vie 20/11/2026`"""
    return f"{DAYS[on.weekday()]} {on:%d/%m/%Y}"


def moment(at: datetime) -> str:
    """`vie 20/11/2026  10:42`, Lima."""
    local = at.astimezone(LIMA)
    return f"{day(local.date())}  {local:%H:%M}"


def counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def minutes(wait: tuple[int, int]) -> str:
    """A wait estimate in words."""
    low, high = wait
    if high <= 1:
        return "1 minuto o menos"
    if low <= 0:
        return f"menos de {high} minutos"
    return f"{high} minutos" if low == high else f"{low} a {high} minutos"


def address(url: str) -> str:
    """The address as a person types it: no scheme, no query."""
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}".rstrip("/") or url
