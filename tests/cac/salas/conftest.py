"""The demonstration's sala, and an administrator at a browser without JavaScript."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from cac.audit.models import AuditEntry
from cac.desk.demo import seed
from core.clock import now_utc
from storage import Store


def text_of(answer: TestResponse) -> str:
    return html.unescape(answer.get_data(as_text=True))


@pytest.fixture
def admin(person: Callable[..., Any], store: Store) -> Any:
    store.write(seed, now_utc())
    return person("admin")


@pytest.fixture
def one(store: Store) -> Callable[..., Any]:
    """`one(Service, code="A")`: the row of that kind."""

    def find(model: Any, **named: Any) -> Any:
        with store.read() as session:
            return session.scalars(select(model).filter_by(**named)).one_or_none()

    return find


@pytest.fixture
def noted(store: Store) -> Callable[[str], list[str]]:
    """`noted("sala.cambio")`: what the log says of each such change, oldest first."""

    def details(action: str) -> list[str]:
        with store.read() as session:
            return list(
                session.scalars(select(AuditEntry.detail).where(AuditEntry.action == action).order_by(AuditEntry.id))
            )

    return details
