"""The evidence as tables of a file."""

from __future__ import annotations

from datetime import datetime

from cac.preferente.queries import Evidence
from cac.preferente.rules import Waits
from core.clock import LIMA
from web.spreadsheets import Sheet

FIGURES = ("llamados (n)", "mediana, min", "p90, min", "máxima, min", "sin llamar")
CLASS = {True: "preferente", False: "general"}


def sheets(found: Evidence) -> list[Sheet]:
    """Waits a day, the whole period last; then corrections, complaints, and times with nobody attending."""
    waits = [(day.on.isoformat(), *_row(day.preferente), *_row(day.general)) for day in found.days]
    whole = ("todo el periodo", *_row(found.preferente), *_row(found.general))
    head = ("día", *(f"{name}: {figure}" for name in ("preferente", "general") for figure in FIGURES))
    return [
        Sheet("Esperas por día", head, (*waits, whole)),
        Sheet(
            "Cambios de clase",
            ("fecha y hora", "turno", "pasó a", "motivo", "quién"),
            tuple((_moment(one.at), one.code, CLASS[one.preferente], one.reason, one.by) for one in found.corrections),
        ),
        Sheet(
            "Quejas",
            ("número", "fecha y hora", "turno", "ventanilla", "qué ocurrió", "anotó", "qué se hizo", "quién", "cuándo"),
            tuple(
                (
                    *(one.number, _moment(one.at), one.code, one.ventanilla, one.what, one.by),
                    *(one.answer, one.answered_by, _moment(one.answered_at) if one.answered_at else ""),
                )
                for one in found.complaints
            ),
        ),
        Sheet(
            "Sin ventanilla",
            ("desde", "hasta", "segundos"),
            tuple((_moment(gap.since), _moment(gap.until), round(gap.length.total_seconds())) for gap in found.gaps),
        ),
    ]


def _row(waits: Waits) -> tuple[float | None, ...]:
    return (waits.n, waits.median, waits.p90, waits.longest, waits.uncalled)


def _moment(instant: datetime) -> str:
    return f"{instant.astimezone(LIMA):%Y-%m-%d %H:%M:%S}"
