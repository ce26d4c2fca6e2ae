"""A centre whose birth certificate costs S/ 48.47, and two cashiers. Imported by this folder's conftest and tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cac.access.actions import SYSTEM
from cac.expedientes.actions import lapse_observed
from cac.paper import actions as paper
from cac.tupa.actions import import_tupa
from core.clock import now_utc
from storage import Store
from tests.cac.counter import TUPA, at

__all__ = ["at", "cashier", "file", "lapsed", "receipt_printer", "second", "tupa"]

FEE = 4847
COUNT_4840 = {"2000": 2, "500": 1, "200": 1, "100": 1, "20": 2}
NELIDA = {"document_type": "DNI", "document_number": "10117410", "name": "Nélida Chuquimango Soto"}


def _dearer(entry: Any) -> Any:
    if entry.tramite.code != "RC-01":
        return entry
    return replace(entry, tramite=replace(entry.tramite, fee_centimos=FEE))


@pytest.fixture(autouse=True)
def tupa(store: Store) -> None:
    # a version of its own: an entry is named for ever by its version and code, and remembered so
    changed = replace(TUPA, version=f"{TUPA.version}-cara", entries=tuple(_dearer(entry) for entry in TUPA.entries))
    store.write(import_tupa, changed, principal=SYSTEM, now=datetime(2025, 1, 2, 15, 0, tzinfo=UTC))


@pytest.fixture
def cashier(caller: Callable[..., Any], at: Callable[..., None]) -> Any:
    """A clerk's program, on Friday 20 November 2026 at 10:46."""
    at(2026, 11, 20, 10, 46)
    return caller("ventanilla")


@pytest.fixture
def second(caller: Callable[..., Any]) -> Any:
    return caller("ventanilla")


@pytest.fixture
def receipt_printer(store: Store, tmp_path: Path) -> None:
    now = now_utc()
    store.write(paper.add_printer, name="caja", url=f"folder://{tmp_path}/papel", principal=SYSTEM, now=now)
    store.write(paper.route_papers, purpose="recibos", sala=None, printer="caja", principal=SYSTEM, now=now)


def file(desk: Any, method: str = "efectivo", **changed: Any) -> str:
    """The number of a case just filed and paid."""
    body = {"tramite": "RC-01", "applicant": NELIDA, "subject": "Partida", "sheets": 2, "missing": []}
    answer = desk.post("/expedientes", body | {"payment": {"method": method}} | changed)
    assert answer.status_code == 201, answer.json
    return str(answer.json["number"])


def lapsed(desk: Any, store: Store, at: Callable[..., None], method: str = "efectivo") -> str:
    """A case paid and observed on Friday 20 and not cured by Tuesday 24: its fee is ordered back on Wednesday 25."""
    number = file(desk, method, missing=["1"])
    at(2026, 11, 25, 8, 0)
    assert store.write(lapse_observed, now=now_utc()) == [number]
    return number
