"""Money in integer céntimos of sol; no float anywhere.

Source of the rounding: Ley 29571 art. 44 and the BCRP circulars that withdrew the coins of 1 and 5 céntimos: a cash
total is rounded down to 10 céntimos, in favour of who pays. Cards and transfers are exact."""

from __future__ import annotations

import re
from decimal import Decimal

SMALLEST_COIN_CENTIMOS = 10
AMOUNT_MAX_CENTIMOS = 100_000_000  # a million soles: no single amount of a desk or a cabin is near it
_SOLES = re.compile(r"\d{1,9}(\.\d{1,2})?")


def round_cash_down(centimos: int) -> tuple[int, int]:
    """(payable, rounding) of a cash total, both in céntimos and never negative; payable + rounding is the total."""
    assert centimos >= 0, "a total is never negative"
    rounding = centimos % SMALLEST_COIN_CENTIMOS
    return centimos - rounding, rounding


def soles(centimos: int) -> str:
    """As people read it, without the currency sign: 19320 -> "193.20"; thousands are not separated."""
    sign = "-" if centimos < 0 else ""
    whole, rest = divmod(abs(centimos), 100)
    return f"{sign}{whole}.{rest:02d}"


def parse_soles(text: str) -> int:
    """ "193.20" -> 19320. Raises ValueError unless it is a plain amount with at most two decimals."""
    if not _SOLES.fullmatch(text.strip()):
        raise ValueError(f"not an amount in soles: {text!r}")
    return int(Decimal(text.strip()) * 100)
