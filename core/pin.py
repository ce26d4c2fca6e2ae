"""What a person copies to name a public key: enough of its SHA-256 that nobody makes another key with the same."""

from __future__ import annotations

import hashlib

from core.ids import CROCKFORD

PIN_CHARS = 24  # 120 bits
GROUP = 4


def pin_of(public_key: bytes) -> str:
    """`7K4M-...`, six groups, of a key's DER SubjectPublicKeyInfo."""
    number = int.from_bytes(hashlib.sha256(public_key).digest(), "big") >> (256 - 5 * PIN_CHARS)
    text = "".join(CROCKFORD[(number >> 5 * place) & 31] for place in reversed(range(PIN_CHARS)))
    return "-".join(text[at : at + GROUP] for at in range(0, PIN_CHARS, GROUP))


def as_pin(typed: str) -> str:
    """A pin as `pin_of` writes it, forgiving case, spaces, hyphens and O/I/L. Raises ValueError for anything else."""
    text = "".join(typed.upper().split()).replace("-", "").translate(str.maketrans("OIL", "011"))
    if len(text) != PIN_CHARS or set(text) - set(CROCKFORD):
        raise ValueError(f"not a pin: {typed!r}")
    return "-".join(text[at : at + GROUP] for at in range(0, PIN_CHARS, GROUP))
