"""A case with its number, before it is kept."""

from __future__ import annotations

from dataclasses import dataclass

from cabinas.enrolment.queries import Terms
from cabinas.sync.clock import Reading
from core import ledger


@dataclass(frozen=True, slots=True)
class Numbered:
    """A case about to be kept."""

    id: str
    number: str
    track_key: str
    reading: Reading
    operator: str
    terms: Terms
    tupa_version: str
    entry: ledger.Entry | None


def lease_expired(case: Numbered) -> bool:
    """By the highest time this till has seen. The case stands all the same; the centre is told."""
    return case.reading.highest >= case.terms.lease.valid_until
