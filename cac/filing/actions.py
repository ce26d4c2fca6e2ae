"""Keeping drafts, and filing a sheet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from cac.base import replies
from cac.expedientes import actions as expedientes
from cac.expedientes.papers import Letterhead
from cac.filing.models import Draft
from cac.filing.rules import enclosed
from core.errors import Conflict
from core.workdays import Calendar
from intake.clock import FilingHours
from intake.request import FilingRequest
from web.access import Principal

KEPT = timedelta(days=7)  # a sheet nobody came back to is forgotten: it holds a person's data
MAX_FILES = 30


class TooManyFiles(Conflict):
    code = "adjunto.demasiados"
    detail = f"Ya hay {MAX_FILES} adjuntos en esta ficha. Reciba el expediente y agregue el resto desde él."


def file_sheet(
    session: Session,
    request: FilingRequest,
    place: str,
    *,
    folios: Mapping[str, str],
    principal: Principal,
    calendar: Calendar,
    hours: FilingHours,
    letterhead: Letterhead,
    now: datetime,
) -> dict[str, Any]:
    """File what the sheet says, with its files as documents of the case, and forget the sheet: all or nothing. `folios`
    are those typed for each file, by its hash."""
    draft = session.get(Draft, (principal.key, place))
    made = expedientes.file(
        session,
        request,
        principal=principal,
        calendar=calendar,
        hours=hours,
        letterhead=letterhead,
        enclosed=enclosed(draft.files if draft else [], folios),
        now=now,
    )
    if draft is not None:
        session.delete(draft)
    return made


def save_draft(
    session: Session, place: str, form: dict[str, Any], *, scope: str, principal: Principal, now: datetime
) -> bool:
    """Keep what is typed; its files stay as they are. False when this sheet was filed meanwhile, under `scope` of the
    replies: a late save must not bring it back."""
    done = select(replies.c.key).where(replies.c.scope == scope, replies.c.key == form["texts"].get("_key", ""))
    if session.scalar(done):
        return False
    _draft(session, place, principal, now).form = form
    session.execute(delete(Draft).where(Draft.saved_at < now - KEPT))
    return True


def add_file(session: Session, place: str, file: dict[str, Any], *, principal: Principal, now: datetime) -> None:
    """An uploaded file joins the sheet; the same content twice is there once. Raises TooManyFiles."""
    draft = _draft(session, place, principal, now)
    if any(known["sha256"] == file["sha256"] for known in draft.files):
        return
    if len(draft.files) >= MAX_FILES:
        raise TooManyFiles(field="files")
    draft.files = [*draft.files, file]


def drop_file(session: Session, place: str, sha256: str, *, principal: Principal, now: datetime) -> None:
    draft = _draft(session, place, principal, now)
    draft.files = [file for file in draft.files if file["sha256"] != sha256]


def discard(session: Session, place: str, *, principal: Principal) -> None:
    """Forget a sheet."""
    session.execute(delete(Draft).where(Draft.principal == principal.key, Draft.place == place))


def _draft(session: Session, place: str, principal: Principal, now: datetime) -> Draft:
    draft = session.get(Draft, (principal.key, place))
    if draft is None:
        draft = Draft(principal=principal.key, place=place, form={}, files=[])
        session.add(draft)
    draft.saved_at = now
    return draft
