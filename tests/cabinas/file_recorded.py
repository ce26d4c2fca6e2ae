"""A till's busy minutes, for `test_crash_states`: `python -m tests.cabinas.file_recorded FOLDER SYNCHRONOUS`.

Each answer a person was given is written to FOLDER/answers, so that it takes its place among the recorded writes."""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import event

from core import clock
from storage import Store
from tests.cabinas import conftest
from tests.cabinas.stand_in import StandIn, make_catalogue

ROUNDS, AT_ONCE = 5, 3
CHECKPOINT_PAGES = 60  # sooner than the default, so that checkpoints happen among few filings


def main(folder: Path, synchronous: str) -> None:
    clock.set_start(conftest.NOW)
    centre = StandIn()
    centre.catalogue = make_catalogue(guarantee_centimos=100_000_000)
    centre.start()
    conftest.Store = lambda url: careless(Store(url), synchronous)  # type: ignore[attr-defined,assignment,misc]
    cabin = conftest.make_cabin(folder, centre)
    answers = os.open(folder / "answers", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    app = cabin.http.application

    def ask(path: str, body: Any) -> None:
        headers = cabin.bearer | {"Idempotency-Key": uuid4().hex}
        answer = app.test_client().post(f"/api/v1{path}", json=body, headers=headers)
        assert answer.status_code == 201, answer.text
        os.write(answers, (json.dumps({"path": path} | answer.json) + "\n").encode())

    os.write(answers, b'{"path": "begin"}\n')
    with ThreadPoolExecutor(AT_ONCE) as people:
        for turn in range(ROUNDS):
            list(people.map(lambda _: ask("/expedientes", conftest.filing()), range(AT_ONCE)))
            if turn == 1:
                ask("/remesas", {"centimos": 1_100, "reference": "BN 0012345"})
            cabin.talk()
    ask("/cierres", {"counts": {"100": 3}})
    os._exit(0)  # as a power cut: nothing is closed


def careless(store: Store, synchronous: str) -> Store:
    """`store` with the durability that is being tried."""

    @event.listens_for(store._write_engine, "connect")
    def set_up(connection: Any, _record: object) -> None:
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")

    return store


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
