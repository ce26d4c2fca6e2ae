"""What the migrations make is what the models say, on both databases, triggers and word index included."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, create_engine, inspect, text
from sqlalchemy.engine import Connection

import storage
from cabinas.base import Base as Till
from cabinas.serve import MIGRATIONS as TILL
from cac.app import create_app
from cac.base import Base as Centre
from cac.serve import MIGRATIONS as CENTRE
from storage.engine import open_engines
from storage.migrations import SchemaUnknown
from tests.databases import Databases

assert create_app  # its import brings every model of the centre

SCHEMAS = {"centre": (Centre.metadata, CENTRE), "till": (Till.metadata, TILL)}
BY_HAND = "expediente_search"  # the word index: no table of the metadata
TRIGGERS = {
    "sqlite": "SELECT tbl_name || ' ' || sql FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT event_object_table || ' ' || event_manipulation || ' ' || coalesce(action_condition, '') "
    "FROM information_schema.triggers",
}


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_migrations_make_what_the_models_say(databases: Databases, kind: str, name: str):
    metadata, migrations = SCHEMAS[name]
    migrated, modelled = databases.empty(kind), databases.fresh(kind, metadata)
    storage.upgrade(migrated, migrations, metadata=metadata)
    storage.upgrade(migrated, migrations, metadata=metadata)  # a second time changes nothing
    assert _looked_at(migrated, lambda connection: _differences(connection, metadata)) == []
    for ask in (_triggers, _indexes):
        assert _looked_at(migrated, ask) == _looked_at(modelled, ask)
    databases.drop(migrated)
    databases.drop(modelled)


def test_a_database_that_no_migration_made_is_left_alone(tmp_path: Path):
    url = f"sqlite:///{tmp_path}/otra.db"
    with create_engine(url).begin() as connection:
        connection.execute(text("CREATE TABLE cosas (id INTEGER)"))
    with pytest.raises(SchemaUnknown):
        storage.upgrade(url, CENTRE, metadata=Centre.metadata)


def _looked_at(url, ask):
    engines = open_engines(url, key=None, statement_s=60, too_late=lambda: False)
    try:
        with engines[1].connect() as connection:
            return ask(connection)
    finally:
        for engine in engines:
            engine.dispose()


def _differences(connection: Connection, metadata: MetaData) -> list:
    def ours(_object, name, _type, _reflected, _compared) -> bool:
        return not (name or "").startswith((BY_HAND, "alembic_version"))

    options = {"include_object": ours, "compare_type": False}
    return compare_metadata(MigrationContext.configure(connection, opts=options), metadata)


def _triggers(connection: Connection) -> set[str]:
    found = connection.exec_driver_sql(TRIGGERS[connection.dialect.name])
    return {" ".join(row[0].split()) for row in found}


def _indexes(connection: Connection) -> set[tuple]:
    look = inspect(connection)
    return {
        (table, index["name"], tuple(index["column_names"]), bool(index["unique"]))
        for table in look.get_table_names()
        if not table.startswith(("alembic_version", f"{BY_HAND}_"))
        for index in look.get_indexes(table)
    }
