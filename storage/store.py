"""One writer with group commit, and read-only sessions that never wait for it.

    store = Store("sqlite:////data/cac.db")                              # plain threads: CLI, tests, cabin; PostgreSQL
    store = Store(url, run=gevent.threadpool.ThreadPool(1).apply)        # SQLite under gevent: a native thread of its own
    store = Store(url, fold=gevent.threadpool.ThreadPool(1).apply, ...)  # a server: another one folds SQLite's WAL
    ticket = store.write(desk.issue, "A", now=now)                       # durable when it returns
    with store.read() as session: ...                                    # a snapshot; opened after a write, it sees it

An error of a verb, found at once or by a late flush, undoes only that verb; so do an interrupted statement, a lost link and a
deferred constraint that fails at COMMIT. A full disk or a link cut at COMMIT tells every caller and runs no effect."""

from __future__ import annotations

import logging
import math
import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from queue import Queue
from time import monotonic, thread_time
from typing import Any, TypeVar

from sqlalchemy import Connection, event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from storage.engine import open_engines
from storage.errors import NestedWrite, NotSaved, OutcomeUnknown, Overloaded, Stopped
from storage.folding import GUARD_PAGES, Folding
from storage.prepared import by_driver
from storage.remembered import Memory

MAX_WAITING = 1_000  # writes queued; the next caller gets Overloaded at once
MAX_BATCH = 128  # verbs in one transaction
BATCH_S = 0.050  # a batch that has run this long commits; what is left of it goes first in the next
VERB_S = 2.0  # processor time of a verb (SQLite: waiting for a turn is not work), time of a statement (PostgreSQL)
WAIT_S = 10.0  # time in the queue, after which a caller withdraws
LONG_COMMIT_S = 0.010  # one that took longer was an accident of the disk
MAX_EFFECTS = 10_000  # effects waiting to run; beyond it the writer waits for them

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")


class _TransactionLost(Exception):
    """All of a transaction is gone, not one savepoint; nothing was kept. `culprit`: the one not worth another try."""

    def __init__(self, culprit: _Write | None = None):
        self.culprit = culprit


class _Write:
    """One caller's verb on its way through the queue, and what came of it."""

    __slots__ = ("_done", "answered", "effects", "error", "result", "taken", "verb", "withdrawn")

    def __init__(self, verb: Callable[[Session], Any]):
        self.verb = verb
        self.taken = self.withdrawn = self.answered = False  # the first two change under the store's lock
        self._done = threading.Lock()
        self._done.acquire()
        self.fails_with(NotSaved())

    def fails_with(self, error: BaseException) -> None:
        self.result: Any = None
        self.error: BaseException | None = error
        self.effects: list[Callable[[], object]] = []

    def succeeds_with(self, result: Any, effects: list[Callable[[], object]]) -> None:
        self.result, self.error, self.effects = result, None, effects

    def answer(self) -> None:
        if not self.answered:
            self.answered = True
            self._done.release()

    def wait(self, seconds: float = -1) -> bool:
        """Until it is answered, once; false when it took longer."""
        return self._done.acquire(timeout=seconds)


def after_commit(session: Session, effect: Callable[..., object], *args: object) -> None:
    """Run `effect(*args)` once this verb is durable and its caller answered; forgotten if the verb is undone."""
    session.info["effects"].append(partial(effect, *args))


def spent_s(session: Session) -> float:
    """Seconds that a verb's transaction costs everybody who waits so far: others had their turn in it before, and the COMMIT will
    take what the last ones took. 0 outside the writer."""
    since: float | None = session.info.get("counts_from")
    return 0.0 if since is None else monotonic() - since


