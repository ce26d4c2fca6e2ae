"""Tables that only grow: the database itself refuses to change or delete their rows."""

from __future__ import annotations

from typing import cast

from sqlalchemy import DDL, FromClause, Table, event


def append_only(table: FromClause, *, set_once: tuple[str, ...] = ()) -> Table:
    """Refuse UPDATE and DELETE on `table`, on both databases; returns it.

    `set_once` columns may go from NULL to a value, once (a seal put on later)."""
    table = cast(Table, table)  # what `Model.__table__` is
    for dialect in ("sqlite", "postgresql"):
        for statement in append_only_sql(table, dialect=dialect, set_once=set_once):
            ddl = DDL(statement.replace("%", "%%"))
            event.listen(table, "after_create", ddl.execute_if(dialect=dialect))
    return table


def append_only_sql(table: Table, *, dialect: str, set_once: tuple[str, ...] = ()) -> list[str]:
    """The statements `append_only` runs after CREATE TABLE; a migration runs them itself."""
    name, refusal = table.name, f"{table.name} only grows"
    same = "IS NOT" if dialect == "sqlite" else "IS DISTINCT FROM"
    changed = " OR ".join(
        [f'old."{c.name}" {same} new."{c.name}"' for c in table.columns if c.name not in set_once]
        + [f'(old."{c}" IS NOT NULL AND old."{c}" {same} new."{c}")' for c in set_once]
    )
    when = f"WHEN ({changed})" if set_once else ""
    if dialect == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
        return [
            f'CREATE TRIGGER "{name}_keep" BEFORE UPDATE ON "{name}" {when} {refuse}',
            f'CREATE TRIGGER "{name}_hold" BEFORE DELETE ON "{name}" {refuse}',
        ]
    function = f'"{name}_only_grows"()'
    body = f"BEGIN RAISE EXCEPTION '{refusal}' USING ERRCODE = 'restrict_violation'; END"
    return [
        f"CREATE OR REPLACE FUNCTION {function} RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$",
        f'CREATE TRIGGER "{name}_keep" BEFORE UPDATE ON "{name}" FOR EACH ROW {when} EXECUTE FUNCTION {function}',
        f'CREATE TRIGGER "{name}_hold" BEFORE DELETE ON "{name}" FOR EACH ROW EXECUTE FUNCTION {function}',
        f'CREATE TRIGGER "{name}_stay" BEFORE TRUNCATE ON "{name}" EXECUTE FUNCTION {function}',
    ]
