"""The UIT (tax unit) of each year, in céntimos; a fee above it needs the Ministry's leave (TUO Law 27444, art. 53)."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

UIT = Path(__file__).resolve().parents[2] / "data" / "uit.csv"


@cache
def _values() -> dict[int, int]:
    with UIT.open(encoding="utf-8") as file:
        return {int(row["year"]): int(row["soles"]) * 100 for row in csv.DictReader(file)}


def uit_centimos(year: int) -> int | None:
    """That year's UIT; None when its decree is not in the data yet."""
    return _values().get(year)
