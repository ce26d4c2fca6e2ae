"""A prepared statement does and says exactly what SQLAlchemy's own execution does."""

from __future__ import annotations

import enum
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import JSON, Boolean, Column, Integer, MetaData, String, Table, bindparam, func, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from storage.prepared import prepared
from storage.types import Day, UtcDateTime
from tests.storage.miniature import Counter, Ticket, issue, kill_backend

metadata = MetaData()
visit = Table(
    "visit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("code", String(10), unique=True, nullable=False),
    Column("at", UtcDateTime),
    Column("on", Day),
    Column("done", Boolean, nullable=False, default=False),
    Column("why", JSON),
)
NOW = datetime(2026, 11, 20, 13, 0, 0, 120, tzinfo=UTC)
VALUES = {"code": "A-001", "at": NOW, "on": date(2026, 11, 20), "why": {"policy": "ñ", "n": [1, None]}}

ADD = prepared(insert(visit).returning(visit.c.id))
ALL = prepared(select(visit).order_by(visit.c.id))
OF = prepared(
    select(visit.c.code, func.count().label("n")).where(visit.c.code.in_(["A-001", "B-001"])).group_by(visit.c.code)
)
FINISH = prepared(update(visit).where(visit.c.code == bindparam("of_code")).values(done=True, why=bindparam("new_why")))


class TestValues:
    @pytest.fixture
    def schema(self):
        return metadata

    def test_values_come_back_as_sqlalchemy_gives_them(self, store):
        first = store.write(lambda s: ADD(s, VALUES).scalar_one())
        with store.read() as session:
            plain, ours = session.execute(select(visit)).one(), ALL(session).first()
        assert tuple(plain) == tuple(ours) and ours.id == first and ours.at.tzinfo is UTC and ours.done is False
        assert ours.why == VALUES["why"]

    def test_lists_updates_and_counts(self, store):
        store.write(lambda s: ADD(s, VALUES) and None)
        assert store.write(lambda s: FINISH(s, {"of_code": "A-001", "new_why": None}).rowcount) == 1
        assert store.write(lambda s: FINISH(s, {"of_code": "Z", "new_why": None}).rowcount) == 0
        with store.read() as session:
            assert [tuple(row) for row in OF(session)] == [("A-001", 1)]
            assert ALL(session).first().done is True

    def test_text_values_of_an_enumeration_are_kept_as_text(self, store):
        class State(enum.StrEnum):
            OPEN = "abierto"

        store.write(lambda s: ADD(s, VALUES | {"code": State.OPEN}) and None)
        with store.read() as session:
            assert ALL(session).first().code == "abierto"

    def test_a_repeated_value_is_sqlalchemys_integrity_error(self, store):
        store.write(lambda s: ADD(s, VALUES) and None)
        with pytest.raises(IntegrityError):
            store.write(lambda s: ADD(s, VALUES) and None)

    def test_a_missing_value_is_a_bug_told_at_once(self, store):
        with pytest.raises(AssertionError, match="new_why"):
            store.write(lambda s: FINISH(s, {"of_code": "A-001"}) and None)


COUNT = prepared(
    update(Counter).where(Counter.series == bindparam("of")).values(last=Counter.last + 1).returning(Counter.last)
)
PUT = prepared(insert(Ticket.__table__))


def issue_prepared(session):
    last = COUNT(session, {"of": "A"}).scalar_one()
    PUT(session, {"sala_id": 1, "number": last})
    return last


def test_what_the_session_holds_is_written_first(place):
    def both(session):
        session.add(Ticket(sala_id=1, number=7))
        return prepared(select(func.count()).select_from(Ticket))(session).scalar()

    assert place.store.write(both) == 1


def test_a_bad_verb_undoes_only_itself(place):
    def twice(session):
        issue_prepared(session)
        PUT(session, {"sala_id": 1, "number": 1})

    got = place.together(issue_prepared, twice, issue, issue_prepared)
    assert [got[0], got[2], got[3]] == [1, 2, 3] and isinstance(got[1], IntegrityError)
    assert place.count() == 3


def test_a_link_lost_inside_a_verb_harms_only_that_verb(place):
    if place.sqlite:
        return

    def lost(session):
        issue_prepared(session)
        kill_backend(place, session.connection())
        issue_prepared(session)

    got = place.together(issue_prepared, lost, issue_prepared)
    assert [got[0], got[2]] == [1, 2] and isinstance(got[1], DBAPIError)
    assert place.count() == 2
