"""Statements of the verbs everybody waits for, compiled once a database and run by the driver itself.

SQLAlchemy's execution costs 60-80 us a statement, the driver's 10; a ticket takes ten. The statement, its types and its
errors stay SQLAlchemy's.

    _COUNT = prepared(update(counter).where(...).values(...).returning(counter.c.last))
    last = _COUNT(session, {"of_series": "A"}).scalar()"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect, Executable
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler

Convert = Callable[[Any], Any] | None


class Rows:
    """What a prepared statement found, read once and kept: named tuples, with SQLAlchemy's names for reading them."""

    __slots__ = ("_rows", "rowcount")

    def __init__(self, rows: list[Any], rowcount: int):
        self._rows, self.rowcount = rows, rowcount

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def all(self) -> list[Any]:
        return self._rows

    def first(self) -> Any:
        """The first row, or None."""
        return self._rows[0] if self._rows else None

    def scalar(self) -> Any:
        """The first column of the first row, or None."""
        return self._rows[0][0] if self._rows else None

    def scalar_one(self) -> Any:
        """The first column of the only row."""
        (row,) = self._rows
        return row[0]


class Prepared:
    """A statement whose values come by name; every column of an INSERT that has no scalar default is given."""

    __slots__ = ("_compiled", "_statement", "_writes")

    def __init__(self, statement: Executable, *, unremembered: bool):
        self._statement = statement
        self._compiled: dict[tuple[str, tuple[str, ...]], _Compiled] = {}
        self._writes: str | None = None if unremembered else _written(statement)

    def __call__(self, session: Session, values: Mapping[str, Any] | None = None) -> Rows:
        """Run in `session`'s transaction. Raises what SQLAlchemy would."""
        values = values or {}
        connection, compiled = self._ready(session, tuple(values))
        return compiled.run(connection, values)

    def many(self, session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run once for each of `rows`, which have the same names; one trip to a server. What it returns is not read."""
        if rows:
            connection, compiled = self._ready(session, tuple(rows[0]))
            compiled.run_many(connection, rows)

    def _ready(self, session: Session, names: tuple[str, ...]) -> tuple[Connection, _Compiled]:
        session.flush()
        connection: Connection = session.info.get("connection") or session.connection()
        key = (connection.dialect.name, names)
        compiled = self._compiled.get(key)
        if compiled is None:
            compiled = self._compiled[key] = _Compiled(self._statement, connection.dialect, names)
        if self._writes is not None and "memory" in session.info:
            session.info["memory"].forget_table(self._writes)
        return connection, compiled


def prepared(statement: Executable, *, unremembered: bool = False) -> Prepared:
    """`unremembered`: it writes columns that nobody remembers (see `storage.remembered`) in a table of which others are."""
    return Prepared(statement, unremembered=unremembered)


def _written(statement: Any) -> str | None:
    """The table it changes, by name; None for a SELECT."""
    return str(statement.table.name) if statement.is_dml else None


class _Compiled:
    """One statement for one database and one set of names."""

    def __init__(self, statement: Executable, dialect: Dialect, names: tuple[str, ...]):
        options: dict[str, Any] = {"compile_kwargs": {"render_postcompile": True}, "column_keys": list(names)}
        made: Any = statement.compile(dialect=dialect, **options)  # type: ignore[attr-defined]
        assert isinstance(made, SQLCompiler)
        self.sql = made.string
        scalars: list[Any] = [column for column in made.insert_prefetch if column.default and column.default.is_scalar]
        defaults = {column.key: column.default.arg for column in scalars}
        fixed: dict[str, Any] = {}
        given: dict[str, tuple[str, Convert]] = {}  # by name in the statement: the value's name, its conversion
        for bind, name in made.bind_names.items():
            convert = bind.type.dialect_impl(dialect).bind_processor(dialect)
            if bind.key in names:
                given[name] = (bind.key, convert)
                continue
            assert bind.key in defaults or not bind.required, f"{bind.key} is not given: {self.sql}"
            value = defaults.get(bind.key, bind.effective_value)
            fixed[name] = convert(value) if convert else value
        for name, value in made.params.items():
            fixed.setdefault(name, value)  # what render_postcompile made of lists
        order = list(made.positiontup or ()) if made.positional else [*given, *(fixed.keys() - given.keys())]
        self._names = None if made.positional else order
        self._order: list[
            tuple[str | None, Convert, Any]
        ] = [  # of each parameter: its value's name, or the value itself
            (*given[name], None) if name in given else (None, None, fixed[name]) for name in order
        ]
        columns = made._result_columns
        names_found = [entry.keyname for entry in columns]
        self._row: Any = namedtuple("Row", names_found, rename=True) if columns else None
        converts = [entry.type.dialect_impl(dialect).result_processor(dialect, None) for entry in columns]
        self._converts: list[tuple[int, Callable[[Any], Any]]] = [
            (place, convert) for place, convert in enumerate(converts) if convert
        ]

    def parameters(self, values: Mapping[str, Any]) -> Any:
        """What the driver is given for these values."""
        bound = [
            fixed if key is None else convert(values[key]) if convert else values[key]
            for key, convert, fixed in self._order
        ]
        return bound if self._names is None else dict(zip(self._names, bound, strict=True))

    def run(self, connection: Connection, values: Mapping[str, Any]) -> Rows:
        parameters = self.parameters(values)
        link: Any = connection.connection.dbapi_connection
        try:
            cursor = link.execute(self.sql, parameters)
            found = cursor.fetchall() if cursor.description else []
        except connection.dialect.loaded_dbapi.Error as error:
            raise _told(connection, error, self.sql, parameters) from error
        return Rows([self._made(row) for row in found] if self._row else [], cursor.rowcount)

    def run_many(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        parameters = [self.parameters(row) for row in rows]
        link: Any = connection.connection.dbapi_connection
        try:
            link.cursor().executemany(self.sql, parameters)
        except connection.dialect.loaded_dbapi.Error as error:
            raise _told(connection, error, self.sql, parameters) from error

    def _made(self, row: Any) -> Any:
        if self._converts:
            row = list(row)
            for place, convert in self._converts:
                row[place] = convert(row[place])
        return self._row._make(row)


def by_driver(connection: Connection, sql: str) -> None:
    """A statement without values or rows, run by the driver. Raises what SQLAlchemy would."""
    link: Any = connection.connection.dbapi_connection
    try:
        link.execute(sql)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _told(connection, error, sql, ()) from error


def _told(connection: Connection, error: Exception, sql: str, parameters: Any) -> Exception:
    """The driver's error as SQLAlchemy tells it; a lost link is noted on the connection as SQLAlchemy would."""
    dialect = connection.dialect
    lost = dialect.is_disconnect(error, connection.connection.dbapi_connection, None)  # type: ignore[arg-type]
    if lost:
        connection.invalidate(error)
    base: Any = dialect.loaded_dbapi.Error
    return DBAPIError.instance(sql, parameters, error, base, connection_invalidated=lost, dialect=dialect)
