"""Pure rules of a till. What a cashier has must be what its receipts say; the fund for change is kept apart, never counted."""

from __future__ import annotations

from collections.abc import Mapping

from intake.fees import CASH


def expected_cash(by_method: Mapping[str, int]) -> int:
    """Céntimos of cash a till answers for; negative when it refunded more than it took, and treasury gives that back."""
    return by_method.get(CASH, 0)


def difference(*, expected_centimos: int, counted_centimos: int) -> int:
    """What there is too much (positive) or too little of. No drawer holds less than nothing: then nothing is expected."""
    return counted_centimos - max(0, expected_centimos)
