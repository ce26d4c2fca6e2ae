"""This PC: its key, its printer, its mark outside the database. What a verb needs of the world besides the session."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Container
from dataclasses import asdict, dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from sqlalchemy.orm import Session

from core.errors import Conflict
from core.wire import fingerprint, new_key, public_text
from printing import Profile
from storage import after_commit

KEY_FILES = "cabina-*.pem"
MARK_FILE = "cabina.marca"


@dataclass(frozen=True, slots=True)
class Mark:
    """The last event that was durable, as told outside the database: a database behind it was restored from a copy."""

    device_key: str
    epoch: int
    seq: int


class KeyLost(Conflict):
    code = "cabina.clave_perdida"
    detail = "Falta la clave de esta PC en la carpeta keys. Pida un código nuevo y empareje otra vez la cabina."


@dataclass(slots=True)
class Device:
    key: Ed25519PrivateKey
    marker_dir: Path
    machine: str = ""  # the PC's fingerprint; "" where it has none
    profile: Profile = field(default_factory=Profile)
    on_event: Callable[[], object] = lambda: None  # wakes the sync loop
    on_job: Callable[[], object] = lambda: None  # wakes the printer's worker
    _marked: Mark | None = None  # as this process last wrote it

    @property
    def public_key(self) -> str:
        return public_text(self.key)

    def events_appended(self, session: Session, epoch: int, seq: int) -> None:
        """Once durable: keep the mark and wake who sends."""
        after_commit(session, self.write_mark, epoch, seq)
        after_commit(session, self.on_event)

    def write_mark(self, epoch: int, seq: int) -> None:
        known, mark = self._marked or self.read_mark(), Mark(self.public_key, epoch, seq)
        if known and known.device_key == mark.device_key and (known.epoch, known.seq) >= (epoch, seq):
            return
        write_durably(self.marker_dir / MARK_FILE, json.dumps(asdict(mark)).encode())
        self._marked = mark

    def read_mark(self) -> Mark | None:
        try:
            return Mark(**json.loads((self.marker_dir / MARK_FILE).read_text()))
        except (OSError, ValueError, TypeError):  # none yet, or cut short by a power failure of long ago
            return None


def load_key(keys_dir: Path, public: str) -> Ed25519PrivateKey:
    """The device key of a pairing, by its public part. It never leaves this PC."""
    for path in sorted(keys_dir.glob(KEY_FILES)):
        key = _read(path)
        if public_text(key) == public:
            return key
    raise KeyLost()


def key_to_pair(keys_dir: Path, known: Container[str]) -> Ed25519PrivateKey:
    """A key for a new pairing: one that no pairing of this PC has used, made if there is none.

    A pairing whose answer was lost is asked again with the same key. A PC paired anew gets another: so the centre tells
    it from a clone of its disk."""
    for path in sorted(keys_dir.glob(KEY_FILES)):
        key = _read(path)
        if public_text(key) not in known:
            return key
    key = new_key()
    keys_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_durably(keys_dir / f"cabina-{fingerprint(public_text(key))}.pem", pem)
    return key


def _read(path: Path) -> Ed25519PrivateKey:
    key = load_pem_private_key(path.read_bytes(), None)
    assert isinstance(key, Ed25519PrivateKey)
    return key


def write_durably(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".nuevo")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
