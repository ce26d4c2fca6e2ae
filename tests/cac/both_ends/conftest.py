from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from apiflask import APIFlask

from core import clock
from storage import Store
from tests.both_ends import Town
from tests.cac.cabinas import tupa
from web.settings import Settings

__all__ = ["tupa"]


@pytest.fixture(autouse=True)
def true_hour() -> Iterator[None]:
    """A test that moves the process clock leaves it as it was."""
    yield
    clock.set_start(datetime.now(clock.UTC))


@pytest.fixture
def town(app: APIFlask, tupa: None, store: Store, settings: Settings, tmp_path: Path) -> Iterator[Town]:
    """A centre and C01, whose PCs a test pairs."""
    town = Town(app, store, settings, tmp_path)
    town.convene("C01")
    yield town
    town.close()
