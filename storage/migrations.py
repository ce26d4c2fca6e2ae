"""Bring a database to the schema this version of the program expects."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command, context
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, inspect

from core.errors import Conflict
from storage.engine import open_engines

SCHEMA_S = 600.0  # a migration may rewrite a large table


def upgrade(url: str, migrations_dir: Path | str, *, metadata: MetaData, key: str | None = None) -> None:
    """Run the migrations in `migrations_dir` that `url` has not had yet.

    While the directory has no migration the schema is made from `metadata`. Raises SchemaUnknown, SchemaNewer."""
    with _migrating(url, key) as connection:
        if not any((Path(migrations_dir) / "versions").glob("*.py")):
            metadata.create_all(connection)
            return
        config = _config(Path(migrations_dir), connection, metadata)
        _check_known(connection, config)
        command.upgrade(config, "head")


def downgrade(
    url: str, migrations_dir: Path | str, *, metadata: MetaData, revision: str, key: str | None = None
) -> None:
    """Back to the schema of an earlier version, all in one transaction. Raises whatever a migration that cannot go back does."""
    with _migrating(url, key) as connection:
        command.downgrade(_config(Path(migrations_dir), connection, metadata), revision)


@contextmanager
def _migrating(url: str, key: str | None) -> Iterator[Connection]:
    """The one connection that migrates, in one transaction.

    SQLite changes a table by making it anew, and with foreign keys on dropping the old one would delete what names it: they are
    off meanwhile and looked through before the commit (sqlite.org/lang_altertable.html, 7)."""
    engines = open_engines(url, key=key, statement_s=SCHEMA_S, too_late=lambda: False)
    try:
        with engines[0].connect() as connection:
            sqlite = connection.dialect.name == "sqlite"
            if sqlite:
                connection.connection.cursor().execute("PRAGMA foreign_keys = OFF")
            with connection.begin():
                yield connection
                if sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                    raise SchemaBroken()
    finally:
        for engine in engines:
            engine.dispose()


def _check_known(connection: Connection, config: Config) -> None:
    tables = inspect(connection).get_table_names()
    if not tables:
        return
    if "alembic_version" not in tables:
        raise SchemaUnknown()
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if not set(MigrationContext.configure(connection).get_current_heads()) <= known:
        raise SchemaNewer()


class SchemaUnknown(Conflict):
    """The database has tables that no migration of ours made."""

    code, title = "datos.esquema_desconocido", "Base de datos desconocida"
    detail = "La base de datos tiene tablas que este programa no creó. Indique otra, o una carpeta de datos vacía."


class SchemaNewer(Conflict):
    """The database was migrated by a later version of the program."""

    code, title = "datos.esquema_posterior", "Base de datos de una versión posterior"
    detail = "La base de datos es de una versión posterior del programa. Use esa versión, o vuelva atrás desde ella."


class SchemaBroken(Conflict):
    """A migration left rows that name others that are not there. Nothing of it was kept."""

    code, title = "datos.migracion_incompleta", "La base de datos no se pudo migrar"
    detail = "La migración dejaba filas que nombran a otras que no están. La base quedó como estaba; avise a soporte."


def _config(migrations_dir: Path, connection: Connection, metadata: MetaData) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations_dir))
    config.attributes["connection"], config.attributes["metadata"] = connection, metadata
    return config


def run_environment() -> None:
    """All of an `env.py`: migrate over the connection that `upgrade` opened, in its transaction."""
    attributes = context.config.attributes
    context.configure(connection=attributes["connection"], target_metadata=attributes["metadata"], render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
