"""Column types with one meaning on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Date, DateTime, Dialect, String, TypeDecorator

MAX_INTEGER = 2**31 - 1  # of an INTEGER column; beyond it each driver fails in its own way


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware in, aware UTC out; a naive value is a bug.

    timestamptz on PostgreSQL; on SQLite text of one width (`2026-11-20T13:05:09.000120Z`), so that comparing the text
    compares the instants and a person reading the file understands it."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(String(27) if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive instant {value!r}: say in which zone")
        return iso_utc(value) if dialect.name == "sqlite" else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(UTC)


class Day(TypeDecorator[date]):
    """A calendar day in Lima. A datetime is refused: it is an instant, and its day depends on the zone."""

    impl = Date
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> date | None:
        if isinstance(value, datetime):
            raise ValueError(f"{value!r} is an instant, not a day: use lima_day()")
        return value


@lru_cache(maxsize=1024)  # a verb writes its one instant in many columns
def iso_utc(value: datetime) -> str:
    """`value` as SQLite keeps it: fixed width, UTC, microseconds."""
    return value.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"  # strftime takes ten times longer
