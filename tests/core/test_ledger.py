from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import ledger
from core.ledger import Account, Entry, EntryKind, Posting

amounts = st.integers(1, 1_000_000)
fees = st.builds(lambda fee: (fee, fee % 10), amounts)


def test_a_cabin_filing_owes_the_fee_and_earns_the_service():
    entry = ledger.charge("2026-C01A-000001-X", fee_centimos=1_100, service_centimos=400)
    balance = ledger.balances([entry])
    assert ledger.municipal_held(balance) == 1_100
    assert -balance[Account.COMMISSION] == 400
    assert ledger.cash_expected(balance) == 1_500


def test_cash_rounding_lowers_what_is_owed_to_the_municipality_and_never_the_service():
    balance = ledger.balances([ledger.charge("n", fee_centimos=4_847, rounding_centimos=7, service_centimos=400)])
    assert ledger.municipal_held(balance) == 4_840
    assert -balance[Account.COMMISSION] == 400
    assert ledger.cash_expected(balance) == 5_240


def test_a_fee_paid_outside_the_cabin_is_not_owed_by_it():
    balance = ledger.balances([ledger.charge("n", fee_centimos=99_900, service_centimos=400, fee_in_cash=False)])
    assert ledger.municipal_held(balance) == 0
    assert ledger.cash_expected(balance) == 400


def test_a_service_borne_by_the_municipality_is_earned_and_not_charged():
    entry = ledger.charge("n", fee_centimos=0, service_centimos=400, service_borne_by_citizen=False)
    balance = ledger.balances([entry])
    assert ledger.cash_expected(balance) == 0
    assert balance[Account.SERVICE_RECEIVABLE] == -balance[Account.COMMISSION] == 400
    assert ledger.municipal_held(balance) == 0


def test_nothing_charged_is_no_entry():
    assert ledger.charge("n", fee_centimos=0) is None
    assert ledger.count_difference("z", expected_centimos=100, counted_centimos=100) is None


@given(amounts, amounts)
def test_a_declared_remittance_frees_nothing_and_a_confirmed_one_does(owed, sent):
    charged = ledger.charge("n", fee_centimos=owed)
    declared = ledger.declare_remittance("r", sent)
    assert ledger.municipal_held(ledger.balances([charged, declared])) == owed
    confirmed = ledger.confirm_remittance("r", declared_centimos=sent, received_centimos=sent)
    after = ledger.balances([charged, declared, confirmed])
    assert ledger.municipal_held(after) == owed - sent
    assert after[Account.REMITTANCE_IN_TRANSIT] == 0


@given(amounts, amounts)
def test_what_treasury_did_not_receive_is_still_owed(declared, received):
    entries = [
        ledger.charge("n", fee_centimos=declared + received),
        ledger.declare_remittance("r", declared),
        ledger.confirm_remittance("r", declared_centimos=declared, received_centimos=received),
    ]
    balance = ledger.balances(entries)
    assert ledger.municipal_held(balance) == declared
    assert balance[Account.REMITTANCE_IN_TRANSIT] == 0


@given(amounts)
def test_a_rejected_remittance_leaves_things_as_before(sent):
    declared = ledger.declare_remittance("r", sent)
    rejected = ledger.reject_remittance(declared)
    assert rejected.undoes == declared.ref
    assert not any(ledger.balances([declared, rejected]).values())


@given(fees, st.integers(0, 1_000))
def test_an_extorno_reduces_the_debt_only_when_confirmed(fee, service):
    charged = ledger.charge("n", fee_centimos=fee[0] + 10, rounding_centimos=fee[1], service_centimos=service)
    owed = ledger.municipal_held(ledger.balances([charged]))
    declared = ledger.declare_extorno("e", charged)
    assert ledger.municipal_held(ledger.balances([charged, declared])) == owed
    assert ledger.cash_expected(ledger.balances([charged, declared])) == 0
    confirmed = ledger.confirm_extorno("e", charged)
    assert confirmed.undoes == charged.ref
    assert not any(ledger.balances([charged, declared, confirmed]).values())
    rejected = ledger.reject_extorno(declared)
    assert ledger.balances([charged, declared, rejected]) == ledger.balances([charged])


