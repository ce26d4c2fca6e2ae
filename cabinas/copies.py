"""Copies of the till's database, and whether a database is sound. A copy is a whole SQLite file: `VACUUM INTO`, checked, then named.

Once a month the newest copy is put back on paper only: opened where it stands and looked through as a restore would. A copy
nobody has tried is a hope."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2 as sqlcipher

from core import wire
from core.clock import LIMA

STAMP = "%Y%m%d-%H%M%S"  # Lima time
MAX_COPIES = 14
ASIDE = "apartada-"
CHECKED_EVENTS = 500  # of the newest, link by link

UNBALANCED = "SELECT 1 FROM ledger_posting GROUP BY entry_id HAVING sum(centimos) <> 0 LIMIT 1"
OTHER_BALANCE = """
SELECT 1 FROM (SELECT account, sum(centimos) AS centimos FROM ledger_posting GROUP BY account) AS summed
LEFT JOIN balance USING (account) WHERE summed.centimos IS NOT balance.centimos LIMIT 1"""
CATALOGUE = "SELECT sealed, digest FROM catalogue ORDER BY id DESC LIMIT 1"
NEWEST_EVENTS = "SELECT epoch, seq, hash, signed FROM event ORDER BY epoch DESC, seq DESC LIMIT ?"


@dataclass(frozen=True, slots=True)
class Copy:
    path: Path
    made_at: datetime
    bytes: int


def fault_of(database: Path) -> str:
    """What is wrong with a database, in words for a person; "" when it is sound. Nothing in it changes."""
    try:
        # not ro: a WAL left by a power cut must be read
        link = sqlcipher.connect(f"{database.absolute().as_uri()}?mode=rw", uri=True)
    except sqlcipher.Error as error:
        return f"no se puede abrir: {error}"
    try:
        link.execute("PRAGMA query_only = ON")
        return _fault(link)
    except sqlcipher.Error as error:
        return str(error)
    except ValueError:
        return "un hecho registrado no se puede leer"
    finally:
        link.close()


def _fault(link: Any) -> str:
    said = link.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if said != "ok":
        return str(said)
    if link.execute("PRAGMA foreign_key_check").fetchone():
        return "hay filas que nombran a otras que no están"
    if link.execute(UNBALANCED).fetchone() or link.execute(OTHER_BALANCE).fetchone():
        return "los asientos no cuadran"
    if any(wire.sha256(sealed.encode()) != digest for sealed, digest in link.execute(CATALOGUE)):
        return "el catálogo no es el que se recibió"
    return _fault_of_chain(link)


def _fault_of_chain(link: Any) -> str:
    """Newest first: each event hashes to what its row says, and names the one before."""
    after: wire.Event | None = None
    for epoch, seq, kept, signed in link.execute(NEWEST_EVENTS, (CHECKED_EVENTS,)):
        event = wire.Event.model_validate_json(signed)
        follows = after is None or after.header.epoch != epoch or after.header.prev_hash == kept
        whole = wire.sha256(wire.canonical(event.payload)) == event.header.payload_hash
        if event.hash != kept or event.header.seq != seq or not follows or not whole:
            return f"el hecho {seq} no es el que se registró"
        after = event
    return ""


def make_copy(database: Path, folder: Path, now: datetime) -> Copy:
    """A new copy in `folder`, checked, on the disk; old ones beyond MAX_COPIES go. The till may be working.

    Raises OSError, sqlcipher.Error; then there is no new copy."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = folder / f"cabina-{now.astimezone(LIMA):{STAMP}}.db"
    part = target.with_suffix(".nueva")
    part.unlink(missing_ok=True)
    try:
        link = sqlcipher.connect(str(database), isolation_level=None)
        try:
            link.execute("VACUUM INTO ?", (str(part),))
        finally:
            link.close()
        if fault := fault_of(part):
            raise OSError(f"la copia no quedó bien: {fault}")
        with open(part, "rb+") as file:
            os.chmod(part, 0o600)  # it holds personal data
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    for old in copies(folder)[MAX_COPIES:]:
        old.path.unlink(missing_ok=True)
    return Copy(target, now, target.stat().st_size)


def copies(folder: Path) -> list[Copy]:
    """Newest first."""
    found = []
    for path in folder.glob("cabina-*.db"):
        try:
            made_at = datetime.strptime(path.stem.removeprefix("cabina-"), STAMP).replace(tzinfo=LIMA)
            found.append(Copy(path, made_at, path.stat().st_size))
        except (ValueError, OSError):
            continue  # not one of ours, or a disk that is going
    return sorted(found, key=lambda copy: copy.made_at, reverse=True)


def put_back(copy: Path, database: Path, *, now: datetime) -> Path:
    """Put `copy` where the database was; what was there is kept aside, and where is returned. Nobody else has it open.

    Raises OSError, most often for want of room; then what was there is there still."""
    part = database.with_suffix(".nueva")
    try:
        shutil.copyfile(copy, part)
        with open(part, "rb+") as file:
            os.chmod(part, 0o600)
            os.fsync(file.fileno())
        aside = set_aside(database, now=now)
        part.replace(database)
    finally:
        part.unlink(missing_ok=True)
    return aside


def was_set_aside(folder: Path) -> bool:
    """Whether a database was here once: a power cut between moving it and putting the copy in its place leaves none."""
    return any(folder.glob(f"{ASIDE}*"))


def set_aside(database: Path, *, now: datetime) -> Path:
    """Move a damaged database out of the way, with what belongs to it; it may be worth a look."""
    aside = database.parent / f"{ASIDE}{now.astimezone(LIMA):{STAMP}}"
    aside.mkdir(mode=0o700, exist_ok=True)
    for end in ("-wal", "-shm", ""):  # the database last: until it is gone the till starts in rescue
        path = database.with_name(database.name + end)
        if path.exists():
            path.replace(aside / path.name)
    return aside
