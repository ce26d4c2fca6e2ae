"""What an administrator changes of a sala's screens. Each leaves its audit row; the screens ask for it within seconds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cac.audit.actions import record
from cac.desk.queries import find_sala
from cac.screens.files import Media
from cac.screens.models import SalaScreen, ScreenMedia
from cac.screens.rules import Screen, ScreenInvalid
from core.errors import Conflict, NotFound
from web.access import Principal

PLAYLIST_MAX = 40
NAME_MAX = 120


class MediaUnknown(NotFound):
    code = "pantalla.archivo_no_existe"
    detail = "Ese archivo ya no está en la cartelera. Actualice la página."


class PlaylistFull(Conflict):
    code = "pantalla.cartelera_llena"
    detail = f"La cartelera admite {PLAYLIST_MAX} archivos. Quite alguno antes de agregar otro."


def save_screen(session: Session, sala: str, screen: Screen, *, principal: Principal, now: datetime) -> dict[str, Any]:
    """The sala's screens sound and read as `screen` says. Raises SalaUnknown."""
    sala_id = find_sala(session, sala).id
    row = session.get(SalaScreen, sala_id) or SalaScreen(sala_id=sala_id)
    row.languages, row.volumes = list(screen.languages), list(screen.volumes)
    row.notice, row.image_seconds = screen.notice, screen.image_seconds
    session.add(row)
    quiet = sum(volume == 0 for volume in screen.volumes)
    detail = f"voces {'+'.join(screen.voices)} · {quiet} h en silencio · {screen.notice}"
    record(session, principal=principal, action="pantalla.ajuste", subject=f"sala:{sala}", detail=detail, now=now)
    return {"sala": sala}


def add_media(
    session: Session, sala: str, media: Media, *, name: str, principal: Principal, now: datetime
) -> dict[str, Any]:
    """A picture or video at the end of the playlist. Raises SalaUnknown, ScreenInvalid, PlaylistFull."""
    if not name or len(name) > NAME_MAX:
        raise ScreenInvalid("Escriba qué dice el archivo, para quien no lo ve.", field="name")
    sala_id = find_sala(session, sala).id
    count, last = session.execute(
        select(func.count(), func.coalesce(func.max(ScreenMedia.position), 0)).where(
            ScreenMedia.sala_id == sala_id, ScreenMedia.removed_at.is_(None)
        )
    ).one()
    if count >= PLAYLIST_MAX:
        raise PlaylistFull()
    row = ScreenMedia(
        sala_id=sala_id,
        position=last + 1,
        name=name,
        sha256=media.sha256,
        media_type=media.media_type,
        size=media.size,
        added_at=now,
    )
    session.add(row)
    session.flush()
    record(session, principal=principal, action="cartelera.alta", subject=f"sala:{sala}", detail=name, now=now)
    return {"id": row.id, "name": name}


def remove_media(session: Session, sala: str, media_id: int, *, principal: Principal, now: datetime) -> dict[str, Any]:
    """The screens show it no more; its row stays. Raises MediaUnknown."""
    row = _media(session, sala, media_id)
    row.removed_at = now
    record(session, principal=principal, action="cartelera.baja", subject=f"sala:{sala}", detail=row.name, now=now)
    return {"id": media_id, "name": row.name}


def raise_media(session: Session, sala: str, media_id: int, *, principal: Principal, now: datetime) -> dict[str, Any]:
    """Show it one place earlier. Raises MediaUnknown."""
    row = _media(session, sala, media_id)
    before = session.scalar(
        select(ScreenMedia)
        .where(
            ScreenMedia.sala_id == row.sala_id,
            ScreenMedia.removed_at.is_(None),
            ScreenMedia.position < row.position,
        )
        .order_by(ScreenMedia.position.desc())
        .limit(1)
    )
    if before is not None:
        row.position, before.position = before.position, row.position
        record(session, principal=principal, action="cartelera.orden", subject=f"sala:{sala}", detail=row.name, now=now)
    return {"id": media_id, "name": row.name}


def _media(session: Session, sala: str, media_id: int) -> ScreenMedia:
    row = session.get(ScreenMedia, media_id)
    if row is None or row.removed_at is not None or row.sala_id != find_sala(session, sala).id:
        raise MediaUnknown()
    return row
