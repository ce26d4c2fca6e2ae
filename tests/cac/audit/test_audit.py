"""The log only grows, and its seals say whether anybody touched it."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from cac.access.actions import SYSTEM
from cac.audit import actions
from cac.audit.models import ReadEntry
from cac.audit.reads import ReadLog
from core.clock import now_utc
from storage import Store


def note(session, number: int) -> None:
    actions.record(session, principal=SYSTEM, action="prueba", subject=f"cosa:{number}", detail="ñandú", now=now_utc())


def verified(store: Store) -> dict:
    with store.read() as session:
        return actions.verify(session)


def test_sealed_entries_verify_and_the_unsealed_tail_is_counted(store: Store):
    for number in range(3):
        store.write(note, number)
    assert store.write(actions.seal) == 3
    store.write(note, 4)
    assert verified(store) == {"sealed": 3, "unsealed": 1, "broken_at": None}


@pytest.mark.parametrize("sql", ["UPDATE audit_entry SET detail = 'x'", "DELETE FROM audit_entry"])
def test_an_entry_can_be_neither_changed_nor_deleted(store: Store, sql: str):
    store.write(note, 1)
    with pytest.raises(DBAPIError):
        store.write(lambda session: session.execute(text(sql)))


def test_an_entry_changed_behind_the_programs_back_is_found(store: Store):
    for number in range(3):
        store.write(note, number)
    store.write(actions.seal)

    def tamper(session) -> None:
        off = "DROP TRIGGER audit_entry_keep" + (" ON audit_entry" if session.bind.dialect.name == "postgresql" else "")
        session.execute(text(off))
        session.execute(text("UPDATE audit_entry SET detail = 'otra cosa' WHERE id = 2"))

    store.write(tamper)
    assert verified(store)["broken_at"] == 2


def test_a_look_at_personal_data_is_written_once_by_the_next_flush(store: Store):
    reads = ReadLog(store)
    reads.note(SYSTEM, "expediente:7", now=now_utc())
    assert (reads.flush(), reads.flush()) == (1, 0)
    with store.read() as session:
        assert session.scalars(select(ReadEntry.subject)).all() == ["expediente:7"]
