"""One server for one data directory: the operating system holds the lock and drops it when the process ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import IO

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

FAR = 1 << 20


class AlreadyLocked(RuntimeError):
    """Another process serves this data; `pid` says which, as far as it is known."""

    def __init__(self, path: Path, pid: str):
        super().__init__(f"{path} is locked by process {pid or '?'}")
        self.path, self.pid = path, pid


class DataLock:
    """Held from the moment it is made until `release` or the end of the process, `kill -9` included."""

    def __init__(self, path: Path):
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: IO[str] = open(path, "a+")  # noqa: SIM115 - kept open: closing it lets go of the lock
        self._file.seek(0)
        try:
            _lock(self._file)
        except OSError:
            pid = self._file.read().strip()
            self._file.close()
            raise AlreadyLocked(path, pid) from None
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def release(self) -> None:
        self._file.close()


def _lock(file: IO[str]) -> None:
    if sys.platform == "win32":
        # there nobody else may read what is locked: a byte beyond the number that the next one is told
        os.lseek(file.fileno(), FAR, os.SEEK_SET)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        os.lseek(file.fileno(), 0, os.SEEK_SET)
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
