"""A guarantee entered again by a centre that was restored and forgot it is the same deposit: it counts once at both ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cabinas.money import queries as till_money
from cac.sync.actions import find
from cac.sync.keys import centre_key
from cac.sync.queries import quarantined
from cac.treasury import guarantee
from cac.treasury.closing import NotOfferedAgain
from cac.treasury.ledger import balances
from core.clock import now_utc
from core.ledger import Account
from tests.both_ends import Town, hear
from tests.cabinas.conftest import Cabin, later
from tests.cac.both_ends.test_asides import set_aside
from tests.cac.both_ends.test_money_kept import books, treasury
from tests.cac.both_ends.test_settlements import copied, restored

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def deposit(town: Town, reference: str, centimos: int = 30_000) -> dict[str, Any]:
    key = centre_key(town.settings.keys_dir)
    given = {"key": key, "principal": treasury(1), "now": now_utc()}
    return town.store.write(guarantee.receive, "C01", centimos=centimos, reference=reference, **given)


def held(town: Town, cabin: Cabin) -> tuple[int, int]:
    with cabin.store.read() as here, town.store.read() as there:
        own, known = till_money.balances(here), balances(there, find(there, "C01").id)
    return own[Account.GUARANTEE], known[Account.GUARANTEE]


def test_the_same_receipt_is_refused_while_the_centre_knows_it(town: Town):
    deposit(town, "BN 0012345")
    with pytest.raises(guarantee.DepositKnown, match="«bn-0012345» ya está anotado"):
        deposit(town, " bn-0012345 ")
    with pytest.raises(guarantee.ReceiptMissing):
        deposit(town, " - ")
    deposit(town, "BN 0012346", 5_000)


@pytest.mark.parametrize("first", ["the cabin tells", "the centre tells"])
def test_entered_again_after_a_restore_it_counts_once(town: Town, tmp_path: Path, first: str):
    cabin = town.pair("C01")
    copy = copied(town, tmp_path / "centro.db")
    deposit(town, "BN 0012345")
    cabin.talk()
    assert held(town, cabin) == (30_000, 30_000)
    restored(town, copy)
    if first == "the cabin tells":
        cabin.talk()
        with pytest.raises(guarantee.DepositKnown):
            deposit(town, "BN 0012345")
    else:
        deposit(town, "bn 0012345")
    cabin.talk()
    assert held(town, cabin) == (30_000, 30_000)
    assert cabin.get("/sync").json["quarantined"] == 0
    with town.store.read() as session:
        assert len(guarantee.movements(session, find(session, "C01").id)) == 1


def test_a_new_pc_that_heard_the_second_word_and_the_old_disk_mended_later_hold_one_deposit(town: Town, tmp_path: Path):
    old = town.pair("C01")
    copy = copied(town, tmp_path / "centro.db")
    deposit(town, "BN 0012345")
    old.talk()
    folder = town.stop(old)
    restored(town, copy)
    later(minutes=1)
    new = town.pair("C01")
    deposit(town, "BN 0012345")
    new.talk()
    hear(town, town.start(folder))
    new.talk()
    with town.store.read() as session:
        assert len(quarantined(session, find(session, "C01").id)) == 1, "two words on one deposit: a person looks"
    assert held(town, new) == (30_000, 30_000)
    set_aside(town)
    new.talk()
    assert held(town, new) == (30_000, 30_000), "setting the older word aside takes nothing of the one that stands"
    own, known = books(town, new)
    assert own == known


def test_a_guarantee_moves_only_once_the_cabin_offered_again_what_it_knows(town: Town, tmp_path: Path):
    cabin = town.pair("C01")
    deposit(town, "BN 0012345")
    cabin.talk()
    copy = copied(town, tmp_path / "centro.db")
    give_back(town)
    cabin.talk()
    restored(town, copy)
    with pytest.raises(NotOfferedAgain):
        give_back(town)
    cabin.talk()
    assert held(town, cabin) == (20_000, 20_000)


def give_back(town: Town) -> None:
    asked = {"kind": "garantia_devuelta", "centimos": 10_000, "motivo": "bajó el convenio", "now": now_utc()}
    order = town.store.write(guarantee.ask, "C01", principal=treasury(1), **asked)
    key = centre_key(town.settings.keys_dir)
    said = {"approved": True, "key": key, "principal": treasury(2), "now": now_utc()}
    town.store.write(guarantee.decide, "C01", order["id"], **said)
