"""`run.py printer`, as an operator types it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.printing.fault_printer import FaultPrinter

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def run(tmp_path):
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        env = {"PATH": os.environ["PATH"], "CAC_DATA_DIR": str(tmp_path / "datos")}
        command = [sys.executable, str(ROOT / "run.py"), *arguments]
        return subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=100)

    return run


def test_a_printer_that_works_ends_0_and_one_that_is_off_does_not(run, tmp_path):
    with FaultPrinter() as printer:
        assert run("printer", "add", "buena", printer.url, "--for", "tickets", "--sala", "principal").returncode == 0
        good = run("printer", "test", "buena")
        assert (good.returncode, good.stdout) == (0, "confirmada\n")
        assert printer.paper.startswith(b"\x1b@") and printer.paper.count(b"\x1dV") == 1
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    assert run("printer", "add", "mala", url).returncode == 0
    bad = run("printer", "test", "mala")
    assert (bad.returncode, bad.stdout) == (1, "no_enviada\n")
    assert "rechazó la conexión" in bad.stderr


def test_the_paper_of_a_virtual_printer_is_drawn_on_request(run, tmp_path):
    run("printer", "add", "virtual", f"folder://{tmp_path}/papel?width=32")
    assert run("printer", "test", "virtual").returncode == 0
    (paper,) = (tmp_path / "papel").glob("*.bin")
    assert run("printer", "picture", str(paper), "--width", "32").returncode == 0
    assert paper.with_suffix(".png").read_bytes().startswith(b"\x89PNG")


def test_bad_input_is_one_clear_line(run):
    for arguments in (("add", "x", "http://h"), ("add", "x", "tcp://h?width=9"), ("test", "ninguna")):
        refused = run("printer", *arguments)
        assert refused.returncode != 0
        assert len(refused.stderr.strip().splitlines()) == 1 and "Traceback" not in refused.stderr
