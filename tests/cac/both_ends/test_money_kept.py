"""What a till has of money it still has after its database was put back from an older copy: both ends post the same, to the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from cabinas.enrolment.queries import terms
from cabinas.money import queries as till_money
from cabinas.shifts import actions as shifts
from cabinas.shifts.queries import open_shift
from cac.access.actions import SYSTEM
from cac.sync.actions import find, suspend
from cac.sync.convenio import change_terms, terms_of
from cac.sync.keys import centre_key
from cac.treasury import guarantee, ledger, phone
from cac.treasury.queries import remittances
from cac.treasury.queries import shifts as centre_shifts
from core.clock import lima_day, now_utc
from core.ledger import Account, EntryKind, change_fund
from tests.both_ends import Town
from tests.cabinas.conftest import Cabin
from tests.cac.both_ends.test_history import copy_of, put_back, told
from tests.demo import eventually
from web.access import Principal

EVER = (date(2000, 1, 1), date(2999, 12, 31))
ROSA, ELVA = "Rosa T.", "Elva R."


def treasury(number: int) -> Principal:
    return Principal("staff", number, f"Tesorería {number}", "tesoreria")


def books(town: Town, cabin: Cabin) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Every line of the ledger at both ends, but for what a phone's word did and its signed one undid."""
    spoken = (EntryKind.REMITTANCE_BY_CODE, EntryKind.REMITTANCE_BY_CODE_UNDONE)
    with cabin.store.read() as here, town.store.read() as there:
        own = till_money.ledger_lines(here, *EVER)
        held = ledger.lines(there, find(there, "C01").id, *EVER)
    plain = [
        sorted(
            (line.at, line.kind, line.subject, line.account, line.centimos) for line in lines if line.kind not in spoken
        )
        for lines in (own, held)
    ]
    return plain[0], plain[1]


def test_a_copy_put_back_loses_no_word_of_treasury_no_term_of_the_convenio_and_no_shift(town: Town, tmp_path: Path):
    cabin = town.pair("C01")
    key = centre_key(town.settings.keys_dir)
    given = {"key": key, "now": now_utc()}
    town.store.write(guarantee.receive, "C01", centimos=30_000, reference="R 1", principal=treasury(1), **given)
    cabin.talk()
    copy = copy_of(cabin, tmp_path / "copia.db")
    hands = {"device": cabin.device, "now": now_utc()}
    cabin.store.write(shifts.open_shift, operator=ELVA, counts={"1000": 5}, fund_centimos=5_000, **hands)
    for _ in range(3):
        cabin.file()
    sent = cabin.post("/remesas", {"centimos": 1_100, "reference": "BN 1"}).json["id"]
    read = town.store.write(
        phone.confirm, "C01", place="A-1", centimos=1_100, reference="BN 1", principal=treasury(1), **given
    )
    assert cabin.post(f"/remesas/{sent}/codigos", {"code": read["code"]}).status_code == 201
    cabin.store.write(shifts.hand_over, giver=ELVA, taker=ROSA, counts={"5000": 1, "1000": 3, "200": 2}, **hands)
    cabin.talk()
    asked = {"kind": "garantia_ejecutada", "centimos": 700, "motivo": "debe desde octubre", "now": now_utc()}
    order = town.store.write(guarantee.ask, "C01", principal=treasury(1), **asked)
    town.store.write(guarantee.decide, "C01", order["id"], approved=True, principal=treasury(2), **given)
    with town.store.read() as session:
        agreed = terms_of(find(session, "C01"))
    changed = {"day": lima_day(now_utc()), "principal": SYSTEM, "now": now_utc()}
    town.store.write(change_terms, replace(agreed, warn_percent=65), **changed)
    cabin.talk()
    cabin.talk()
    before = summary(cabin)
    own, held = books(town, cabin)
    assert own == held
    assert town.owed("C01") == 3_300 - 1_100 - 700
    eventually(lambda: told(cabin) >= 11)

    cabin = put_back(town, cabin, copy, with_mark=True)
    cabin.talk()
    cabin.talk()

    assert summary(cabin) == before
    own, held = books(town, cabin)
    assert own == held, "put back, it posts each thing once and on the day it was"
    town.agree()


def summary(cabin: Cabin) -> dict[str, object]:
    with cabin.store.read() as session:
        held = {account: centimos for account, centimos in till_money.balances(session).items() if centimos}
        shift = open_shift(session)
        assert shift is not None
        return {
            "balances": held,
            "fund": change_fund(till_money.balances(session)),
            "guarantee": held[Account.GUARANTEE],
            "warn": terms(session).catalogue.convenio.warn_percent,
            "remittances": [(row.centimos, row.state, row.said) for row in till_money.remittances(session)],
            "shift": (shift.operator, shift.handed_by, shift.counted_centimos, shift.fund_centimos),
        }


def test_the_centre_sees_who_has_the_drawer_and_what_each_count_found(town: Town):
    cabin = town.pair("C01")
    hands = {"device": cabin.device, "now": now_utc()}
    cabin.store.write(shifts.open_shift, operator=ELVA, counts={"1000": 5}, fund_centimos=5_000, **hands)
    cabin.file()
    cabin.store.write(shifts.hand_over, giver=ELVA, taker=ROSA, counts={"5000": 1, "1000": 1}, **hands)
    move = {
        "move": EntryKind.CHANGE_FUND_TAKEN,
        "centimos": 2_000,
        "principal": Principal("staff", 2, ROSA, "operador"),
    }
    cabin.store.write(shifts.move_own_cash, **move, **hands)
    assert cabin.post("/cierres", {"counts": {"2000": 2}}).status_code == 201
    cabin.talk()
    town.agree()
    own, held = books(town, cabin)
    assert own == held
    with town.store.read() as session:
        rows = centre_shifts(session, find(session, "C01").id)
        assert [(row.operator, row.handed_by, row.difference_centimos) for row in rows] == [
            (ROSA, ELVA, -500),
            (ELVA, "", 0),
        ]
        assert not remittances(session)


def test_a_shift_whose_difference_is_not_its_count_is_set_aside(town: Town, monkeypatch):
    cabin = town.pair("C01")
    monkeypatch.setattr(shifts.ledger, "count_difference", lambda *_, **__: None)
    hands = {"device": cabin.device, "now": now_utc()}
    cabin.store.write(shifts.open_shift, operator=ELVA, counts={"1000": 5}, fund_centimos=0, **hands)
    cabin.talk()
    assert cabin.get("/sync").json["quarantined"] == 1


def test_a_suspension_heard_before_the_copy_was_made_is_heard_again_after(town: Town, tmp_path: Path):
    cabin = town.pair("C01")
    cabin.talk()
    copy = copy_of(cabin, tmp_path / "copia.db")
    town.store.write(suspend, "C01", suspended=True, reason="no remesa", principal=SYSTEM, now=now_utc())
    cabin.talk()
    cabin = put_back(town, cabin, copy, with_mark=True)
    cabin.talk()
    assert cabin.file().json["code"] == "cabina.suspendida"
