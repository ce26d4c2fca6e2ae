"""The project's calendar, as the centre loads it."""

from cac.calendar import HOLIDAYS
from core.workdays import Calendar

CALENDAR = Calendar.parse(HOLIDAYS.read_text(encoding="utf-8"))
