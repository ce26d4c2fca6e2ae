"""The database itself refuses to change what only grows."""

from __future__ import annotations

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, delete, insert, text, update
from sqlalchemy.exc import DBAPIError

from storage import append_only

metadata = MetaData()
entry = append_only(Table("entry", metadata, Column("id", Integer, primary_key=True), Column("centimos", Integer)))
sealed = append_only(
    Table("sealed", metadata, Column("id", Integer, primary_key=True), Column("what", String), Column("seal", String)),
    set_once=("seal",),
)


@pytest.fixture
def schema():
    return metadata


@pytest.fixture
def filled(store):
    def fill(session):
        session.execute(insert(entry).values(id=1, centimos=1100))
        session.execute(insert(sealed).values(id=1, what="call"))

    store.write(fill)
    return store


@pytest.mark.parametrize("change", [update(entry).values(centimos=0), delete(entry), update(sealed).values(what="x")])
def test_a_row_is_neither_changed_nor_deleted(filled, change):
    with pytest.raises(DBAPIError, match="only grows"):
        filled.write(lambda session: session.execute(change) and None)


def test_replacing_a_row_is_deleting_it(filled):
    if filled.dialect == "sqlite":
        with pytest.raises(DBAPIError, match="only grows"):
            filled.write(lambda s: s.execute(text("INSERT OR REPLACE INTO entry VALUES (1, 0)")) and None)
    else:
        with pytest.raises(DBAPIError, match="only grows"):
            filled.write(lambda s: s.execute(text("TRUNCATE entry")) and None)


def test_a_seal_is_put_on_once(filled):
    filled.write(lambda s: s.execute(update(sealed).values(seal="h1")) and None)
    with pytest.raises(DBAPIError, match="only grows"):
        filled.write(lambda s: s.execute(update(sealed).values(seal="h2")) and None)
