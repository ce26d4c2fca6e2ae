from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cac.access.actions import SYSTEM
from cac.opinions import actions
from cac.opinions.rules import PHONE
from core.clock import now_utc
from storage import Store
from tests.cac.desk.conftest import clerk, issue, kiosk, sala

__all__ = ["attend", "clerk", "issue", "kiosk", "rate", "sala"]


@pytest.fixture
def attend(issue: Any, clerk: Any) -> Callable[..., dict]:
    """`attend("A", ventanilla=2)` is a ticket called, attended and finished there."""

    def visit(service: str = "A", *, ventanilla: int = 1, by: Any = None, **body: Any) -> dict:
        ticket, by = issue(service, **body), by or clerk
        by.post(f"/ventanillas/{ventanilla}/llamados", {"ticket": ticket["id"]})
        for step in ("atenciones", "cierres"):
            assert by.post(f"/tickets/{ticket['id']}/{step}", {"ventanilla": ventanilla}).status_code == 200
        return ticket

    return visit


@pytest.fixture
def rate(store: Store) -> Callable[..., dict]:
    def give(ticket: dict, face: int = 5, *, place: str = PHONE, comment: str = "", at: Any = None) -> dict:
        given = {"place": place, "face": face, "comment": comment, "principal": SYSTEM, "now": at or now_utc()}
        return store.write(actions.give_opinion, ticket["id"], **given)

    return give
