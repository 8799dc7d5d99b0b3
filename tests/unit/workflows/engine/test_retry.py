from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.workflows.engine import retry
from agentops_kit.workflows.spec import Policy
from agentops_kit.workflows.steps.base import Failure

POLICIES = st.builds(
    Policy,
    attempts=st.integers(1, 2000),
    first_wait=st.floats(0, 100),
    longest_wait=st.floats(0, 1000),
)
KINDS = st.sampled_from(get_args(Failure))


@given(POLICIES, KINDS, st.integers(1, 2000), st.floats(0, 1, exclude_max=True))
def test_a_wait_is_within_its_bounds_and_tries_end(policy: Policy, kind: Failure, attempt: int, chance: float) -> None:
    again = retry.decide(policy, kind, attempt, chance)

    if attempt >= policy.attempts or kind not in policy.retry_on:
        assert again is None
    else:
        assert again is not None
        assert 0 <= again.seconds <= policy.longest_wait
        assert again.last is (attempt + 1 == policy.attempts)


@given(POLICIES, st.integers(1, 100))
def test_waits_grow_up_to_the_longest(policy: Policy, attempt: int) -> None:
    assert retry.longest(policy, attempt) <= retry.longest(policy, attempt + 1) <= policy.longest_wait


def test_waits_double() -> None:
    assert [retry.longest(Policy(first_wait=1, longest_wait=5), n) for n in (1, 2, 3, 4)] == [1, 2, 4, 5]


def test_what_the_other_side_asks_for_is_waited_at_least() -> None:
    again = retry.decide(Policy(attempts=2), "rate_limited", 1, 0.0, asked=30)

    assert again == retry.Again(30, last=True)


@pytest.mark.parametrize("kind", ["invalid", "refused", "cost_cap", "cancelled", "diverged", "exit_status"])
def test_what_cannot_get_better_is_not_tried_again(kind: Failure) -> None:
    assert retry.decide(Policy(attempts=9), kind, 1, 0.5) is None
