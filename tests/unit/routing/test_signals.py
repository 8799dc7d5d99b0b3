from __future__ import annotations

import pytest

from agentops_kit.routing.signals import Signals, bonuses, kind_of


def given_to(seen: Signals) -> dict[str, float]:
    return {one.id: one.value for one in bonuses(seen)}


@pytest.mark.parametrize(
    ("seen", "best", "value"),
    [
        (Signals(has_tasks=True, has_spec=True), "implement", 0.9),
        (Signals(has_spec=True), "plan", 0.8),
        (Signals(phase="plan", approved=True), "implement", 0.9),
        (Signals(phase="research", approved=True), "plan", 0.8),
        (Signals(phase="implement", clean=False), "validate", 0.8),
        (Signals(phase="quick"), "implement", 0.7),
        (Signals(), "research", 0.35),
        (Signals(last="plan"), "implement", 0.35),
        (Signals(phase="research"), "approve", 0.35),
    ],
)
def test_the_workspace_speaks_for_the_next_step(seen: Signals, best: str, value: float) -> None:
    found = given_to(seen)

    assert max(found.values()) == value
    assert found[best] == value


def test_a_run_says_more_than_files_that_lie_about() -> None:
    assert "implement" not in given_to(Signals(phase="research", has_tasks=True))


def test_a_dirty_tree_speaks_for_the_kind_of_its_files() -> None:
    assert given_to(Signals(clean=False, changed=("tests",))) == {"test-generator": 0.35, "validate": 0.35}
    assert given_to(Signals(clean=False)) == {}


def test_every_bonus_says_why() -> None:
    seen = Signals("implement", approved=True, clean=False, changed=("docs", "infrastructure", "tests"), last="plan")

    assert all(one.reason for one in bonuses(seen))


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("tests/test_a.py", "tests"),
        ("web/a.spec.ts", "tests"),
        ("README.md", "docs"),
        ("infra/main.tf", "infrastructure"),
        ("Dockerfile", "infrastructure"),
        ("src/latest.py", "code"),
    ],
)
def test_kinds_of_files(path: str, kind: str) -> None:
    assert kind_of(path) == kind
