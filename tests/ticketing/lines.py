"""Policies as hypothesis makes them."""

from hypothesis import strategies as st

from ticketing.rules import Kind, Policy, Returned, Rule


@st.composite
def policies(draw):
    """Any policy an administrator can make."""
    every, waited = Rule(Kind.EVERY, draw(st.integers(2, 5))), Rule(Kind.WAITED, draw(st.integers(5, 40)))
    before = draw(st.lists(st.sampled_from([every, waited]), unique=True))
    own = draw(st.sampled_from(["first", "last", "no"]))
    rules = [*before, Rule(Kind.OWN)] if own == "first" else before
    rules = [*rules, Rule(Kind.PREFERENTE), *([Rule(Kind.OWN)] if own == "last" else [])]
    return Policy(tuple(rules), draw(st.sampled_from(Returned)))