def directly(function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    """In the thread that asks."""
    return function(*args)


class Store:
    """The only door of a process to its database. `run(function, args)` says in which thread the writer's SQL runs; `fold`, in which
    SQLite's WAL is folded back (see `storage.folding`): without it each commit that passes the limit does it."""

    def __init__(
        self,
        url: str,
        key: str | None = None,
        run: Callable[..., Any] = directly,
        fold: Callable[..., Any] | None = None,
    ):
        self.url = url
        self._run, self._deadline = run, math.inf  # deadline of the verb now running, by its thread's processor time
        self._commit_s = 0.0  # what a COMMIT takes on this disk, of the last ones
        self._counts_from = monotonic()  # when the transaction began that now runs, its COMMIT taken as done
        self._waiting: deque[_Write] = deque()
        self._lock, self._wake, self._closed = threading.Lock(), threading.Event(), False
        self._effects: Queue[Callable[[], object] | None] = Queue(MAX_EFFECTS)
        self._no_write_in: dict[str, int] = {}  # threads or greenlets in which a write would wait for itself
        engines = open_engines(url, key=key, statement_s=VERB_S, too_late=lambda: thread_time() > self._deadline)
        self._write_engine, self._read_engine = engines
        self._memory = Memory(self._write_engine)
        self._folding: Folding | None = None
        if fold is not None and self.dialect == "sqlite":
            event.listen(self._write_engine, "connect", _leave_folding)
            self._folding = Folding(url, key, fold)
        loops = {"store-writer": self._write_loop, "store-effects": self._effect_loop}
        self._threads = [threading.Thread(target=loop, name=name, daemon=True) for name, loop in loops.items()]
        for thread in self._threads:
            thread.start()

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._read_engine.dialect.name

    @property
    def alive(self) -> bool:
        """Whether the writer takes work: false once closed or dead."""
        return not self._closed

    @property
    def waiting(self) -> int:
        """Writes in the queue now."""
        return len(self._waiting)

    def write(self, verb: Callable[..., Answer], /, *args: Any, **kw: Any) -> Answer:
        """Run `verb(session, *args, **kw)`; returns its result once durable, raises what it raised or a StoreError.

        A verb may be run again when its batch fails: it takes plain data, changes none of it and does no other I/O.
        It returns plain values or rows whose columns are loaded: they come back detached."""
        if threading.get_ident() in self._no_write_in.values():
            raise NestedWrite(verb)
        write = _Write(lambda session: verb(session, *args, **kw))
        with self._lock:
            if self._closed:
                raise Stopped("the writer is closed")
            if len(self._waiting) >= MAX_WAITING:
                raise Overloaded(f"{MAX_WAITING} writes wait")
            self._waiting.append(write)
        self._wake.set()
        if not write.wait(WAIT_S):
            with self._lock:
                write.withdrawn = not write.taken
            if write.withdrawn:
                raise Overloaded(f"waited {WAIT_S} s")
            write.wait()  # it already runs: only its true outcome is an answer
        if write.error:
            raise write.error
        answer: Answer = write.result
        return answer

    def read(self) -> Session:
        """A read-only session, for `with`; its snapshot is taken by the first query.

        Close it before a write (it would show the past) and before a slow answer (the WAL cannot be reused meanwhile)."""
        return Session(self._read_engine, autoflush=False)

    def close(self) -> None:
        """Refuse new writes, finish those that wait and their effects, then disconnect."""
        with self._lock:
            self._closed = True
        self._wake.set()
        for thread in self._threads:
            thread.join()
        if self._folding is not None:
            self._folding.close()
        self._write_engine.dispose()
        self._read_engine.dispose()

    def _write_loop(self) -> None:
        batch: list[_Write] = []
        try:
            while batch := self._next_batch():
                done = self._run(self._commit_or_isolate, (batch,))
                self._waiting.extendleft(reversed(batch[done:]))
                for write in batch[:done]:  # here, not where the batch ran: gevent's locks stay in one thread
                    write.answer()
                if self._folding is not None:
                    self._folding.committed()
                for effect in [effect for write in batch[:done] for effect in write.effects]:
                    self._effects.put(effect)
        finally:  # closed, or a bug of ours: nobody waits for ever
            with self._lock:
                self._closed = True
            for writes, error in ((batch, OutcomeUnknown), (self._waiting, Stopped)):
                for write in writes:
                    write.fails_with(error("the writer died"))
                    write.answer()
            self._effects.put(None)

    def _next_batch(self) -> list[_Write]:
        """Those that wait, oldest first; waits for one; empty when closed and drained."""
        batch: list[_Write] = []
        while not batch:
            if self._closed and not self._waiting:  # in this order: nothing is added once closed
                return []
            if not self._waiting:
                self._wake.wait()
            self._wake.clear()
            with self._lock:
                while self._waiting and len(batch) < MAX_BATCH:
                    write = self._waiting.popleft()
                    if not write.withdrawn:
                        write.taken = True
                        batch.append(write)
        return batch

    def _commit_or_isolate(self, batch: list[_Write]) -> int:
        """Commit the batch together; if all of it is lost, one by one, so that a bad verb harms only itself."""
        try:
            return self._commit_together(batch)
        except _TransactionLost as lost:
            for write in (write for write in batch if write is not lost.culprit):
                try:
                    self._commit_together([write])
                except _TransactionLost as again:
                    write.fails_with(again.__cause__ or NotSaved())
            return len(batch)

    def _commit_together(self, batch: list[_Write]) -> int:
        """One transaction, a savepoint each, one COMMIT; returns how many verbs it ran. Raises _TransactionLost."""
        commit_at, done, committing = monotonic() + BATCH_S, 0, False
        try:
            with self._write_engine.begin() as connection:
                self._counts_from = monotonic() - self._commit_s
                while done < len(batch) and (done == 0 or monotonic() < commit_at):
                    self._run_verb(connection, batch[done])
                    done += 1
                committing, ends = True, monotonic()
            self._commit_s += (min(monotonic() - ends, LONG_COMMIT_S) - self._commit_s) / 8
            return done
        except _TransactionLost:  # its verb failed: the memory is empty
            raise
        except Exception as error:  # of BEGIN or COMMIT; the writer must survive it
            self._memory.forget()
            if committing and isinstance(error, IntegrityError):  # some verb's deferred constraint, nobody knows whose
                raise _TransactionLost from error
            unknown = committing and getattr(error, "connection_invalidated", True)
            log.error("a batch of %d was not committed: %s", len(batch), error)
            for write in batch:  # one exception each: shared, their tracebacks would mix
                write.fails_with(OutcomeUnknown(str(error)) if unknown else NotSaved(str(error)))
            return len(batch)

    def _run_verb(self, connection: Connection, write: _Write) -> None:
        """One verb in its savepoint and a session of its own: shared, rows of one verb would be stale in the next.

        The savepoint is the driver's; SQLAlchemy begins a second one inside it for the verb that needs more than prepared statements."""
        info = {"effects": [], "connection": connection, "memory": self._memory, "counts_from": self._counts_from}
        session = Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False, info=info)
        self._no_write_in["verb"], self._deadline = threading.get_ident(), thread_time() + VERB_S
        try:
            by_driver(connection, "SAVEPOINT verb")
            result = write.verb(session)
            if session.in_transaction():
                session.commit()  # flush; durable only with the batch
            by_driver(connection, "RELEASE SAVEPOINT verb")
            write.succeeds_with(result, session.info["effects"])
        except BaseException as error:  # even SystemExit is its caller's, not the writer's
            write.fails_with(error)
        finally:
            self._no_write_in["verb"], self._deadline = 0, math.inf
        try:
            if session.in_transaction() or session.identity_map:
                session.close()
            if write.error:
                by_driver(connection, "ROLLBACK TO SAVEPOINT verb")
                by_driver(connection, "RELEASE SAVEPOINT verb")
        except Exception:
            log.debug("the savepoint is gone: is the transaction?", exc_info=True)
        if write.error:
            self._memory.forget()  # it may have read what it had written itself
            _raise_if_lost(connection, write)

    def _effect_loop(self) -> None:
        self._no_write_in["effects"] = threading.get_ident()
        while effect := self._effects.get():
            try:
                effect()
            except Exception:
                log.exception("effect failed: %r", effect)


def _leave_folding(link: Any, _record: object) -> None:
    link.execute(f"PRAGMA wal_autocheckpoint = {GUARD_PAGES}")


def _raise_if_lost(connection: Connection, write: _Write) -> None:
    """Did the verb's error take the whole transaction with it?"""
    sqlstate = getattr(getattr(write.error, "orig", None), "sqlstate", None) or ""
    if connection.invalidated or sqlstate.startswith("40"):
        raise _TransactionLost from write.error  # link lost or deadlock: worth another try
    if not getattr(connection.connection.dbapi_connection, "in_transaction", True):
        # SQLite undoes everything, savepoints too, on an interrupted write, a full disk or RAISE(ROLLBACK). Going on
        # would run the next verbs outside any transaction, where RELEASE commits each by itself.
        raise _TransactionLost(write) from write.error
