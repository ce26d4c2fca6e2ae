"""What all tests share: databases, stores, servers. One good set, so that no test makes its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import MetaData

from storage import Store
from tests.databases import Databases


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    databases = Databases(tmp_path_factory.mktemp("databases"))
    yield databases
    databases.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, databases: Databases, schema: MetaData) -> Iterator[str]:
    """A new database with the tables of `schema`, once on SQLite and once on PostgreSQL."""
    url = databases.fresh(request.param, schema)
    yield url
    databases.drop(url)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A store on a database of the test's own, once on SQLite and once on PostgreSQL."""
    store = Store(database_url)
    yield store
    store.close()
