"""One process runs a loop; one that lost its lease is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from storage.leases import LeaseLost, release, still_holds, take
from tests.storage.miniature import lease

NOW = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)
LASTS = timedelta(seconds=30)


def asked(store, holder, at=NOW):
    return store.write(take, lease, name="spool", holder=holder, now=at, lasts=LASTS)


def test_a_lease_has_one_holder_until_it_ends(place):
    assert asked(place.store, "a") == 1
    assert asked(place.store, "b") is None
    assert asked(place.store, "a", NOW + LASTS / 2) == 1  # renewed
    assert asked(place.store, "b", NOW + LASTS) is None
    assert asked(place.store, "b", NOW + LASTS * 2) == 2


def test_who_slept_while_another_took_over_is_refused(place):
    fence = asked(place.store, "a")
    place.store.write(still_holds, lease, name="spool", fence=fence)
    asked(place.store, "b", NOW + LASTS)
    with pytest.raises(LeaseLost):
        place.store.write(still_holds, lease, name="spool", fence=fence)


def test_a_released_lease_is_free_at_once(place):
    asked(place.store, "a")
    place.store.write(release, lease, name="spool", holder="a", now=NOW)
    assert asked(place.store, "b") == 2


def test_a_lease_taken_by_a_clock_far_ahead_blocks_nobody(place):
    asked(place.store, "a", NOW + timedelta(days=400))
    assert asked(place.store, "b") == 2
