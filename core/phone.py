"""One-time codes that treasury reads over the phone when a cabin has no link. Pure: no I/O, no clock.

A code belongs to one slot of one series epoch of one cabin; a declared remittance takes the next slot. The centre derives its
40 secret bits from its own key; the cabin holds only their Argon2id hash, signed, so neither its operator nor who copies
its disk can make one. What is read aloud is the secret masked with the amount and the slot: typed beside a remittance of another
amount it gives other bits, and is wrong."""

from __future__ import annotations

import hashlib
import hmac

from argon2.exceptions import VerificationError
from argon2.low_level import Type, hash_secret, verify_secret

from core.ids import CROCKFORD

SLOTS_GIVEN = 10  # hashes a cabin holds ahead
SLOT_MAX = 999
TRIES_MAX = 5  # wrong codes a remittance allows
SECRET_BYTES = 5
GROUP = 4
# about 15 ms on the PC of a cabin; with 40 bits and five tries more buys nothing
TIME_COST, MEMORY_KIB, PARALLELISM, HASH_BYTES = 2, 19_456, 1, 16
_MISREAD = str.maketrans("OIL", "011")


def seed_of(private_key: bytes) -> bytes:
    """What every secret of a centre is derived from."""
    return hmac.digest(private_key, b"codigos por telefono", "sha256")


def secret_of(seed: bytes, cabina: str, epoch: int, slot: int) -> bytes:
    return hmac.digest(seed, f"codigo/{cabina}/{epoch}/{slot}".encode(), "sha256")[:SECRET_BYTES]


def hash_of(seed: bytes, cabina: str, epoch: int, slot: int) -> str:
    """What the cabin gets; the same each time it is asked."""
    salt = hmac.digest(seed, f"sal/{cabina}/{epoch}/{slot}".encode(), "sha256")[:16]
    made = hash_secret(
        secret_of(seed, cabina, epoch, slot),
        salt,
        time_cost=TIME_COST,
        memory_cost=MEMORY_KIB,
        parallelism=PARALLELISM,
        hash_len=HASH_BYTES,
        type=Type.ID,
    )
    return made.decode()


def spoken(secret: bytes, *, cabina: str, epoch: int, slot: int, centimos: int) -> str:
    """`K7Q4-M2XD`: what treasury reads aloud for that amount."""
    bits = int.from_bytes(_masked(secret, cabina, epoch, slot, centimos))
    letters = [CROCKFORD[bits >> shift & 31] for shift in range(SECRET_BYTES * 8 - 5, -1, -5)]
    text = "".join(letters)
    return f"{text[:GROUP]}-{text[GROUP:]}"


def is_right(typed: str, hashed: str, *, cabina: str, epoch: int, slot: int, centimos: int) -> bool:
    """Whether what somebody typed is the code of that slot for that amount. Slow on purpose."""
    letters = "".join(char for char in typed.upper().translate(_MISREAD) if char not in "- ")
    if len(letters) != SECRET_BYTES * 8 // 5 or any(char not in CROCKFORD for char in letters):
        return False
    bits = 0
    for char in letters:
        bits = bits << 5 | CROCKFORD.index(char)
    secret = _masked(bits.to_bytes(SECRET_BYTES), cabina, epoch, slot, centimos)
    try:
        return verify_secret(hashed.encode(), secret, Type.ID)
    except VerificationError:
        return False


def _masked(secret: bytes, cabina: str, epoch: int, slot: int, centimos: int) -> bytes:
    """Masking again unmasks."""
    mask = hashlib.sha256(f"importe/{cabina}/{epoch}/{slot}/{centimos}".encode()).digest()
    return bytes(one ^ other for one, other in zip(secret, mask, strict=False))
