"""What the writer knows by heart is never older than the database."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from storage import Store
from storage.prepared import prepared
from storage.remembered import remembered
from tests.storage.miniature import Full, Sala, Ticket, issue

reads: list[int] = []
_NAME = select(Sala.__table__.c.name).where(Sala.__table__.c.id == bindparam("sala"))
RENAME = update(Sala.__table__).where(Sala.__table__.c.id == 1).values(name=bindparam("new"))
RENAME_PREPARED = prepared(RENAME)
RENAME_UNSEEN = prepared(RENAME, unremembered=True)
ADD_TICKET = prepared(insert(Ticket.__table__))


@remembered(Sala.__table__)
def name_of(session: Session, sala: int) -> str:
    reads.append(sala)
    return str(session.execute(_NAME, {"sala": sala}).scalar_one())


def known(session: Session) -> str:
    return name_of(session, 1)


def rename(session: Session, name: str) -> str:
    session.execute(RENAME, {"new": name})
    return name_of(session, 1)


@pytest.fixture(autouse=True)
def no_reads():
    reads.clear()


@pytest.fixture
def batch(place, monkeypatch):
    """Runs verbs in one transaction, in this order, however slow the machine: what each returned or raised."""
    monkeypatch.setattr("storage.store.BATCH_S", 60.0)
    monkeypatch.setattr("storage.store.WAIT_S", 60.0)
    held = threading.Event()

    def hold(session: Session, count: int) -> None:
        held.set()
        until(lambda: place.store.waiting == count)

    def run(*verbs):
        with ThreadPoolExecutor(len(verbs) + 1) as threads:
            gate = threads.submit(place.store.write, hold, len(verbs))
            assert held.wait(60)
            asked = []
            for number, verb in enumerate(verbs, 1):
                asked.append(threads.submit(place.store.write, verb))
                until(lambda: place.store.waiting >= number or gate.done())  # noqa: B023 - used at once
            gate.result()
            return [one.exception() or one.result() for one in asked]

    return run


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def test_a_batch_reads_once_and_a_reader_outside_the_writer_each_time(place, batch):
    assert batch(known, known, known) == ["principal"] * 3
    assert len(reads) == 1
    with place.store.read() as session:
        assert [name_of(session, 1), name_of(session, 1)] == ["principal"] * 2
    assert len(reads) == 3


def test_on_sqlite_it_is_known_from_one_transaction_to_the_next(place):
    for _ in range(3):
        place.store.write(known)
    assert len(reads) == (1 if place.store.dialect == "sqlite" else 3)


@pytest.mark.parametrize(
    "change",
    [
        lambda session: session.execute(RENAME, {"new": "norte"}),
        lambda session: RENAME_PREPARED(session, {"new": "norte"}),
        lambda session: setattr(session.get(Sala, 1), "name", "norte"),
    ],
    ids=["by core", "by a prepared statement", "by an object"],
)
def test_who_changes_the_table_makes_it_read_again_in_its_own_verb_and_after(batch, change):
    def changed(session: Session) -> str:
        before = name_of(session, 1)
        change(session)
        return before + name_of(session, 1)

    assert batch(known, changed, known) == ["principal", "principalnorte", "norte"]


def test_a_prepared_statement_of_another_table_or_of_unremembered_columns_changes_nothing(batch):
    def others(session: Session) -> str:
        ADD_TICKET(session, {"sala_id": 1, "number": 70})
        RENAME_UNSEEN(session, {"new": "norte"})
        return name_of(session, 1)

    assert batch(known, others, known) == ["principal"] * 3
    assert len(reads) == 1


def test_what_a_failed_verb_had_written_is_not_known(batch):
    def fails(session: Session) -> None:
        rename(session, "nadie")
        raise Full()

    got = batch(known, fails, known, issue)
    assert isinstance(got[1], Full) and [got[0], got[2], got[3]] == ["principal", "principal", 1]


def test_what_a_lost_batch_had_written_is_not_known(place, batch):
    def lost(session: Session) -> str:
        named = rename(session, "nadie")
        session.execute(insert(Ticket).values(sala_id=99, number=99))  # refused by its deferred constraint, at COMMIT
        return named

    got = batch(known, lost, known)
    assert isinstance(got[1], Exception) and [got[0], got[2]] == ["principal", "principal"]
    assert place.store.write(known) == "principal"


def test_what_another_process_commits_is_known_to_the_next_transaction(place):
    assert place.store.write(known) == "principal"
    other = Store(place.store.url)
    other.write(rename, "norte")
    assert place.store.write(known) == "norte"
    other.close()
