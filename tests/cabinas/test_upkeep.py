from __future__ import annotations

import time

from sqlalchemy import func, select

from cabinas.base import replies
from cabinas.upkeep_loop import UpkeepLoop
from tests.cabinas.conftest import Cabin, later


def test_answers_are_forgotten_after_two_days_and_cases_are_not(cabin: Cabin):
    number = cabin.file().json["number"]
    later(hours=49)
    upkeep = UpkeepLoop(cabin.store)
    upkeep.start()
    until = time.monotonic() + 30
    while kept(cabin) and time.monotonic() < until:
        time.sleep(0.02)
    upkeep.stop()
    assert kept(cabin) == 0
    assert cabin.get(f"/expedientes/{number}").status_code == 200


def kept(cabin: Cabin) -> int:
    with cabin.store.read() as session:
        return session.scalar(select(func.count()).select_from(replies)) or 0
