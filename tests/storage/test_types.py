"""Column types mean the same on both databases, and refuse what is ambiguous."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, insert, select
from sqlalchemy.exc import StatementError

from core.clock import LIMA
from storage.types import Day, UtcDateTime

metadata = MetaData()
visit = Table("visit", metadata, Column("id", Integer, primary_key=True), Column("at", UtcDateTime), Column("on", Day))

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=LIMA)


@pytest.fixture
def schema():
    return metadata


def test_an_instant_comes_back_aware_in_utc_to_the_microsecond(store):
    at = NOON + timedelta(microseconds=120)
    store.write(lambda s: s.execute(insert(visit).values(id=1, at=at, on=NOON.date())) and None)
    with store.read() as session:
        row = session.execute(select(visit)).one()
    assert row.at == at and row.at.tzinfo is UTC
    assert row.on == date(2026, 11, 20)


def test_instants_written_in_different_zones_sort_by_instant(store):
    def keep(session):
        session.execute(insert(visit).values(id=1, at=NOON))
        session.execute(insert(visit).values(id=2, at=NOON.astimezone(UTC) - timedelta(minutes=1)))

    store.write(keep)
    with store.read() as session:
        assert session.scalars(select(visit.c.id).order_by(visit.c.at)).all() == [2, 1]
        assert session.scalars(select(visit.c.id).where(visit.c.at < NOON)).all() == [2]


def test_a_naive_instant_is_refused(store):
    with pytest.raises(StatementError, match="naive"):
        store.write(lambda s: s.execute(insert(visit).values(id=1, at=datetime(2026, 1, 1))))  # noqa: DTZ001


def test_an_instant_is_not_a_day(store):
    with pytest.raises(StatementError, match="not a day"):
        store.write(lambda s: s.execute(insert(visit).values(id=1, on=NOON)))
