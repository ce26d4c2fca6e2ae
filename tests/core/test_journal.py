"""C14: the export passes `bean-check` and `hledger check`, and both find it out when a céntimo is changed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest

from core import ledger
from core.clock import LIMA
from core.journal import FORMATS
from core.settlement import Line

BEAN_CHECK = Path(sys.executable).with_name("bean-check")


def program(found: str | None, name: str, package: str) -> str:
    """Where it is; without it CI fails and a person's machine skips."""
    if found is None:
        reason = f"{name} not found: {package}"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    return found


def bean_check(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    path = folder / "libro.beancount"
    path.write_text(text, encoding="utf-8")
    found = str(BEAN_CHECK) if BEAN_CHECK.exists() else shutil.which("bean-check")
    command = [program(found, "bean-check", "pip install beancount"), str(path)]
    return subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)


def hledger_check(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    path = folder / "libro.journal"
    path.write_text(text, encoding="utf-8")
    found = program(shutil.which("hledger"), "hledger", "apt-get install hledger")
    command = [found, "check", "--strict", "-f", str(path)]
    environment = os.environ | {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
    return subprocess.run(command, capture_output=True, text=True, timeout=110, check=False, env=environment)


CHECKS = {"beancount": bean_check, "journal": hledger_check}


def a_month() -> list[Line]:
    """Each kind of thing that happens to money."""
    charged = ledger.charge("2026-C01A-000001-7", fee_centimos=4_847, rounding_centimos=7, service_centimos=400)
    borne = ledger.charge("2026-C01A-000002-5", fee_centimos=0, service_centimos=400, service_borne_by_citizen=False)
    again = ledger.charge("2026-C01A-000003-3", fee_centimos=1_100, service_centimos=400)
    sent, lost = ledger.declare_remittance("r1", 2_000), ledger.declare_remittance("r2", 500)
    back = ledger.declare_extorno("x1", again)
    spoken = ledger.confirm_by_code(sent)
    entries = [
        (1, ledger.deposit_guarantee("g1", 30_000)),
        (2, charged),
        (2, borne),
        (3, again),
        (3, sent),
        (4, spoken),
        (4, lost),
        (5, back),
        (6, ledger.count_difference("Z1", expected_centimos=3_340, counted_centimos=3_300)),
        (4, ledger.reverse(spoken, ledger.EntryKind.REMITTANCE_BY_CODE_UNDONE)),
        (8, ledger.confirm_remittance("r1", declared_centimos=2_000, received_centimos=1_900)),
        (8, ledger.reject_remittance(lost)),
        (9, ledger.confirm_extorno("x1", again)),
        (10, ledger.execute_guarantee("g2", 500)),
        (11, ledger.return_guarantee('con "comillas"; y \\ barra', 100)),
    ]
    return [
        Line(datetime(2026, 11, day, 10, tzinfo=LIMA), date(2026, 11, day), e.kind, e.subject, p.account, p.centimos)
        for day, e in entries
        for p in e.postings
    ]


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("lines", [a_month, list], ids=["a month", "nothing yet"])
def test_c14_the_program_accepts_the_export(ending: str, lines: Callable[[], list[Line]], tmp_path: Path):
    made = FORMATS[ending]({"C01": lines(), "C02": a_month()}, title='Cabinas de "Cajamarca"')
    checked = CHECKS[ending](made, tmp_path)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("ending", FORMATS)
def test_a_changed_centimo_is_found(ending: str, tmp_path: Path):
    made = FORMATS[ending]({"C01": a_month()}, title="Cabina C01")
    assert "  52.40" in made
    checked = CHECKS[ending](made.replace("  52.40", "  52.41", 1), tmp_path)
    assert checked.returncode != 0
