"""Values as people read them, for templates: money, hours, days. Templates do no arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from flask import Flask, g

from core.clock import LIMA, now_utc
from core.money import soles

DAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
MONTHS = (
    *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
    *("julio", "agosto", "setiembre", "octubre", "noviembre", "diciembre"),
)


def hour(instant: datetime) -> str:
    """`11:07`, for staff."""
    return instant.astimezone(LIMA).strftime("%H:%M")


def citizen_hour(instant: datetime) -> str:
    """`10:42 a. m.`, for citizens."""
    local = instant.astimezone(LIMA)
    return f"{local.hour % 12 or 12}:{local:%M} {'a' if local.hour < 12 else 'p'}. m."


def day(value: date | datetime) -> str:
    """`20/11/2026`."""
    return _day(value).strftime("%d/%m/%Y")


def long_day(value: date | datetime) -> str:
    """`viernes 20 de noviembre`."""
    on = _day(value)
    return f"{DAYS[on.weekday()]} {on.day} de {MONTHS[on.month - 1]}"


def short_day(value: date | datetime) -> str:
    """`mar. 24 nov.`."""
    on = _day(value)
    return f"{DAYS[on.weekday()][:3]}. {on.day} {MONTHS[on.month - 1][:3]}."


def moment(instant: datetime) -> str:
    """`20/11/2026 11:07`."""
    return f"{day(instant)} {hour(instant)}"


def bytes_text(count: int) -> str:
    """`1.2 MB`."""
    if count < 1_000_000:
        return f"{max(1, count // 1000)} kB"
    return f"{count // 1_000_000}.{count % 1_000_000 // 100_000} MB"


def _day(value: date | datetime) -> date:
    return value.astimezone(LIMA).date() if isinstance(value, datetime) else value


def _sprite(app: Flask) -> Callable[[str], str]:
    """The address of a file of drawings, another one when it changes: a browser keeps it, so a page loses no icon with the link."""
    known: dict[str, str] = {}

    def address(filename: str) -> str:
        if filename not in known:
            file = Path(app.static_folder or "") / filename
            known[filename] = f"/static/{filename}" + (f"?v={file.stat().st_mtime_ns:x}" if file.exists() else "")
        return known[filename]

    return address


def register_filters(app: Flask, *, demo: bool) -> None:
    app.jinja_env.globals["sprite"] = _sprite(app)
    app.add_template_filter(soles, "money")
    app.add_template_filter(bytes_text, "bytes")
    for filter_ in (hour, citizen_hour, day, long_day, short_day, moment):
        app.add_template_filter(filter_)

    @app.context_processor
    def shared() -> dict[str, Any]:
        """`demo`, `principal` (signed in, or none), `new_key()` for a form's hidden `_key`, and `now`."""
        asks = g.get("principal")
        return {
            "demo": demo,
            "principal": asks if asks is not None and asks.kind == "staff" else None,
            "new_key": lambda: uuid4().hex,
            "now": now_utc(),
        }
