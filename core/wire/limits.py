"""How much of what, and the shapes that numbers, keys and codes have."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

SCHEMA = 1  # of payloads; a higher one is quarantined by a centre that does not know it
MAX_BATCH_EVENTS = 100  # in one batch
MAX_BATCH_BYTES = 1_000_000  # of a batch's canonical JSON
MAX_EVENT_BYTES = 64_000  # of one event's canonical JSON
MAX_CONFIRMATIONS = 100  # in one reply
MAX_ATTACHMENT_BYTES = 20_000_000  # of one attachment
MAX_PIECE_BYTES = 512_000  # of one piece of it
MAX_SETTLEMENTS = 12  # in one reply
MAX_REMITTANCES = 200  # listed in one settlement
MAX_VALIJA_ITEMS = 100  # cases of one bag
MAX_WRITTEN = 100  # events of a series, and series, that a pairing shows
MAX_LOST = 20  # losses told in a batch
MAX_NEWS = 50  # in one reply
POLL_S = 20  # an idle cabin asks for news this often
MAX_BACKOFF_S = 30  # between tries, whatever goes wrong
LEASE_NUMBERS = 500
LEASE_DAYS = 7
TRAINING_CABINA = "C00"  # what a till calls itself where people practise; no cabin of a centre has this code
GENESIS = "0" * 64  # prev_hash of an epoch's first event

FINGERPRINT_CHARS = 12  # 60 bits of the centre key's SHA-256, in the pairing code

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Commit = Annotated[str, Field(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})$")]  # of git, whole
Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]
Signature = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{86}$")]
CabinaCode = Annotated[str, Field(pattern=r"^C[0-9]{2,3}$")]
Series = Annotated[str, Field(pattern=r"^[A-Z]{1,2}$")]
Centimos = Annotated[int, Field(strict=True)]
Sequence1 = Annotated[int, Field(ge=1, strict=True)]
