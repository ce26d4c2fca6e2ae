"""Reads of the screens' settings."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cac.desk.models import Sala, Service, Ventanilla
from cac.screens.models import SalaScreen, ScreenMedia
from cac.screens.rules import Screen

SHUT = "cerrada"


def screen_of(session: Session, sala_id: int) -> Screen:
    """The sala's settings, the defaults when nobody set any."""
    row = session.get(SalaScreen, sala_id)
    if row is None:
        return Screen()
    return Screen(tuple(row.languages), tuple(row.volumes), row.notice, row.image_seconds)


def playlist(session: Session, sala_id: int) -> list[ScreenMedia]:
    """What is shown while nobody is called, in order."""
    rows = select(ScreenMedia).where(ScreenMedia.sala_id == sala_id, ScreenMedia.removed_at.is_(None))
    return list(session.scalars(rows.order_by(ScreenMedia.position, ScreenMedia.id)))


def letters_of(session: Session, sala_id: int) -> set[str]:
    """Every series a screen of the sala may have to say: the site's, since a forwarded ticket keeps its own."""
    site = select(Sala.site_id).where(Sala.id == sala_id).scalar_subquery()
    series = set(session.scalars(select(Service.code).where(Service.site_id == site)))
    preferente = session.scalars(select(Sala.preferente_series).where(Sala.site_id == site))
    return series | {letter for letter in preferente if letter}


def ventanillas_of(session: Session, sala_id: int) -> list[dict[str, Any]]:
    """`[{number, open}]` of the sala, by number."""
    rows = select(Ventanilla.number, Ventanilla.state).where(Ventanilla.sala_id == sala_id).order_by(Ventanilla.number)
    return [{"number": row.number, "open": row.state != SHUT} for row in session.execute(rows)]
