import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticketing.moves import OPEN, OVER, OWNED, RULES, By, Move, MoveNotAllowed, OtherVentanilla, State, after, allowed


def test_the_table_holds_every_move_but_the_issue():
    assert set(RULES) == set(Move) - {Move.ISSUE}


@given(st.sampled_from(sorted(RULES)), st.sampled_from(State))
def test_a_move_leads_to_its_target_or_is_refused(move, state):
    if state in RULES[move].sources:
        assert after(move, state) is RULES[move].target
    else:
        with pytest.raises(MoveNotAllowed):
            after(move, state)


@given(st.sampled_from(sorted(OVER)), st.sampled_from(sorted(RULES)))
def test_nothing_moves_a_ticket_that_is_over(state, move):
    with pytest.raises(MoveNotAllowed):
        after(move, state)


@pytest.mark.parametrize(
    "move", [m for m, rule in RULES.items() if rule.by in (By.OWNER, By.ANYONE) and rule.sources & OWNED]
)
def test_only_its_own_ventanilla_moves_a_ticket_it_has(move):
    state = next(iter(RULES[move].sources & OWNED))
    assert after(move, state, owner=3, acting=3) is RULES[move].target
    with pytest.raises(OtherVentanilla):
        after(move, state, owner=3, acting=4)


def test_another_ventanilla_may_take_a_ticket_over():
    assert after(Move.TAKE, State.ATTENDED, owner=3, acting=4) is State.CALLED


def test_whoever_waits_belongs_to_no_ventanilla():
    assert after(Move.FORWARD, State.WAITING, owner=None, acting=4) is State.WAITING


def test_a_called_ticket_offers_what_the_ventanilla_page_shows():
    assert {Move.RECALL, Move.START, Move.ABSENT, Move.FORWARD} <= set(allowed(State.CALLED))
    assert Move.FINISH not in allowed(State.CALLED) and Move.LEAVE not in allowed(State.CALLED)


def test_every_state_that_is_not_over_has_a_way_out():
    assert all(Move.LEAVE in {m for m, rule in RULES.items() if state in rule.sources} for state in set(State) - OVER)
    assert OPEN < OWNED
