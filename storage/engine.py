"""The two engines of a store: one that writes, with a single connection, and one that only reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlcipher3 import dbapi2 as sqlcipher

from storage.remembered import CHANGES_NOTHING

BUSY_S = 5.0  # wait for another process that writes
READERS = 32  # connections kept for reading
_NO_CHANGE = {CHANGES_NOTHING: True}
PG_WRITER = 0x43414377  # any constant: one writer a database, as on SQLite; without it two processes' batches deadlock


def open_engines(
    url: str, *, key: str | None, statement_s: float, too_late: Callable[[], bool]
) -> tuple[Engine, Engine]:
    """The writing and the reading engine of `url`.

    `too_late()` is asked while SQLite works for the writer and interrupts it; PostgreSQL keeps `statement_s` by itself."""
    return _sqlite(url, key, too_late) if url.startswith("sqlite") else _postgres(url, statement_s)


def unlock(link: Any, key: str | None) -> None:
    """The first thing that a connection of the driver does; without a key the file is not ciphered."""
    if key:
        link.execute("PRAGMA key = '{}'".format(key.replace("'", "''")))


def _sqlite(url: str, key: str | None, too_late: Callable[[], bool]) -> tuple[Engine, Engine]:
    def engine(begin: str, *pragmas: str, **pool: int) -> Engine:
        made = create_engine(
            url,
            module=sqlcipher,
            connect_args={"check_same_thread": False, "timeout": BUSY_S},
            hide_parameters=True,  # an error's text goes to the log, and a person's document must not
            **pool,
        )

        @event.listens_for(made, "connect")
        def prepare(connection: Any, _record: object) -> None:
            connection.isolation_level = None  # the driver begins nothing by itself: we do, below
            unlock(connection, key)
            # recursive_triggers: else INSERT OR REPLACE would delete a row of an append-only table unseen.
            for pragma in (
                "journal_mode = WAL",
                "synchronous = FULL",
                "foreign_keys = ON",
                "recursive_triggers = ON",
                *pragmas,
            ):
                connection.execute(f"PRAGMA {pragma}")
            if begin == "BEGIN IMMEDIATE":
                connection.set_progress_handler(too_late, 10_000)

        # Without a BEGIN of ours the first SAVEPOINT opens the transaction, and its RELEASE commits before the batch does.
        event.listen(made, "begin", lambda connection: connection.exec_driver_sql(begin, execution_options=_NO_CHANGE))
        return made

    # SQLite cannot upgrade a stale read lock; IMMEDIATE takes the write lock first, so two processes wait, not fail.
    write = engine("BEGIN IMMEDIATE", pool_size=1, max_overflow=0)
    _savepoints_by_driver(write)
    return write, engine("BEGIN", "query_only = ON", pool_size=READERS)


def _postgres(url: str, statement_s: float) -> tuple[Engine, Engine]:
    def engine(*settings: str, **pool: int) -> Engine:
        options = " ".join(f"-c {setting}" for setting in settings)
        link = {"options": options, "connect_timeout": 5}
        return create_engine(url, pool_pre_ping=True, hide_parameters=True, connect_args=link, **pool)

    write = engine(f"statement_timeout={BUSY_S * 1000:.0f}", pool_size=1, max_overflow=0)
    # waiting for another process is not the verb's time: its own limit begins once the lock is held
    lock = f"SELECT pg_advisory_xact_lock({PG_WRITER}); SET LOCAL statement_timeout = {statement_s * 1000:.0f}"
    event.listen(write, "begin", lambda link: link.connection.dbapi_connection.execute(lock, prepare=False))
    _savepoints_by_driver(write)
    read_only = ("default_transaction_read_only=on", r"default_transaction_isolation=repeatable\ read")
    return write, engine(*read_only, pool_size=READERS)


def _savepoints_by_driver(engine: Engine) -> None:
    """SQLAlchemy compiles each savepoint statement anew: 60 us a verb, where the driver needs 3."""

    def by_driver(sql: str) -> Callable[[Any, str], None]:
        return lambda connection, name: connection.connection.dbapi_connection.execute(f"{sql} {name}")

    dialect: Any = engine.dialect
    dialect.do_savepoint = by_driver("SAVEPOINT")
    dialect.do_release_savepoint = by_driver("RELEASE SAVEPOINT")
    dialect.do_rollback_to_savepoint = by_driver("ROLLBACK TO SAVEPOINT")
