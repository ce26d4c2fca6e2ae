"""Two disks to measure on: this one, and one whose fsync takes 5 ms longer."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

OUT = Path(__file__).with_name("out")
SLOW_MS = 5


@dataclass(frozen=True, slots=True)
class Disk:
    name: str
    environment: dict[str, str]


def disks() -> list[Disk]:
    """This disk, and the slow one where a C compiler can make it."""
    fast, slow = Disk("este disco", {}), _slow()
    return [fast, slow] if slow else [fast]


def _slow() -> Disk | None:
    OUT.mkdir(exist_ok=True)
    library = OUT / "slow_fsync.so"
    source = Path(__file__).with_name("slow_fsync.c")
    try:
        subprocess.run(["gcc", "-O2", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    except (FileNotFoundError, subprocess.CalledProcessError):
        print("sin gcc no se puede medir el disco lento: apt-get install gcc libc6-dev")
        return None
    return Disk(f"disco lento (+{SLOW_MS} ms)", {"LD_PRELOAD": str(library), "CAC_FSYNC_MS": str(SLOW_MS)})
