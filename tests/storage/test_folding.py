"""A server's WAL is folded into the database beside the writer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlcipher3 import dbapi2 as sqlcipher

from storage import Store, folding, spent_s
from tests.storage.miniature import Place, until

TEXT = "x" * 50_000  # a dozen pages
WRITES = 20  # far from the limit at which SQLite folds by itself
MAKE, ADD = "CREATE TABLE paper (id INTEGER PRIMARY KEY, data TEXT)", "INSERT INTO paper (data) VALUES (:data)"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "served.db"


@contextmanager
def serving(path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{path}", fold=lambda function, args: function(*args))
    try:
        store.write(lambda session: session.execute(text(MAKE)) and None)
        yield store
    finally:
        store.close()


def add(store: Store) -> None:
    store.write(lambda session: session.execute(text(ADD), {"data": TEXT}) and None)


def rows(store: Store) -> int:
    with store.read() as session:
        return session.execute(text("SELECT count(*) FROM paper")).scalar_one()


def test_what_is_committed_reaches_the_database_itself_without_the_writer(path: Path, monkeypatch):
    monkeypatch.setattr(folding, "FOLD_PAGES", 50)
    with serving(path) as store:
        for _ in range(WRITES):
            add(store)
        until(lambda: path.stat().st_size > WRITES // 2 * len(TEXT))
        limit = store.write(lambda session: session.execute(text("PRAGMA wal_autocheckpoint")).scalar_one())
        assert limit == folding.GUARD_PAGES, "the writer would do it only when nobody else can"
        assert rows(store) == WRITES


def test_a_store_that_is_no_server_folds_as_sqlite_does(path: Path):
    store = Store(f"sqlite:///{path}")
    try:
        assert store.write(lambda session: session.execute(text("PRAGMA wal_autocheckpoint")).scalar_one()) == 1_000
    finally:
        store.close()


def test_who_cannot_fold_stops_no_write(path: Path, monkeypatch):
    tries: list[bool] = []

    def full(_self: folding.Folding) -> None:
        tries.append(True)
        raise sqlcipher.OperationalError("database or disk is full")

    monkeypatch.setattr(folding.Folding, "_open", full)
    with serving(path) as store:
        add(store)
        until(lambda: tries)
        add(store)
        assert rows(store) == 2


def test_a_verb_knows_what_its_transaction_has_cost_so_far(place: Place):
    def slow(_session: object) -> None:
        time.sleep(0.02)

    assert place.together(slow, spent_s)[1] >= 0.02
    with place.store.read() as session:
        assert spent_s(session) == 0
