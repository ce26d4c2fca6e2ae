"""Bring a database to the schema this version of the program expects."""

from __future__ import annotations

from pathlib import Path

from alembic import command, context
from alembic.config import Config
from sqlalchemy import Connection, Engine, MetaData, inspect

from core.errors import Conflict
from storage.engine import open_engines

SCHEMA_S = 600.0  # a migration may rewrite a large table


def upgrade(url: str, migrations_dir: Path | str, *, metadata: MetaData, key: str | None = None) -> None:
    """Run the migrations in `migrations_dir` that `url` has not had yet.

    While the directory has no migration the schema is made from `metadata`."""
    engines = open_engines(url, key=key, statement_s=SCHEMA_S, too_late=lambda: False)
    try:
        _upgrade(engines[0], Path(migrations_dir), metadata)
    finally:
        for engine in engines:
            engine.dispose()


def _upgrade(engine: Engine, migrations_dir: Path, metadata: MetaData) -> None:
    with engine.begin() as connection:
        if not any((migrations_dir / "versions").glob("*.py")):
            metadata.create_all(connection)
            return
        config = _config(migrations_dir, connection, metadata)
        tables = inspect(connection).get_table_names()
        if tables and "alembic_version" not in tables:
            raise SchemaUnknown()
        command.upgrade(config, "head")


class SchemaUnknown(Conflict):
    """The database has tables that no migration of ours made."""

    code, title = "datos.esquema_desconocido", "Base de datos desconocida"
    detail = "La base de datos tiene tablas que este programa no creó. Indique otra, o una carpeta de datos vacía."


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
