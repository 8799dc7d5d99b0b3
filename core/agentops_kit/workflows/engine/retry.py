"""Whether a failed try is followed by another, and after how long."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from agentops_kit.workflows.spec import Policy
    from agentops_kit.workflows.steps.base import Failure


class Again(NamedTuple):
    """Another try, ``seconds`` from now; ``last`` when none follows it."""

    seconds: float
    last: bool


def longest(policy: Policy, attempt: int) -> float:
    """Return the most seconds to wait after try number ``attempt`` (from 1): doubling, up to the policy's limit."""
    doublings = min(attempt - 1, 60)  # beyond this every limit is reached, and a float would soon be infinite
    return float(min(policy.longest_wait, policy.first_wait * 2**doublings))


def decide(policy: Policy, kind: Failure, attempt: int, chance: float, asked: float | None = None) -> Again | None:
    """Return how to go on after try number ``attempt`` (from 1) failed, None when that was all.

    ``chance`` is drawn evenly from 0 up to 1: the wait is that share of the longest one (full jitter), so that many
    steps that failed together do not come back together. ``asked`` is how many seconds the other side asked for.
    """
    if attempt >= policy.attempts or kind not in policy.retry_on:
        return None
    seconds = max(longest(policy, attempt) * chance, asked or 0.0)
    return Again(seconds, last=attempt + 1 >= policy.attempts)
