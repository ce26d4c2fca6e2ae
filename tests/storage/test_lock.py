"""Two servers on one data directory: the second is told, and a killed one leaves nothing behind."""

from __future__ import annotations

import subprocess
import sys

import pytest

from storage.lock import AlreadyLocked, DataLock

HOLD = (
    "import sys, pathlib; from storage.lock import DataLock; l = DataLock(pathlib.Path(sys.argv[1])); print(); input()"
)


def test_a_second_holder_is_refused_and_told_which_process_holds(tmp_path):
    held = DataLock(tmp_path / "serve.lock")
    with pytest.raises(AlreadyLocked, match=r"process \d+"):
        DataLock(tmp_path / "serve.lock")
    held.release()
    DataLock(tmp_path / "serve.lock").release()


def test_a_killed_holder_holds_nothing(tmp_path):
    lock = tmp_path / "serve.lock"
    child = subprocess.Popen([sys.executable, "-c", HOLD, str(lock)], stdout=subprocess.PIPE, stdin=subprocess.PIPE)
    child.stdout.readline()
    with pytest.raises(AlreadyLocked):
        DataLock(lock)
    child.kill()
    child.wait()
    DataLock(lock).release()
