"""National holidays of Peru by rule, so that nobody types them in each year. Pure.

Source: DL 713, art. 6, and Laws 31788 (7 June), 31822 (23 July), 31530 (6 August) and 31381 (9 December): as the law stands since 2024.
They close a sala that says so. Legal terms do not count on them: those go by `core.workdays`, whose every day has its norm."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType

FIXED = (
    (1, 1, "Año Nuevo"),
    (5, 1, "Día del Trabajo"),
    (6, 7, "Batalla de Arica y Día de la Bandera"),
    (6, 29, "San Pedro y San Pablo"),
    (7, 23, "Día de la Fuerza Aérea del Perú"),
    (7, 28, "Fiestas Patrias"),
    (7, 29, "Fiestas Patrias"),
    (8, 6, "Batalla de Junín"),
    (8, 30, "Santa Rosa de Lima"),
    (10, 8, "Combate de Angamos"),
    (11, 1, "Día de Todos los Santos"),
    (12, 8, "Inmaculada Concepción"),
    (12, 9, "Batalla de Ayacucho"),
    (12, 25, "Navidad"),
)
BEFORE_EASTER = ((3, "Jueves Santo"), (2, "Viernes Santo"))  # days


@lru_cache(maxsize=16)
def national_holidays(year: int) -> Mapping[date, str]:
    """The holidays of a year in order, with their names."""
    days = {date(year, month, day): name for month, day, name in FIXED}
    days |= {easter(year) - timedelta(days=before): name for before, name in BEFORE_EASTER}
    return MappingProxyType(dict(sorted(days.items())))


def holiday_name(day: date) -> str | None:
    """The national holiday that falls on `day`; None on any other."""
    return national_holidays(day.year).get(day)


def holidays_from(day: date) -> Iterator[tuple[date, str]]:
    """The national holidays from `day` on, without end."""
    year = day.year
    while True:
        yield from (found for found in national_holidays(year).items() if found[0] >= day)
        year += 1


def easter(year: int) -> date:
    """Easter Sunday, Gregorian: the anonymous algorithm of 1876 (J. Meeus, Astronomical Algorithms, ch. 8)."""
    century, rest = divmod(year, 100)
    leaps, left = divmod(century, 4)
    moon = (19 * (year % 19) + century - leaps - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    fours, ones = divmod(rest, 4)
    weekday = (32 + 2 * left + 2 * fours - moon - ones) % 7
    late = (year % 19 + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)
