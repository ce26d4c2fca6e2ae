"""Append to the log, seal it, verify it."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from sqlalchemy import Row, Table, insert, select
from sqlalchemy.orm import Session

from cac.audit.models import AuditEntry, AuditSeal
from storage.prepared import prepared
from web.access import Principal

SEAL_BATCH = 500
GENESIS = "0" * 64

_ENTRY: Table = AuditEntry.__table__  # type: ignore[assignment]
_SEAL: Table = AuditSeal.__table__  # type: ignore[assignment]
_APPEND = prepared(insert(_ENTRY))
_LAST_SEAL = select(_SEAL.c.entry_id, _SEAL.c.hash).order_by(_SEAL.c.entry_id.desc()).limit(1)


def record(session: Session, *, principal: Principal, action: str, subject: str, detail: str, now: datetime) -> None:
    """Note that `principal` did `action` to `subject`. Never put a password, key or full document number in `detail`."""
    values = {
        "at": now,
        "principal": principal.key,
        "name": principal.name,
        "role": principal.role,
        "action": action,
        "subject": subject,
        "detail": detail,
    }
    _APPEND(session, values)


def seal(session: Session) -> int:
    """Chain the entries not yet sealed, oldest first; returns how many. One sealer runs at a time."""
    last = session.execute(_LAST_SEAL).first()
    previous = last.hash if last else GENESIS
    pending = select(_ENTRY).where(_ENTRY.c.id > (last.entry_id if last else 0)).order_by(_ENTRY.c.id).limit(SEAL_BATCH)
    rows = []
    for entry in session.execute(pending):
        previous = chained(previous, entry)
        rows.append({"entry_id": entry.id, "hash": previous})
    if rows:
        session.execute(insert(_SEAL), rows)
    return len(rows)


def chained(previous: str, entry: Row) -> str:
    """The hash of `entry` after `previous`."""
    values = [
        entry.id,
        entry.at.isoformat(),
        entry.principal,
        entry.name,
        entry.role,
        entry.action,
        entry.subject,
        entry.detail,
    ]
    content = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256((previous + content).encode()).hexdigest()


def verify(session: Session) -> dict[str, int | None]:
    """Walk the chain: `{sealed, unsealed, broken_at}`; `broken_at` is the first entry whose hash does not fit."""
    previous, sealed, broken_at = GENESIS, 0, None
    pairs = select(_ENTRY, _SEAL.c.hash).outerjoin(_SEAL, _SEAL.c.entry_id == _ENTRY.c.id).order_by(_ENTRY.c.id)
    unsealed = 0
    for entry in session.execute(pairs).yield_per(1_000):
        if entry.hash is None:
            unsealed += 1
            continue
        previous = chained(previous, entry)
        if (entry.hash != previous or unsealed) and broken_at is None:
            broken_at = entry.id
        sealed += 1
    return {"sealed": sealed, "unsealed": unsealed, "broken_at": broken_at}
