"""What the writer knows by heart: reads of the set-up, the same for every verb until somebody changes it.

    @remembered(SALA, SERVICE)
    def service_of(session, letter): ...

A verb that finds it known runs no statement. Anything that writes one of the tables makes the writer forget: a prepared
statement those read from its table, any other statement everything, and so does a verb that fails or a batch that is lost.
What another process commits is noticed when the next transaction begins. Reads outside the writer remember nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, FromClause, event
from sqlalchemy.orm import Session

CHANGES_NOTHING = "changes_nothing"  # execution option of a statement of ours that is no SELECT and writes no row
MAX_KNOWN = 10_000  # answers; beyond it all are forgotten

Read = TypeVar("Read", bound=Callable[..., Any])


class Memory:
    """The answers known to the writer of `engine`. Its transactions are undone by nobody but the store, who then says `forget`."""

    def __init__(self, engine: Engine) -> None:
        self._known: dict[tuple[Any, ...], Any] = {}
        self._of_table: dict[str, set[tuple[Any, ...]]] = {}
        self._version: int | None = None
        event.listen(engine, "connect", lambda _link, _record: self.forget())
        event.listen(engine, "begin", self._begun)
        event.listen(engine, "before_cursor_execute", self._executed)

    def recall(self, key: tuple[Any, ...], tables: tuple[str, ...], read: Callable[[], Any]) -> Any:
        if key in self._known:
            return self._known[key]
        answer = read()
        if len(self._known) >= MAX_KNOWN:
            self.forget()
        self._known[key] = answer
        for table in tables:
            self._of_table.setdefault(table, set()).add(key)
        return answer

    def forget(self) -> None:
        self._known.clear()
        self._of_table.clear()

    def forget_table(self, table: str) -> None:
        for key in self._of_table.pop(table, ()):
            self._known.pop(key, None)

    def _begun(self, link: Connection) -> None:
        """Has another connection committed since? SQLite tells cheaply, inside the transaction, so it stays true; PostgreSQL does not."""
        driver: Any = link.connection.dbapi_connection
        version = driver.execute("PRAGMA data_version").fetchone()[0] if link.dialect.name == "sqlite" else None
        if version is None or version != self._version:
            self.forget()
        self._version = version

    def _executed(self, _link: Any, _cursor: Any, _sql: str, _values: Any, context: Any, _many: bool) -> None:
        """SQLAlchemy runs a statement for a verb: only after a SELECT is all still as it was."""
        reads = context.compiled is not None and not (context.is_crud or context.is_text)
        if not reads and not context.execution_options.get(CHANGES_NOTHING):
            self.forget()


def remembered(*tables: FromClause) -> Callable[[Read], Read]:
    """`read(session, *args)` of `tables`, kept by the writer; it answers with a value that nobody changes."""
    names = tuple(str(table.name) for table in tables)  # type: ignore[attr-defined]

    def mark(read: Read) -> Read:
        @wraps(read)
        def recall(session: Session, *args: Any) -> Any:
            memory: Memory | None = session.info.get("memory")
            if memory is None:
                return read(session, *args)
            session.flush()  # what this verb has changed itself and not yet said
            return memory.recall((read, *args), names, lambda: read(session, *args))

        return recall  # type: ignore[return-value]

    return mark
