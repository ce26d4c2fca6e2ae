"""A settlement against a short oracle: add up what happened, by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import ledger
from core.clock import LIMA
from core.ledger import Account, Balances, Entry
from core.settlement import Line, found, settle

DAY = date(2026, 11, 1)


def lines_of(dated: list[tuple[date, Entry]]) -> list[Line]:
    return [
        Line(datetime(on.year, on.month, on.day, 10, tzinfo=LIMA), on, entry.kind, entry.subject, p.account, p.centimos)
        for on, entry in dated
        for p in entry.postings
    ]


fees = st.integers(min_value=0, max_value=20_000)
acts = st.lists(
    st.tuples(
        st.sampled_from(("charge", "remit", "confirm", "reject", "phone", "extorno", "execute", "count")),
        fees,
        st.integers(min_value=0, max_value=40),
    ),
    max_size=40,
)


def played(script: list[tuple[str, int, int]]) -> tuple[list[tuple[date, Entry]], dict[str, int]]:
    """The entries a script makes, and the oracle: what is owed, earned and on its way, kept in plain integers."""
    dated: list[tuple[date, Entry]] = []
    told = {"owed": 0, "earned": 0, "way": 0, "cash": 0}
    open_remittances: list[Entry] = []
    charges: list[tuple[Entry, int, int]] = []
    for n, (act, amount, day) in enumerate(sorted(script, key=lambda one: one[2])):
        on, entry = DAY + timedelta(days=day), None
        if act == "charge":
            rounding = amount % 10
            entry = ledger.charge(f"e{n}", fee_centimos=amount, rounding_centimos=rounding, service_centimos=400)
            charges.append((entry, amount - rounding, 400))
            told["owed"] += amount - rounding
            told["earned"] += 400
            told["cash"] += amount - rounding + 400
        elif act == "remit" and amount:
            entry = ledger.declare_remittance(f"r{n}", amount)
            open_remittances.append(entry)
            told["way"] += amount
            told["cash"] -= amount
        elif act in ("confirm", "reject", "phone") and open_remittances:
            declared = open_remittances.pop(0)
            sent = declared.amount(Account.REMITTANCE_IN_TRANSIT)
            told["way"] -= sent
            if act == "reject":
                entry = ledger.reject_remittance(declared)
                told["cash"] += sent
            else:
                received = 1 + amount % sent
                told["owed"] -= received
                told["cash"] += sent - received
                if act == "phone":
                    spoken = ledger.confirm_by_code(declared)
                    dated.append((on, spoken))
                    dated.append((on, ledger.reverse(spoken, ledger.EntryKind.REMITTANCE_BY_CODE_UNDONE)))
                entry = ledger.confirm_remittance(declared.subject, declared_centimos=sent, received_centimos=received)
        elif act == "extorno" and charges:
            charged, owed, earned = charges.pop()
            dated.append((on, ledger.declare_extorno(f"x{n}", charged)))
            entry = ledger.confirm_extorno(f"x{n}", charged)
            told["owed"] -= owed
            told["earned"] -= earned
            told["cash"] -= owed + earned
        elif act == "execute" and amount:
            entry = ledger.execute_guarantee(f"g{n}", amount)
            told["owed"] -= amount
        elif act == "count" and amount:
            entry = ledger.count_difference(f"Z{n}", expected_centimos=amount, counted_centimos=amount - 7)
            told["cash"] -= 7
        if entry is not None:
            dated.append((on, entry))
    return dated, told


@settings(max_examples=200, deadline=None)
@given(acts, st.integers(min_value=0, max_value=40))
def test_whatever_happens_the_settlement_is_what_an_oracle_adds_up_and_periods_join(script, cut: int):
    dated, told = played(script)
    lines = lines_of(dated)
    whole = settle("C01", Balances(), lines, from_on=DAY, to_on=DAY + timedelta(days=60))
    assert whole.closing_centimos == told["owed"]
    assert whole.service_centimos == told["earned"]
    assert whole.in_transit_centimos == told["way"]
    assert ledger.sum_postings(ledger.Posting(one.account, one.centimos) for one in lines)[Account.CASH] == told["cash"]
    assert sum(centimos for _, centimos in whole.rows) == told["owed"]
    middle = DAY + timedelta(days=cut)
    early, late = [one for one in lines if one.on <= middle], [one for one in lines if one.on > middle]
    first = settle("C01", Balances(), early, from_on=DAY, to_on=middle)
    opening = ledger.sum_postings(ledger.Posting(one.account, one.centimos) for one in early)
    second = settle("C01", opening, late, from_on=middle + timedelta(days=1), to_on=whole.to_on)
    assert second.opening_centimos == first.closing_centimos
    assert second.closing_centimos == whole.closing_centimos
    assert first.fees_centimos + second.fees_centimos == whole.fees_centimos
    assert first.remitted_centimos + second.remitted_centimos == whole.remitted_centimos


def test_the_same_figures_have_the_same_code_and_others_another():
    charged = ledger.charge("e1", fee_centimos=1_100, service_centimos=400)
    one = settle("C01", Balances(), lines_of([(DAY, charged)]), from_on=DAY, to_on=DAY)
    same = settle("C01", Balances(), lines_of([(DAY, charged)]), from_on=DAY, to_on=DAY)
    other = settle("C01", Balances({Account.MUNICIPAL: -1}), lines_of([(DAY, charged)]), from_on=DAY, to_on=DAY)
    assert one.check_code == same.check_code != other.check_code
    assert one.number == "LIQ-C01-20261101-20261101"


@pytest.mark.parametrize(("text", "how_many"), [("e1", 3), ("COBRO", 3), ("caja", 1), ("", 3), ("zz", 0)])
def test_movements_are_found_by_their_words(text: str, how_many: int):
    charged = ledger.charge("e1", fee_centimos=1_100, service_centimos=400)
    assert len(found(lines_of([(DAY, charged)]), text)) == how_many
