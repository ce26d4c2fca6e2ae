"""The centre's Ed25519 key: leases, confirmations, suspensions and catalogues are signed by it, and cabins pin it."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from core.wire import new_key

FILE = "centro.pem"


@cache
def centre_key(keys_dir: Path) -> Ed25519PrivateKey:
    """The key kept in `keys_dir`, made once with mode 0600."""
    path = keys_dir / FILE
    if not path.exists():
        _make(path)
    key = load_pem_private_key(path.read_bytes(), password=None)
    assert isinstance(key, Ed25519PrivateKey), f"{path} is not an Ed25519 key"
    return key


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    pem = new_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(fresh, path)  # two processes at once: the first one's key stays
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
