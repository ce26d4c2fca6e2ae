"""C5: every file write of the real program is recorded while it charges, and the power is cut at each moment that matters.

A state that a cut may leave (`crash_states`) must open, be sound, and hold whole every trámite, remittance and close that a person
was told of. The same explorer does find losses once the database no longer waits for the disk."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlcipher3 import dbapi2 as sqlcipher

from core import wire
from tests.cabinas.crash_states import Files, cuts, read_log
from tests.databases import missing

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]
ROOT = Path(__file__).resolve().parents[2]
DATABASE = ("cabina.db", "cabina.db-wal")
MARK = "marca/cabina.marca"


@pytest.fixture(scope="module")
def recorder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    library = tmp_path_factory.mktemp("recorder") / "record_writes.so"
    source = Path(__file__).with_name("record_writes.c")
    try:
        subprocess.run(["gcc", "-O2", "-shared", "-fPIC", "-o", library, source, "-ldl", "-lpthread"], check=True)
    except FileNotFoundError:
        missing("gcc", "apt-get install gcc libc6-dev")
    return library


def recorded(recorder: Path, folder: Path, synchronous: str) -> Iterator[tuple[list[dict[str, Any]], Files]]:
    """What was answered and what may be left, cut by cut, of a till that charged with that durability."""
    cabin, log = folder / "cabina", folder / "log"
    cabin.mkdir()
    environment = os.environ | {"LD_PRELOAD": str(recorder), "CAC_RECORD": str(log), "CAC_RECORD_DIR": str(cabin)}
    command = [sys.executable, "-m", "tests.cabinas.file_recorded", str(cabin), synchronous]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=200)
    for given, files in cuts(read_log(log, cabin), ours="cabina.db", answers="answers", seed=5):
        yield [json.loads(line) for line in given[1:]], files


def faults(folder: Path, answers: list[dict[str, Any]], files: Files) -> set[str]:
    """What is wrong with a state: `dañada`, `perdido`, `a medias`, `descuadrada`, `marca adelantada`; nothing, it is sound."""
    for name in DATABASE:
        (folder / name).write_bytes(files.get(name, b""))
    (folder / "cabina.db-shm").unlink(missing_ok=True)
    link = sqlcipher.connect(str(folder / DATABASE[0]))
    try:
        return _faults(link, answers, files)
    except sqlcipher.DatabaseError as error:
        return {f"dañada: {error}"}
    finally:
        link.close()


def _faults(link: Any, answers: list[dict[str, Any]], files: Files) -> set[str]:
    def column(query: str) -> list[Any]:
        return [row[0] for row in link.execute(query)]

    found = set()
    if column("PRAGMA integrity_check") != ["ok"] or column("PRAGMA foreign_key_check"):
        found.add("dañada")
    numbers = column("SELECT number FROM expediente")
    told = {answer["number"] for answer in answers if answer["path"] == "/expedientes"}
    remitted = {answer["id"] for answer in answers if answer["path"] == "/remesas"}
    closed = {answer["z"] for answer in answers if answer["path"] == "/cierres"}
    if (
        told - set(numbers)
        or remitted - set(column("SELECT id FROM remesa"))
        or closed - set(column("SELECT z FROM cierre"))
    ):
        found.add("perdido")
    events = [wire.Event.model_validate_json(row) for row in column("SELECT signed FROM event ORDER BY epoch, seq")]
    filed = [event.payload["number"] for event in events if event.payload["kind"] == "expediente"]
    charged = column("SELECT subject FROM ledger_entry WHERE kind = 'cobro'")
    papers = column("SELECT subject FROM print_job WHERE copy = 0 AND subject LIKE '2026-%'")
    counted = column("SELECT coalesce(max(last), 0) FROM counter")[0]
    chain = [wire.GENESIS, *(event.hash for event in events)]
    whole = sorted(numbers) == sorted(filed) == sorted(charged) == sorted(papers) and counted == len(numbers)
    if not whole or any(event.header.prev_hash != before for event, before in zip(events, chain, strict=False)):
        found.add("a medias")
    unbalanced = column("SELECT entry_id FROM ledger_posting GROUP BY entry_id HAVING sum(centimos) <> 0")
    kept = Counter(dict(link.execute("SELECT account, centimos FROM balance")))
    summed = Counter(dict(link.execute("SELECT account, sum(centimos) FROM ledger_posting GROUP BY account")))
    if unbalanced or kept != summed:
        found.add("descuadrada")
    if MARK in files and json.loads(files[MARK])["seq"] > len(events):
        found.add("marca adelantada")
    return found


def test_c5_no_power_cut_loses_an_answered_tramite_or_leaves_a_ledger_unbalanced(recorder: Path, tmp_path: Path):
    states, most = 0, 0
    for answers, files in recorded(recorder, tmp_path, "FULL"):
        states, most = states + 1, max(most, len(answers))
        assert faults(tmp_path, answers, files) == set(), f"state {states}, after {len(answers)} answers"
    assert most == 17 and states > 200, f"{states} states of {most} answers: the explorer saw too little"
    ops = read_log(tmp_path / "log", tmp_path / "cabina")
    begun = next(at for at, op in enumerate(ops) if op.path == "answers")
    synced = Counter(op.path for op in ops[begun:] if op.kind == "sync")
    assert synced["cabina.db"] and synced["cabina.db-wal"] > 6, "no checkpoint among the charges"


def test_c5_the_same_explorer_finds_losses_when_the_database_does_not_wait_for_the_disk(recorder: Path, tmp_path: Path):
    found: Counter[str] = Counter()
    for answers, files in recorded(recorder, tmp_path, "NORMAL"):
        found.update(faults(tmp_path, answers, files))
        if found["perdido"] > 3:
            break
    assert found["perdido"] > 3
