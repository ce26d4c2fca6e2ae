"""Changing the order in which a sala calls. It counts from the next call on; calls made keep the order they were made by."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from cac.audit.actions import record
from cac.desk.actions.rows import SALA
from cac.desk.signals import board_changed
from core.errors import NotFound
from storage import after_commit
from ticketing.explain import explain
from ticketing.rules import Policy
from web.access import Principal

_FIND = select(SALA.c.id).where(SALA.c.code == bindparam("sala")).with_for_update()
_SET = update(SALA).where(SALA.c.id == bindparam("sala_id")).values(policy=bindparam("stored"))


class SalaUnknown(NotFound):
    code = "sala.no_existe"
    detail = "No existe esa sala. Revise su código."


def set_order(session: Session, sala: str, policy: Policy, *, principal: Principal, now: datetime) -> dict[str, Any]:
    """The sala calls by `policy` from now on; the log keeps it in words. Raises SalaUnknown."""
    sala_id = session.execute(_FIND, {"sala": sala}).scalar()
    if sala_id is None:
        raise SalaUnknown()
    session.execute(_SET, {"sala_id": sala_id, "stored": policy.as_json()})
    said = explain(policy)
    record(session, principal=principal, action="sala.orden", subject=f"sala:{sala}", detail=said, now=now)
    after_commit(session, board_changed, sala, False)
    return {"sala": sala, "order": said}
