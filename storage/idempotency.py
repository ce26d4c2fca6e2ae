"""A POST repeated with the same Idempotency-Key gets the first answer: the reply is a row of the verb's own transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Column, Delete, MetaData, String, Table, Text, bindparam, delete, insert, select
from sqlalchemy.orm import Session

from core.errors import Conflict
from storage.prepared import Prepared, prepared
from storage.types import UtcDateTime

KEPT = timedelta(hours=48)
MAX_PURGED = 5_000  # rows one purge deletes, so that it never holds the writer

_as_json = json.JSONEncoder(ensure_ascii=False).encode


class OtherContent(Conflict):
    code, title = "idempotencia.otro_contenido", "La clave ya se usó con otro contenido"
    detail = "Esa clave de envío ya se usó con otro contenido. Envíe de nuevo con una clave nueva."


def reply_table(metadata: MetaData) -> Table:
    """The table of answers given, to be declared once in each database's metadata."""
    return Table(
        "reply",
        metadata,
        Column("scope", String(200), primary_key=True),  # principal, method, route, path ids
        Column("key", String(200), primary_key=True),
        Column("request_hash", String(64), nullable=False),
        Column("answer", Text, nullable=False),
        Column("kept_at", UtcDateTime, nullable=False, index=True),
    )


@dataclass(frozen=True, slots=True)
class _Statements:
    held: Prepared
    keep: Prepared
    purge: Delete


@cache
def _statements(table: Table) -> _Statements:
    named = (table.c.scope == bindparam("scope"), table.c.key == bindparam("key"))
    old = select(table.c.scope, table.c.key).where(table.c.kept_at < bindparam("before")).limit(MAX_PURGED).subquery()
    return _Statements(
        held=prepared(select(table.c.request_hash, table.c.answer).where(*named)),
        keep=prepared(insert(table)),
        purge=delete(table).where(
            select(old.c.key).where(old.c.scope == table.c.scope, old.c.key == table.c.key).exists()
        ),
    )


def once(
    session: Session,
    table: Table,
    *,
    scope: str,
    key: str,
    request_hash: str,
    now: datetime,
    verb: Callable[..., Any],
    args: tuple[Any, ...] = (),
    kwargs: Mapping[str, Any] | None = None,
) -> Any:
    """The verb's answer, plain JSON data, the first time and every time after. Raises OtherContent.

    A verb that raises, or returns None ("nothing to do"), leaves no reply: its repetition is tried again. Verbs of all
    processes run one after another, so looking before inserting is enough: two at once with one key get one answer."""
    sql = _statements(table)
    held = sql.held(session, {"scope": scope, "key": key}).first()
    if held is not None:
        if held.request_hash != request_hash:
            raise OtherContent()
        return json.loads(held.answer)
    value = verb(session, *args, **(kwargs or {}))
    if value is None:
        return None
    answer = _as_json(value)
    row = {"scope": scope, "key": key, "request_hash": request_hash, "answer": answer, "kept_at": now}
    sql.keep(session, row)
    return json.loads(answer)


def purge(session: Session, table: Table, *, now: datetime) -> int:
    """Forget answers older than 48 h, some thousands at a time; returns how many."""
    done: Any = session.execute(_statements(table).purge, {"before": now - KEPT})
    return int(done.rowcount)