@given(st.integers(0, 100_000), st.integers(0, 100_000))
def test_after_a_count_the_drawer_is_what_was_counted(expected, counted):
    charged = ledger.charge("n", fee_centimos=expected)
    difference = ledger.count_difference("z", expected_centimos=expected, counted_centimos=counted)
    balance = ledger.balances(entry for entry in (charged, difference) if entry)
    assert ledger.cash_expected(balance) == counted
    assert balance[Account.COUNT_DIFFERENCE] == expected - counted


def test_executing_the_guarantee_settles_what_is_owed():
    entries = [
        ledger.deposit_guarantee("g", 30_000),
        ledger.charge("n", fee_centimos=20_000),
        ledger.execute_guarantee("g", 20_000),
    ]
    balance = ledger.balances(entries)
    assert ledger.municipal_held(balance) == 0
    assert balance[Account.GUARANTEE] == 10_000


@given(st.lists(st.tuples(st.sampled_from(Account), st.integers(-1_000, 1_000)), max_size=6))
def test_an_entry_that_does_not_balance_cannot_be_made(lines):
    postings = tuple(Posting(account, centimos) for account, centimos in lines)
    sound = postings and all(posting.centimos for posting in postings) and not sum(p.centimos for p in postings)
    if sound:
        assert Entry(EntryKind.CHARGE, "n", postings).postings == postings
    else:
        with pytest.raises(ledger.Unbalanced):
            Entry(EntryKind.CHARGE, "n", postings)


movements = st.lists(
    st.one_of(
        st.tuples(st.just("cobro"), st.integers(0, 9_999), st.booleans()),
        st.tuples(st.just("remesa"), amounts, st.sampled_from(["declarada", "confirmada", "rechazada"])),
        st.tuples(st.just("extorno"), st.integers(1, 9_999), st.sampled_from(["declarado", "confirmado", "rechazado"])),
        st.tuples(st.just("arqueo"), st.integers(-500, 500), st.none()),
    ),
    max_size=30,
)


@given(movements)
def test_any_day_balances_and_what_is_owed_agrees_with_plain_sums(day):
    """The oracle keeps three plain numbers; the ledger must agree with it after any day."""
    entries: list[Entry | None] = []
    cash = owed = earned = 0
    for place, (what, amount, word) in enumerate(day):
        subject = str(place)
        if what == "cobro":
            rounding = amount % 10 if word else 0
            entries.append(
                ledger.charge(
                    subject, fee_centimos=amount, rounding_centimos=rounding, service_centimos=400, fee_in_cash=word
                )
            )
            owed += amount - rounding if word else 0
            cash += (amount - rounding if word else 0) + 400
            earned += 400
        elif what == "remesa":
            declared = ledger.declare_remittance(subject, amount)
            entries.append(declared)
            cash -= amount
            if word == "confirmada":
                entries.append(ledger.confirm_remittance(subject, declared_centimos=amount, received_centimos=amount))
                owed -= amount
            elif word == "rechazada":
                entries.append(ledger.reject_remittance(declared))
                cash += amount
        elif what == "extorno":
            charged = ledger.charge(subject, fee_centimos=amount, service_centimos=400)
            declared = ledger.declare_extorno(subject, charged)
            entries += [charged, declared]
            if word == "confirmado":
                entries.append(ledger.confirm_extorno(subject, charged))
            else:
                owed += amount
                earned += 400
            if word == "rechazado":
                entries.append(ledger.reject_extorno(declared))
                cash += amount + 400
        else:
            entries.append(ledger.count_difference(subject, expected_centimos=cash, counted_centimos=cash + amount))
            cash += amount
    balance = ledger.balances(entry for entry in entries if entry)
    assert sum(balance.values()) == 0
    assert ledger.municipal_held(balance) == owed
    assert ledger.cash_expected(balance) == cash
    assert -balance[Account.COMMISSION] == earned
