"""Dates, counts and addresses as papers say them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from urllib.parse import urlsplit

from core.clock import LIMA

DAYS = ("lun", "mar", "mié", "jue", "vie", "sáb", "dom")
ENGLISH_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def day(on: date, days: Sequence[str] = DAYS) -> str:
    """`vie 20/11/2026`"""
    return f"{days[on.weekday()]} {on:%d/%m/%Y}"


def moment(at: datetime, days: Sequence[str] = DAYS) -> str:
    """`vie 20/11/2026  10:42`, Lima."""
    local = at.astimezone(LIMA)
    return f"{day(local.date(), days)}  {local:%H:%M}"


def counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def business_days(number: int) -> str:
    return counted(number, "día hábil", "días hábiles")


def address(url: str) -> str:
    """The address as a person types it: no scheme, no query."""
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}".rstrip("/") or url
