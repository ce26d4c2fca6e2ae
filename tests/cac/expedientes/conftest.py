"""A centre with its TUPA, and filings to make at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import func, select

from cac.access.actions import SYSTEM
from cac.tupa.actions import import_tupa
from core import clock
from core.clock import LIMA
from intake.tupa import parse_tupa
from storage import Store

TUPA = parse_tupa(Path("data/tupa.json").read_text(encoding="utf-8"))
NELIDA = {"document_type": "DNI", "document_number": "10117410", "name": "Nélida Chuquimango Soto"}


@pytest.fixture(autouse=True)
def _tupa(store: Store) -> None:
    store.write(import_tupa, TUPA, principal=SYSTEM, now=datetime(2025, 1, 2, 15, 0, tzinfo=UTC))


@pytest.fixture
def at() -> Iterator[Callable[..., None]]:
    """`at(2026, 11, 20, 10)`: the process clock starts there, in Lima."""

    def start(*moment: int) -> None:
        clock.set_start(datetime(*moment, tzinfo=LIMA))  # type: ignore[misc]

    yield start
    clock.set_start(datetime.now(UTC))


@pytest.fixture
def desk(caller: Callable[..., Any], at: Callable[..., None], app: APIFlask) -> Any:
    """A clerk's program, on Friday 20 November 2026 at 10:46."""
    at(2026, 11, 20, 10, 46)
    return caller("ventanilla")


def filing(tramite: str = "RC-01", **changed: Any) -> dict[str, Any]:
    """A complete request for `tramite`, paid in cash."""
    plain = {"tramite": tramite, "applicant": NELIDA, "subject": "Partida de mi hija", "sheets": 12, "missing": []}
    fee = next(entry.tramite.fee_centimos for entry in TUPA.entries if entry.tramite.code == tramite)
    return plain | ({"payment": {"method": "efectivo"}} if fee else {}) | changed


@contextmanager
def counted(store: Store, model: Any) -> Iterator[Callable[[], int]]:
    """How many rows of `model` were added inside."""

    def rows() -> int:
        with store.read() as session:
            return session.scalar(select(func.count()).select_from(model)) or 0

    before = rows()
    yield lambda: rows() - before
