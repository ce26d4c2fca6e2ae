"""Storage is tried on a queue in miniature."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import MetaData

from tests.storage.miniature import Base, Place


@pytest.fixture
def schema() -> MetaData:
    return Base.metadata


@pytest.fixture
def place(database_url: str) -> Iterator[Place]:
    place = Place(database_url)
    yield place
    place.store.close()
