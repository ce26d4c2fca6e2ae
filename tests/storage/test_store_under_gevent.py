"""The same promises hold in the server's own surroundings: every test of test_store.py once more, under gevent."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.databases import GIVEN_POSTGRES

PATCHED = "from gevent import monkey; monkey.patch_all(); import pytest, sys; sys.exit(pytest.main(sys.argv[1:]))"


@pytest.mark.slow
def test_the_writer_keeps_its_promises_under_gevent(databases, tmp_path):
    tests = Path(__file__).with_name("test_store.py")
    options = ["-p", "no:cacheprovider", "-p", "no:xdist", f"--basetemp={tmp_path / 'child'}", str(tests)]
    environment = os.environ | {GIVEN_POSTGRES: databases.server_url}
    child = subprocess.run(
        [sys.executable, "-c", PATCHED, *options], env=environment, capture_output=True, text=True, timeout=500
    )
    assert child.returncode == 0, child.stdout[-8000:] + child.stderr[-2000:]
    assert re.search(r"[3-9]\d passed", child.stdout), "the checks were collected and ran"
