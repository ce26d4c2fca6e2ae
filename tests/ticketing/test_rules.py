import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ticketing.lines import policies
from ticketing.explain import RETURNS, departures, explain
from ticketing.rules import (
    DEFAULT,
    Kind,
    Policy,
    PolicyInvalid,
    Returned,
    Rule,
    parse_policy,
    policy_as_form,
    policy_from_form,
)

FIRST, OWN = Rule(Kind.PREFERENTE), Rule(Kind.OWN)


@given(policies())
def test_a_policy_comes_back_from_its_stored_form_and_from_the_form_of_the_page(policy):
    assert parse_policy(policy.as_json()) == policy
    assert policy_from_form(policy_as_form(policy)) == policy


@given(policies())
def test_without_the_own_service_it_is_still_a_policy(policy):
    rest = policy.without(Kind.OWN)
    assert rest.value(Kind.OWN) is None and rest.value(Kind.EVERY) == policy.value(Kind.EVERY)


@given(policies())
def test_each_rule_with_its_number_is_in_the_explanation(policy):
    told = explain(policy)
    assert all(str(rule.value) in told for rule in policy.rules if rule.value)
    assert "Ley 28683" in told and RETURNS[policy.returned] in told
    assert bool(departures(policy)) == (policy.rules[0].kind is not Kind.PREFERENTE)


@pytest.mark.parametrize(
    "rules",
    [
        (),
        (OWN,),
        (FIRST, FIRST),
        (FIRST, Rule(Kind.EVERY, 4)),
        (FIRST, Rule(Kind.WAITED, 60)),
        (Rule(Kind.EVERY, 1), FIRST),
        (Rule(Kind.WAITED, 481), FIRST),
    ],
)
def test_a_policy_without_the_law_or_with_a_rule_that_says_nothing_is_refused(rules):
    with pytest.raises(PolicyInvalid):
        Policy(rules)


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {"rules": 3, "returned": "ahora"},
        {"rules": [{"rule": "otra"}], "returned": "ahora"},
        {"rules": [{"rule": "preferente_primero"}], "returned": "nunca"},
        {"rules": ["preferente_primero"], "returned": "ahora"},
        {"rules": [{"rule": "espera_mayor", "value": []}], "returned": "ahora"},
    ],
)
def test_what_is_no_policy_is_refused(stored):
    with pytest.raises(PolicyInvalid):
        parse_policy(stored)


@given(st.dictionaries(st.sampled_from(list(policy_as_form(DEFAULT))), st.text(max_size=6)))
def test_any_form_is_a_policy_or_a_refusal(form):
    try:
        policy = policy_from_form(form)
    except PolicyInvalid:
        return
    assert isinstance(policy, Policy) and isinstance(policy.returned, Returned)
