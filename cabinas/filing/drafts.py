"""A new trámite that is typed and not filed yet, kept so that it survives its page, the power and this process.

It charges nothing: its key is the idempotency key of its form, so it is filed once however often it is opened and sent."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from cabinas.base import replies
from cabinas.device import Device
from cabinas.filing.actions import file
from cabinas.filing.models import Draft
from intake.request import FilingRequest
from web.access import Principal

KEPT = timedelta(days=7)  # what nobody came back to is forgotten: it holds a person's data
KEY_MAX, TEXT_MAX, FIELDS_MAX = 120, 2_000, 200
NOT_TYPED = ("csrf_token", "_key", "tramite")
CARRIED = "ficha."  # before the name of a field that the sign-in page carries along


@dataclass(frozen=True, slots=True)
class DraftSeen:
    """A draft as the pages offer it."""

    key: str
    tramite: str
    name: str
    saved_at: datetime


def save(session: Session, key: str, form: MultiDict[str, str], *, operator_id: int, scope: str, now: datetime) -> bool:
    """Keep what is typed. False when it was filed meanwhile, under `scope` of the replies: a late save must not bring it back."""
    if not 0 < len(key) <= KEY_MAX:
        return False
    if session.scalar(select(replies.c.key).where(replies.c.scope == scope, replies.c.key == key)):
        return False
    draft = session.get(Draft, key)
    if draft is None:
        draft = Draft(key=key)
        session.add(draft)
    draft.operator_id, draft.saved_at = operator_id, now  # of whoever types in it now
    draft.tramite, draft.form = form.get("tramite", "")[:KEY_MAX], typed(form)
    session.execute(delete(Draft).where(Draft.saved_at < now - KEPT))
    return True


def file_draft(
    session: Session, request: FilingRequest, *, key: str, principal: Principal, device: Device, now: datetime
) -> dict[str, Any]:
    """File, and forget the draft it was: both or neither. Raises what `file` does."""
    answer = file(session, request, principal=principal, device=device, now=now)
    session.execute(delete(Draft).where(Draft.key == key))
    return answer


def discard(session: Session, key: str, *, operator_id: int) -> None:
    session.execute(delete(Draft).where(Draft.key == key, Draft.operator_id == operator_id))


def find(session: Session, key: str, *, operator_id: int) -> Draft | None:
    return session.scalar(select(Draft).where(Draft.key == key, Draft.operator_id == operator_id))


def unfinished(session: Session, operator_id: int) -> list[DraftSeen]:
    """What this operator left, newest first."""
    left = select(Draft).where(Draft.operator_id == operator_id).order_by(Draft.saved_at.desc())
    return [
        DraftSeen(row.key, row.tramite, next(iter(row.form.get("name", ())), "").strip(), row.saved_at)
        for row in session.scalars(left)
    ]


def filed_under(session: Session, key: str) -> str | None:
    """The number of the case that a form of this key filed, whoever sent it."""
    sent = select(replies.c.answer).where(replies.c.key == key, replies.c.scope.like("% POST /nuevo"))
    answer = session.scalar(sent)
    number: str | None = json.loads(answer)["number"] if answer else None
    return number


def typed(form: MultiDict[str, str]) -> dict[str, list[str]]:
    """What a person wrote and chose."""
    fields = [(name, values) for name, values in form.lists() if name not in NOT_TYPED]
    return {name: [text[:TEXT_MAX] for text in values[:FIELDS_MAX]] for name, values in fields[:FIELDS_MAX]}


def carried(form: MultiDict[str, str]) -> MultiDict[str, str]:
    """The new trámite that came along with a sign-in; empty without one."""
    fields = [(name, text) for name, text in form.items(multi=True) if name.startswith(CARRIED)]
    return MultiDict([(name.removeprefix(CARRIED), text) for name, text in fields])
