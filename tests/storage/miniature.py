"""A queue in miniature: enough tables to try the writer on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import gevent.threadpool
import psycopg
from gevent import monkey
from sqlalchemy import ForeignKey, String, func, insert, select, update
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

from storage import Store
from storage.idempotency import reply_table
from storage.leases import lease_table

UNDER_GEVENT = monkey.is_module_patched("threading")


class Base(DeclarativeBase):
    pass


class Sala(Base):
    __tablename__ = "sala"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    tickets: Mapped[list[Ticket]] = relationship(back_populates="sala")


class Ticket(Base):
    __tablename__ = "ticket"
    id: Mapped[int] = mapped_column(primary_key=True)
    sala_id: Mapped[int] = mapped_column(ForeignKey("sala.id", deferrable=True, initially="DEFERRED"))
    number: Mapped[int] = mapped_column(unique=True)
    sala: Mapped[Sala] = relationship(back_populates="tickets")


class Counter(Base):
    __tablename__ = "counter"
    series: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]


reply = reply_table(Base.metadata)
lease = lease_table(Base.metadata)


class Full(Exception):
    """A domain error."""


def issue(session: Session, series: str = "A", *, fail: Exception | None = None) -> int:
    """The hot path: a number without gaps, then its ticket."""
    one_more = update(Counter).where(Counter.series == series).values(last=Counter.last + 1).returning(Counter.last)
    last = session.execute(one_more).scalar_one()
    session.execute(insert(Ticket).values(sala_id=1, number=last))
    if fail:
        raise fail
    return last


def issue_orm(session: Session, series: str = "A") -> Ticket:
    counter = session.get_one(Counter, series)
    counter.last += 1
    ticket = Ticket(sala_id=1, number=counter.last)
    session.add(ticket)
    session.flush()
    return ticket


def prepare(session: Session) -> None:
    session.add(Sala(id=1, name="principal"))
    session.add(Counter(series="A", last=0))


def kill_backend(place: Place, connection: Any) -> None:
    """Cut the link of `connection` at PostgreSQL's end."""
    pid = connection.connection.dbapi_connection.info.backend_pid
    with psycopg.connect(place.url.replace("+psycopg", ""), autocommit=True) as link:
        link.execute("select pg_terminate_backend(%s)", (pid,))
    time.sleep(0.05)


def until(condition: Callable[[], Any], *, within_s: float = 30.0) -> None:
    """Polls: an event of gevent's does not cross into the writer's native thread."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.002)


@contextmanager
def busy(store: Store, verb: Callable[[Session], Any] = lambda session: None) -> Iterator[None]:
    """The store's writer is inside `verb` for as long as this lasts."""
    inside: list[bool] = []
    over: list[bool] = []

    def hold(session: Session) -> Any:
        result = verb(session)
        inside.append(True)
        until(lambda: over)
        return result

    with ThreadPoolExecutor(1) as thread:
        held = thread.submit(store.write, hold)
        until(lambda: inside or held.done())
        try:
            yield
        finally:
            over.append(True)
            held.result()


class Place:
    """One database and a store on it; `together` puts verbs into one batch."""

    def __init__(self, url: str):
        self.url, self.sqlite = url, url.startswith("sqlite")
        self.path = url.removeprefix("sqlite:///")
        self.store = self.open()
        self.store.write(prepare)

    def open(self, **kw: Any) -> Store:
        if UNDER_GEVENT and self.sqlite:
            kw.setdefault("run", gevent.threadpool.ThreadPool(1).apply)
        return Store(self.url, **kw)

    def reopen(self) -> None:
        """A new store, for limits that are read when one is made."""
        self.store.close()
        self.store = self.open()

    def together(self, *verbs: Callable[[Session], Any], outwaited: bool = False) -> list[Any]:
        """What each verb returned or raised, all of them queued in order while the writer was busy.

        `outwaited`: it stays busy until every caller has withdrawn."""
        with ThreadPoolExecutor(len(verbs)) as threads, busy(self.store):
            asked = []
            for place, verb in enumerate(verbs, 1):
                asked.append(threads.submit(self.store.write, verb))
                until(lambda place=place: self.store.waiting == place or asked[-1].done())
            until(lambda: not outwaited or all(one.done() for one in asked))
        return [one.exception() or one.result() for one in asked]

    def count(self, what: type[Base] = Ticket) -> int:
        with self.store.read() as session:
            return session.execute(select(func.count()).select_from(what)).scalar_one()
