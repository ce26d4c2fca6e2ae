"""The centre's calendar of business days and its filing hours, read once from the project's data and the settings."""

from __future__ import annotations

from pathlib import Path

from flask import current_app

from core.workdays import Calendar
from intake.clock import FilingHours
from web.settings import Settings

HOLIDAYS = Path(__file__).resolve().parent.parent / "data" / "holidays_pe.csv"


def load_calendar(settings: Settings) -> Calendar:
    """Days of the chosen scopes: local ones need a norm of their own, so they are off until an operator names them."""
    scopes = [scope.strip() for scope in settings.holiday_scopes.split(",") if scope.strip()]
    return Calendar.parse(HOLIDAYS.read_text(encoding="utf-8"), scopes=scopes)


def filing_hours(settings: Settings) -> FilingHours:
    return FilingHours(settings.closing_hour)


def calendar() -> Calendar:
    """The calendar of the running application."""
    found: Calendar = current_app.extensions["calendar"]
    return found


def hours() -> FilingHours:
    return filing_hours(current_app.extensions["settings"])
