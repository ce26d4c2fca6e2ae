"""The demonstration's sala on a fresh database, and clerks with tokens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cac.desk import demo
from core.clock import now_utc
from storage import Store


@pytest.fixture
def sala(store: Store) -> str:
    store.write(demo.seed, now=now_utc())
    return "principal"


@pytest.fixture
def clerk(sala: str, caller: Callable[..., Any]) -> Any:
    return caller("ventanilla")


@pytest.fixture
def kiosk(sala: str, caller: Callable[..., Any]) -> Any:
    return caller("kiosko", sala=sala)


@pytest.fixture
def issue(kiosk: Any) -> Callable[..., dict]:
    """`issue("A", preferente=True)` is a ticket taken at the kiosk."""

    def take(service: str = "A", **body: Any) -> dict:
        answer = kiosk.post("/tickets", {"service": service, **body})
        assert answer.status_code == 201, answer.json
        return answer.json

    return take
