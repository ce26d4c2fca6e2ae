"""A centre with its TUPA, and people at its desks who have only forms. Imported by the conftest of each folder."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cac.access.actions import SYSTEM
from cac.tupa.actions import import_tupa
from core import clock
from core.clock import LIMA
from intake.tupa import parse_tupa
from storage import Store

TUPA = parse_tupa(Path("data/tupa.json").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def tupa(store: Store) -> None:
    store.write(import_tupa, TUPA, principal=SYSTEM, now=datetime(2025, 1, 2, 15, 0, tzinfo=UTC))


@pytest.fixture
def at() -> Iterator[Callable[..., None]]:
    """`at(2026, 11, 20, 10)`: the process clock starts there, in Lima."""

    def start(*moment: int) -> None:
        clock.set_start(datetime(*moment, tzinfo=LIMA))  # type: ignore[misc]

    yield start
    clock.set_start(datetime.now(UTC))


@pytest.fixture
def clerk(person: Callable[..., Any], at: Callable[..., None]) -> Any:
    """A clerk on Friday 20 November 2026 at 10:46."""
    at(2026, 11, 20, 10, 46)
    return person("ventanilla", name="Luz T.")


def sheet(**changed: Any) -> dict[str, Any]:
    """LF-11 for a new person, complete, paid in cash."""
    typed = {
        "document_type": "DNI",
        "document_number": "10117410",
        "name": "Nélida Chuquimango Soto",
        "tramite": "LF-11",
        "requisito": ["1", "2", "3", "4", "5", "6"],
        "sheets": "18",
        "pago": "efectivo",
        "quantity": "1",
    }
    return typed | changed


def text_of(answer: Any) -> str:
    return html.unescape(answer.get_data(as_text=True))


def file_case(clerk: Any, **changed: Any) -> str:
    """The number of a case just filed on the sheet."""
    answer = clerk.post("/expedientes/nuevo", sheet(**changed))
    assert answer.status_code == 302, text_of(answer)
    return str(answer.location.split("/")[2])
