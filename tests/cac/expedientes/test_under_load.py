"""Many desks at once: no number twice, none skipped."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from apiflask import APIFlask

from cac.access.actions import SYSTEM
from cac.expedientes import actions
from cac.expedientes.papers import Letterhead
from core.clock import now_utc
from core.errors import Rejected
from core.ids import ExpedienteNumber
from intake.request import FilingRequest
from storage import Store
from tests.cac.expedientes.conftest import filing

PAPER = Letterhead(site="M", office="CAC", place="CAC", public_url="http://cac.example")


def test_filings_of_many_desks_are_numbered_without_gap_or_repetition(store: Store, app: APIFlask, at: Any):
    at(2026, 11, 20, 10, 0)

    def file(place: int) -> str | None:
        # every fifth is refused inside its verb, after others took their numbers
        changed = {"related": "2026-MPA-999999-X"} if place % 5 == 0 else {}
        body = filing("SG-05" if changed else "RC-01", **changed)
        try:
            filed = store.write(
                actions.file,
                FilingRequest.model_validate(body),
                principal=SYSTEM,
                calendar=app.extensions["calendar"],
                letterhead=PAPER,
                now=now_utc(),
            )
        except Rejected:
            return None
        return str(filed["number"])

    with ThreadPoolExecutor(16) as desks:
        numbers = [number for number in desks.map(file, range(200)) if number]
    sequences = sorted(ExpedienteNumber.parse(number).sequence for number in numbers)
    assert sequences == list(range(1, 161))
