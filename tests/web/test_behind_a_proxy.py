"""Behind a proxy the limits count who asked, not the proxy; without one, nobody may pretend another address."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import MetaData

from cac.app import create_app
from cac.base import Base
from storage import Store
from web.settings import Settings

FORWARDED = {"X-Forwarded-For": "190.1.2.3", "X-Forwarded-Proto": "https"}


@pytest.fixture
def schema() -> MetaData:
    return Base.metadata


@pytest.mark.parametrize(("proxies", "answer"), [(0, 200), (1, 403)])
def test_metrics_are_for_this_machine_whoever_carries_the_question(
    store: Store, tmp_path: Path, proxies: int, answer: int
):
    app = create_app(store, Settings(data_dir=tmp_path, secret_key="only for tests", proxies=proxies))
    assert app.test_client().get("/metrics", headers=FORWARDED).status_code == answer


@pytest.mark.parametrize("path", ["/t/%00", "/api/v1/tupa?area=%00", "/api/v1/plazos?tramite=%00&from=2026-11-20"])
def test_a_byte_that_no_text_has_is_no_failure_of_ours(store: Store, tmp_path: Path, path: str):
    app = create_app(store, Settings(data_dir=tmp_path, secret_key="only for tests"))
    assert app.test_client().get(path).status_code < 500
