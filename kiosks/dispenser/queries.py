"""What the kiosk shows, read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cac.citas.queries import takes_citas
from cac.desk import queries as desk
from cac.desk.models import Sala, Service, Site, Ticket
from cac.paper.queries import awaits_dead_printer, job_state
from core.errors import NotFound
from kiosks.dispenser.rules import SECONDS, TOLD_TO_STAFF, paper_state
from ticketing.day import timetable


class TicketUnknown(NotFound):
    code = "ticket.no_existe"
    detail = "No se encontró ese turno. Pregunte en informes."


def place_of(session: Session, sala: str | None) -> dict[str, str]:
    """The names at the head of the screen: `{site, office}`."""
    row = session.execute(
        select(Site.name, Site.office)
        .join(Sala, Sala.site_id == Site.id)
        .where(Sala.id == desk.find_sala(session, sala).id)
    ).one()
    return {"site": row.name, "office": row.office}


def words_of(session: Session, sala: str | None, *, now: datetime) -> dict[str, Any]:
    """What its administrator set for the first screen: `{welcome, closed, offered: languages, citas, opens_at}`; empty: our own words."""
    row = desk.find_sala(session, sala)
    return {
        "welcome": row.kiosk_welcome,
        "closed": row.closed_message,
        "offered": row.kiosk_languages,
        "citas": takes_citas(session, row.code),
        "opens_at": timetable(row.timetable).next_opening(now),
    }


def ticket_screen(session: Session, token: str, *, now: datetime) -> dict[str, Any]:
    """A ticket just issued and the state of its paper. Raises TicketUnknown."""
    ticket = desk.followed_ticket(session, token, now=now)
    row = session.execute(
        select(Ticket.print_job, Ticket.issued_at, Ticket.slot_at, Service.icon, Sala.code.label("sala"))
        .join(Service, Service.id == Ticket.service_id)
        .join(Sala, Sala.id == Ticket.sala_id)
        .where(Ticket.token == token)
    ).first()
    if ticket is None or row is None:
        raise TicketUnknown()
    job = job_state(session, row.print_job) if row.print_job else None
    dead = row.print_job is not None and awaits_dead_printer(session, row.print_job)
    shown = paper_state(job, issued_at=row.issued_at, now=now, dead=dead)
    return {
        "ticket": {**ticket, "token": token, "icon": row.icon, "slot_at": row.slot_at},
        "citas": takes_citas(session, row.sala),
        "print": shown,
        "alerted": dead or job in TOLD_TO_STAFF,
        "on_paper": row.print_job is not None,
        "seconds": SECONDS[shown],
    }
