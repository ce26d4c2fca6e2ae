"""What a power cut may leave of files whose every write was recorded (`record_writes.c`).

What was synced is there. Of what came after the last sync of its file, any part may be: none, all, some in any order, and of
one write only its first 512-byte sectors. A rename may be late, but a later one never overtakes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from random import Random

SECTOR = 512
STATES_A_MOMENT = 3  # drawn at random, besides nothing and all of what was not synced


@dataclass(frozen=True, slots=True)
class Op:
    kind: str  # write truncate sync rename unlink
    path: str
    offset: int = 0  # of a truncation, the size
    data: bytes = b""
    to: str = ""


def read_log(log: Path, folder: Path) -> list[Op]:
    """The recorded operations, paths relative to `folder`."""
    ops, data, at = [], log.read_bytes(), 0
    while at < len(data):
        end = data.index(b"\n", at)
        kind, offset, length, path, *to = data[at:end].decode().split("\t")
        at = end + 1 + int(length)
        names = [str(Path(name).relative_to(folder)) for name in (path, *to)]
        ops.append(Op(kind, names[0], int(offset), data[end + 1 : at], names[1] if to else ""))
    return ops


Files = dict[str, bytes]


@dataclass(slots=True)
class Disk:
    """What is durable, and what each file has been told since."""

    files: Files = field(default_factory=dict)
    unsynced: dict[str, list[Op]] = field(default_factory=dict)
    renames: list[Op] = field(default_factory=list)

    def do(self, op: Op) -> None:
        if op.kind == "sync":
            for each in self.unsynced.pop(op.path, []):
                put(self.files, each)
        elif op.kind == "rename":
            self.renames.append(op)
            self.unsynced.pop(op.to, None)
            self.files[f"{op.path}@{len(self.renames)}"] = self.files.pop(op.path, b"")
        elif op.kind == "unlink":
            self.unsynced.pop(op.path, None)
            self.files.pop(op.path, None)
        else:
            self.unsynced.setdefault(op.path, []).append(op)

    def after_a_cut(self, dice: Random) -> Iterator[Files]:
        """States that a cut at this moment may leave."""
        yield self._state([], renamed=0)
        everything = [op for ops in self.unsynced.values() for op in ops]
        yield self._state(everything, renamed=len(self.renames))
        for _ in range(STATES_A_MOMENT if everything else 0):
            kept = [torn(op, dice) if dice.random() < 0.2 else op for op in everything if dice.random() < 0.5]
            dice.shuffle(kept)
            yield self._state(kept, renamed=dice.randint(0, len(self.renames)))

    def _state(self, ops: list[Op], *, renamed: int) -> Files:
        files = dict(self.files)
        for number, op in enumerate(self.renames, 1):
            moved = files.pop(f"{op.path}@{number}")
            if number <= renamed:
                files[op.to] = moved
        for op in ops:
            put(files, op)
        return files


def put(files: Files, op: Op) -> None:
    old = files.get(op.path, b"")
    if op.kind == "truncate":
        files[op.path] = old[: op.offset].ljust(op.offset, b"\0")
    else:
        whole = old.ljust(op.offset, b"\0")
        files[op.path] = whole[: op.offset] + op.data + whole[op.offset + len(op.data) :]


def torn(op: Op, dice: Random) -> Op:
    """A write of which only the first sectors reached the disk."""
    sectors = -(-len(op.data) // SECTOR)
    return Op(op.kind, op.path, op.offset, op.data[: dice.randint(0, sectors) * SECTOR]) if op.data else op


def cuts(ops: list[Op], *, ours: str, answers: str, seed: int) -> Iterator[tuple[list[bytes], Files]]:
    """For each moment from the first of `answers` on: the answers given until then, and a state a cut then may leave.

    Moments are those before and after each sync of a file named `ours…`, each answer, and some between. The same state
    is not given twice for the same answers."""
    disk, dice, given, seen = Disk(), Random(seed), [b""], set()
    given.clear()
    begun = False
    for op in ops:
        moment = op.path == answers or (op.path.startswith(ours) and (op.kind == "sync" or dice.random() < 0.1))
        for when in ("before", "after"):
            if when == "after":
                if op.path == answers:
                    begun = True
                    given.append(op.data)
                else:
                    disk.do(op)
            if not (begun and moment):
                continue
            for files in disk.after_a_cut(dice):
                mark = sha256(repr((len(given), sorted(files.items()))).encode()).digest()
                if mark not in seen:
                    seen.add(mark)
                    yield list(given), files
