"""The writer: what it promises to each caller, on both databases. Run again under gevent by test_store_under_gevent.py."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import gevent
import pytest
from gevent import monkey
from sqlalchemy import event, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm.exc import DetachedInstanceError

from storage import NestedWrite, NotSaved, OutcomeUnknown, Overloaded, Stopped, Store, after_commit, engine
from storage import store as spine
from storage.idempotency import OtherContent, once
from tests.storage.miniature import (
    UNDER_GEVENT,
    Counter,
    Full,
    Sala,
    Ticket,
    busy,
    issue,
    issue_orm,
    kill_backend,
    reply,
    until,
)

NOW = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)


def test_core_and_orm_verbs_commit_and_are_read_at_once(place):
    assert place.store.write(issue) == 1 and place.count() == 1
    ticket = place.store.write(issue_orm)
    assert ticket.number == 2 and place.count() == 2
    with pytest.raises(DetachedInstanceError):
        _ = ticket.sala  # a lazy relation must not load outside the writer


def test_a_bad_verb_undoes_only_itself_and_tells_only_its_caller(place):
    def late_duplicate(session):
        issue(session)
        session.add(Ticket(sala_id=1, number=1))  # found by the flush after the verb returned

    def leaves(session):
        issue(session)
        raise SystemExit(3)

    got = place.together(issue, lambda s: issue(s, fail=Full()), issue, late_duplicate, issue, leaves, issue)
    assert [got[0], got[2], got[4], got[6]] == [1, 2, 3, 4]
    assert [type(got[1]), type(got[3]), type(got[5])] == [Full, IntegrityError, SystemExit]
    assert place.count() == 4


def test_a_verb_never_sees_rows_of_another_verb_stale(place):
    got = place.together(issue_orm, issue, issue_orm)
    assert [got[0].number, got[1], got[2].number] == [1, 2, 3]


def test_effects_run_after_the_commit_and_only_then(place):
    seen, done = [], threading.Event()

    def announced(session, fail=None):
        number = issue(session)
        after_commit(session, lambda: seen.append((number, place.count())))
        if fail:
            raise fail

    place.together(announced, lambda s: announced(s, Full()), announced)
    place.store.write(lambda session: after_commit(session, done.set))
    assert done.wait(30) and seen == [(1, 2), (2, 2)]


def test_a_failing_effect_harms_nobody(place):
    done = threading.Event()
    place.store.write(lambda session: after_commit(session, lambda: 1 / 0))
    place.store.write(lambda session: after_commit(session, done.set))
    assert done.wait(30)


def test_a_write_inside_a_verb_or_effect_is_refused(place):
    refused, tried = [], threading.Event()

    def inside(session):
        place.store.write(issue)

    def effect():
        try:
            place.store.write(issue)
        except NestedWrite:
            refused.append(1)
        tried.set()

    got = place.together(inside, lambda session: after_commit(session, effect), issue)
    assert isinstance(got[0], NestedWrite) and got[2] == 1
    assert tried.wait(30) and refused == [1]


def test_a_deferred_constraint_at_commit_fails_only_its_verb(place):
    seen = []

    def orphan(session):
        session.execute(insert(Ticket).values(sala_id=99, number=1_000_000))
        after_commit(session, seen.append, "lie")

    got = place.together(issue, orphan, issue)
    time.sleep(0.1)
    assert got[0] == 1 and got[2] == 2 and isinstance(got[1], IntegrityError | NotSaved)
    assert place.count() == 2 and not seen


def test_a_commit_that_fails_fails_every_caller_and_runs_no_effect(place):
    seen = []

    def announced(session):
        after_commit(session, seen.append, "lie")
        number = issue(session)
        session.execute(update(Sala).values(name="x" * 40))
        return number

    refuse, expected = (full_disk, NotSaved) if place.sqlite else (cut_at_commit, OutcomeUnknown)
    assert all(isinstance(one, expected) for one in refuse(place, announced))
    time.sleep(0.1)
    assert not seen and place.count() == 0
    assert place.store.write(announced) == 1 and place.count() == 1


def full_disk(place, verb):
    size = os.path.getsize(place.path + "-wal")  # the WAL may not grow
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 4096, before[1]))
    try:
        return place.together(verb, verb, verb)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def cut_at_commit(place, verb):
    def cut(connection):
        kill_backend(place, connection)

    event.listen(place.store._write_engine, "commit", cut)
    with ThreadPoolExecutor(3) as threads:
        got = [one.exception() for one in [threads.submit(place.store.write, verb) for _ in range(3)]]
    event.remove(place.store._write_engine, "commit", cut)
    return got


def test_a_lost_transaction_harms_only_its_verb(place, monkeypatch):
    """SQLite: an interrupted INSERT, RAISE(ROLLBACK); PostgreSQL: a statement timeout, a killed connection."""
    monkeypatch.setattr(spine, "VERB_S", 0.3)
    place.reopen()
    if place.sqlite:
        slow = text(
            "insert into ticket(sala_id, number) with recursive r(x) as (select 1000 union all select x + 1 from r)"
            " select 1, x from r"
        )
        trap = text("create temp trigger no before update on main.sala begin select raise(rollback, 'no'); end")

        def lost(session):
            issue(session)
            session.execute(trap)
            session.execute(update(Sala).values(name="y"))
    else:
        slow = text("select pg_sleep(5)")

        def lost(session):
            issue(session)
            kill_backend(place, session.connection())
            issue(session)

    def too_slow(session):
        issue(session)
        session.execute(slow)

    got = place.together(issue, too_slow, issue, lost, issue)
    assert [got[0], got[2], got[4]] == [1, 2, 3]
    assert isinstance(got[1], DBAPIError) and isinstance(got[3], DBAPIError)
    assert place.count() == 3


def test_a_busy_database_is_an_error_and_not_a_hang(place, monkeypatch):
    monkeypatch.setattr(engine, "BUSY_S", 0.2)
    monkeypatch.setattr(spine, "VERB_S", 0.2)
    place.reopen()
    other = place.open()
    with busy(other, lambda session: session.scalar(select(Counter.last))), pytest.raises(NotSaved):
        place.store.write(issue)
    other.close()
    assert place.store.write(issue) == 1


def test_waiting_for_another_process_is_not_the_time_of_the_verb(place, monkeypatch):
    monkeypatch.setattr(spine, "VERB_S", 0.2)
    place.reopen()
    other = place.open()
    with ThreadPoolExecutor(1) as thread:
        with busy(other, issue):
            waits = thread.submit(place.store.write, issue)
            with pytest.raises(TimeoutError):
                waits.exception(timeout=2 * spine.VERB_S)
        assert waits.result() == 2
    other.close()


def test_the_queue_has_a_limit_and_a_caller_may_withdraw(place, monkeypatch):
    with monkeypatch.context() as limits:
        limits.setattr(spine, "MAX_WAITING", 5)
        got = place.together(*[issue] * 8)
    assert got[:5] == [1, 2, 3, 4, 5] and all(isinstance(one, Overloaded) for one in got[5:])
    with monkeypatch.context() as limits:
        limits.setattr(spine, "WAIT_S", 0.02)
        got = place.together(issue, outwaited=True)
    assert isinstance(got[0], Overloaded) and place.store.write(issue) == 6


def test_closing_finishes_what_waits_and_refuses_the_rest(place, monkeypatch):
    monkeypatch.setattr(spine, "WAIT_S", 600.0)  # a disk that stalls makes nobody withdraw
    with ThreadPoolExecutor(202) as threads:
        with busy(place.store, issue):
            asked = [threads.submit(place.store.write, issue) for _ in range(200)]
            until(lambda: place.store.waiting == len(asked))
            closes = threads.submit(place.store.close)
            until(lambda: not place.store.alive)
            late = threads.submit(place.store.write, issue).exception()
        closes.result()
    assert isinstance(late, Stopped) and str(late) == "the writer is closed"
    assert sorted(one.result() for one in asked) == list(range(2, len(asked) + 2))
    place.store = place.open()
    assert place.count() == len(asked) + 1
    place.store.close()
    with pytest.raises(Stopped):
        place.store.write(issue)


def test_a_dead_writer_leaves_nobody_waiting(place, monkeypatch):
    def dies(function, args):
        raise MemoryError

    monkeypatch.setattr(threading, "excepthook", lambda *_: None)
    store = Store(place.url, run=dies)
    for expected in (OutcomeUnknown, Stopped):
        with pytest.raises(expected):
            store.write(issue)
    store.close()


def test_readers_cannot_write_do_not_wait_and_keep_their_snapshot(place):
    place.store.write(issue)
    with place.store.read() as session:
        with pytest.raises(DBAPIError):
            session.execute(update(Sala).values(name="z"))
        session.rollback()
        session.add(Sala(id=2, name="b"))
        with pytest.raises(DBAPIError):
            session.flush()
    with place.store.read() as session:
        with busy(place.store, issue):
            assert place.count() == 1  # the writer is inside its transaction
            before = session.scalar(select(func.count()).select_from(Ticket))
        assert before == session.scalar(select(func.count()).select_from(Ticket)) == 1  # one snapshot a session
    assert place.count() == 2


def test_the_same_key_twice_runs_the_verb_once(place):
    def ask(key, content="r", fail=None):
        asked = {"scope": "s", "key": key, "request_hash": content, "now": NOW, "kwargs": {"fail": fail}}
        return lambda session: once(session, reply, verb=numbered, **asked)

    def numbered(session, fail):
        return {"number": issue(session, fail=fail)}

    got = place.together(ask("k1"), ask("k1"), ask("k2", fail=Full()), ask("k2"), ask("k1", "another"))
    assert got[0] == got[1] == {"number": 1} and isinstance(got[2], Full) and got[3] == {"number": 2}
    assert isinstance(got[4], OtherContent)
    assert place.store.write(ask("k1")) == {"number": 1} and place.count() == 2
    other = place.open()  # as another process would
    with ThreadPoolExecutor(16) as threads:
        got = list(threads.map(lambda i: (place.store, other)[i % 2].write(ask(f"both{i // 4}")), range(64)))
    other.close()
    assert all(got[i] == got[i - i % 4] for i in range(64)) and place.count() == 18


def test_two_processes_issue_without_gap_or_duplicate(place):
    command = [sys.executable, "-m", "tests.storage.issue_many", place.url, *["--gevent"] * UNDER_GEVENT]
    children = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
    numbers = sorted(number for child in children for number in json.loads(child.communicate()[0]))
    assert numbers == list(range(1, 2 * 8 * 40 + 1)) and place.count() == len(numbers)


def test_the_loop_goes_on_while_the_writer_works(place):
    if not (UNDER_GEVENT and place.sqlite):
        return  # plain threads have no loop to hold up, and psycopg waits cooperatively
    ticks, stop = [], []

    def tick():
        while not stop:
            ticks.append(True)
            gevent.sleep(0.001)

    def works(session):
        """Until the loop has gone on; a loop that were held up would never do it."""
        before = len(ticks)
        for _ in range(30_000):
            if len(ticks) > before + 5:
                return True
            monkey.get_original("time", "sleep")(0.001)
        return False

    ticker = gevent.spawn(tick)
    assert place.store.write(works)
    stop.append(True)
    ticker.join()
    from_native = gevent.get_hub().threadpool.apply(place.store.write, (issue,))
    assert from_native == 1


def test_the_text_of_a_database_error_has_no_value_of_anybody(store):
    with store.read() as session, pytest.raises(DBAPIError) as error:
        session.execute(text("SELECT no_such_column WHERE :document = :document"), {"document": "10117410"})
    assert "10117410" not in str(error.value)
