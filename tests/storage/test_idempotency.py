"""Answers are kept for two days, and nothing is kept of what did nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from storage.idempotency import once, purge
from tests.storage.miniature import issue, reply

NOW = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)


def ask(place, key, verb, now=NOW):
    return place.store.write(once, reply, scope="s", key=key, request_hash="h", now=now, verb=verb)


def held(place):
    with place.store.read() as session:
        return session.scalar(select(func.count()).select_from(reply))


def test_nothing_to_do_leaves_no_reply(place):
    assert ask(place, "k", lambda session: None) is None
    assert ask(place, "k", issue) == 1


def test_answers_are_forgotten_after_48_hours(place):
    ask(place, "old", issue)
    ask(place, "new", issue, NOW + timedelta(hours=2))
    assert place.store.write(purge, reply, now=NOW + timedelta(hours=49)) == 1
    assert held(place) == 1
    assert ask(place, "new", issue) == 2
