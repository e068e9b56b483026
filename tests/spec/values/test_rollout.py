"""Plans of rollouts: what is written is read again as the same, and which step follows a share."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.spec.values.rollout import Condition, RolloutPlan, parse, write
from tests.support.fuzz import examples

_below = st.sets(st.integers(1, 99), min_size=1, max_size=6)
_limit = st.floats(allow_nan=False, allow_infinity=False).map(repr)
_query = st.sampled_from(
    [
        "error_rate",
        'sum(rate(a{code=~"5..",b!="c,d"}[5m])) / sum(rate(a[5m]))',
        "a > bool 1",
        "max by (le) (x{service='{service}'} offset 5m)",
        "every 1h while x",
    ]
)
_conditions = st.builds(Condition, _query, st.sampled_from(["<", "<=", ">", ">="]), _limit)
_plans = st.builds(
    lambda below, every, condition: RolloutPlan((*sorted(below), 100), every, condition),
    _below,
    st.integers(1, 999_999),
    st.none() | _conditions,
)


@settings(max_examples=examples(40, of=100), deadline=None)
@given(plan=_plans)
def test_a_plan_that_is_written_is_read_again(plan: RolloutPlan) -> None:
    assert parse(write(plan)) == plan
    condition = {"while": str(plan.condition)} if plan.condition is not None else {}
    every = write(plan).split(" every ", 1)[1].split()[0]
    assert parse({"steps": [str(step) for step in plan.steps], "every": every, **condition}) == plan


@pytest.mark.parametrize(("share", "following"), [(0, 5), (5, 25), (10, 25), (25, 100), (99, 100)])
def test_the_next_step_is_the_first_one_above_the_share(share: int, following: int) -> None:
    assert parse("5%,25%,100% every 1h").after(share) == following


@pytest.mark.parametrize(
    ("condition", "held", "broken"),
    [("<", 0.009, 0.01), ("<=", 0.01, 0.011), (">", 0.011, 0.01), (">=", 0.01, 0.009)],
)
def test_what_a_condition_accepts(condition: str, held: float, broken: float) -> None:
    found = parse(f"5%,100% every 1h while a {condition} 0.01").condition
    assert found is not None
    assert (found.holds(held), found.holds(broken)) == (True, False)
