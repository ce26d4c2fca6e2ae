"""Reads for the pages that set up sites and salas."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cac.desk.actions.rows import WAITS
from cac.desk.models import Sala, Service, Site, Ticket, Ventanilla
from cac.salas import rules
from cac.salas.actions import sala_of, services_in_order, skills_of
from ticketing.day import timetable


@dataclass(frozen=True, slots=True)
class SalaLine:
    code: str
    name: str
    hours: str
    open: bool
    services: int  # that give tickets
    ventanillas: int
    waiting: int


@dataclass(frozen=True, slots=True)
class DayApart:
    """A date with hours of its own."""

    day: date
    hours: str
    reason: str


def sites(session: Session, *, now: datetime) -> list[dict[str, Any]]:
    """Each site with its salas."""
    services = _counts(session, select(Service.sala_id, func.count()).where(Service.active).group_by(Service.sala_id))
    desks = _counts(session, select(Ventanilla.sala_id, func.count()).group_by(Ventanilla.sala_id))
    waiting = _counts(session, select(Ticket.sala_id, func.count()).where(WAITS).group_by(Ticket.sala_id))
    found = list(session.scalars(select(Sala).order_by(Sala.id)))
    return [
        {
            "site": site,
            "salas": [
                SalaLine(
                    sala.code,
                    sala.name,
                    rules.week_text(sala.timetable),
                    timetable(sala.timetable).is_open(now),
                    services.get(sala.id, 0),
                    desks.get(sala.id, 0),
                    waiting.get(sala.id, 0),
                )
                for sala in found
                if sala.site_id == site.id
            ],
        }
        for site in session.scalars(select(Site).order_by(Site.id))
    ]


def site_of(session: Session, sala: Sala) -> Site:
    return session.get_one(Site, sala.site_id)


def week_form(stored: dict[str, Any] | None) -> dict[str, str]:
    """A week as its form's fields: `always`, and `<day>-<span>-from` and `-until`."""
    week = (stored or {}).get("week")
    fields = {"always": "1" if week is None else "", "holidays": "1" if rules.shuts_on_holidays(stored) else ""}
    for day, spans in enumerate(week or []):
        for span, (start, until) in enumerate(spans):
            fields[f"{day}-{span}-from"], fields[f"{day}-{span}-until"] = start, until
    return fields


def spans_shown(stored: dict[str, Any] | None) -> int:
    return max([rules.SPANS_SHOWN, *(len(spans) for spans in (stored or {}).get("week") or [])])


def exceptions(stored: dict[str, Any] | None, *, since: date) -> list[DayApart]:
    """Dates with hours of their own from `since` on, in order."""
    given = stored or {}
    reasons = given.get("reasons") or {}
    dates = sorted((date.fromisoformat(day), spans) for day, spans in (given.get("dates") or {}).items())
    return [
        DayApart(day, rules.hours_text(spans), reasons.get(day.isoformat(), "")) for day, spans in dates if day >= since
    ]


def services(session: Session, code: str) -> list[dict[str, Any]]:
    """The services of a sala in the order of the kiosk, each with how many wait for it."""
    sala = sala_of(session, code)
    waits = select(Ticket.service_id, func.count()).where(Ticket.sala_id == sala.id, WAITS).group_by(Ticket.service_id)
    waiting = _counts(session, waits)
    return [{"service": service, "waiting": waiting.get(service.id, 0)} for service in services_in_order(session, sala)]


def groups(session: Session, code: str) -> list[str]:
    """Names of groups already used in a sala, to choose the same again."""
    return sorted({one["service"].group_name for one in services(session, code)} - {""})


def service(session: Session, code: str, letter: str) -> Service | None:
    return next((one for one in services_in_order(session, sala_of(session, code)) if one.code == letter), None)


def ventanillas(session: Session, code: str) -> list[dict[str, Any]]:
    """The ventanillas of a sala with the letters each attends, its own first."""
    sala = sala_of(session, code)
    places = select(Ventanilla).where(Ventanilla.sala_id == sala.id).order_by(Ventanilla.number)
    return [{"place": place, "skills": skills_of(session, place.id)} for place in session.scalars(places).all()]


def _counts(session: Session, statement: Any) -> dict[int, int]:
    rows: Iterable[Any] = session.execute(statement)
    return {row[0]: row[1] for row in rows}
