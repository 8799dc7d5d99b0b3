from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agentops_kit.content.approval_settings import NO_APPROVALS, Approvals
from agentops_kit.content.config import Config, parse
from agentops_kit.content.critical import critical_paths
from agentops_kit.errors import ContentInvalid
from tests.support import trees

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{}", NO_APPROVALS),
        ("approvals:", NO_APPROVALS),
        ("approvals: {signed: required}", Approvals("required")),
        ("approvals: {signed: }", NO_APPROVALS),
        ("approvals: {people: {2: src/**}}", Approvals(people=((2, ("src/**",)),))),
        ("approvals: {people: {2: [a, b], 3: [c]}}", Approvals(people=((2, ("a", "b")), (3, ("c",))))),
    ],
)
def test_what_approvals_ask_for_is_read(text: str, found: Approvals) -> None:
    assert parse(text, "x").approvals == found


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("approvals: yes", "of the wrong type"),
        ("approvals: {sign: required}", "unknown key `approvals.sign`"),
        ("approvals: {signed: maybe}", "`approvals.signed` is 'maybe'"),
        ("approvals: {people: [2]}", "`approvals.people` is not a mapping"),
        ("approvals: {people: {two: [a]}}", "names 'two' people"),
        ("approvals: {people: {0: [a]}}", "names 0 people"),
        ("approvals: {people: {true: [a]}}", "names True people"),
        ("approvals: {people: {2: [1]}}", "`approvals.people.2`"),
        ("limits: {recall_tokens: -1}", "limits.recall_tokens is -1"),
    ],
)
def test_what_means_nothing_is_refused_by_its_key(text: str, says: str) -> None:
    with pytest.raises(ContentInvalid) as caught:
        parse(text, "config.yaml")
    assert says in caught.value.message
    assert caught.value.remedy


def test_profiles_and_those_they_extend_mark_paths(tmp_path: Path) -> None:
    head = "apiVersion: agentops.kit/v1\nkind: Profile\nmetadata: {{name: {0}, description: x, version: 1.0.0}}\n"
    trees.write_tree(
        tmp_path,
        {
            ".agentops/profiles/one/profile.yaml": head.format("one") + "extends: two\ncritical: ['*.sql']\n",
            ".agentops/profiles/two/profile.yaml": head.format("two") + "extends: one\ncritical: [pay/**, '*.sql']\n",
        },
    )
    assert critical_paths(tmp_path, Config(profiles=("one",)), {}) == ("*.sql", "pay/**")
    assert critical_paths(tmp_path, Config(), {}) == ()


def test_a_profile_that_does_not_load_opens_no_gate(tmp_path: Path) -> None:
    head = "apiVersion: agentops.kit/v1\nkind: Profile\nmetadata: {name: one, description: x, version: 1.0.0}\n"
    trees.write_tree(tmp_path, {".agentops/profiles/one/profile.yaml": head + "critical: {a: b}\n"})
    with pytest.raises(ContentInvalid, match="critical"):
        critical_paths(tmp_path, Config(profiles=("one",)), {})
    with pytest.raises(ContentInvalid, match="gone"):
        critical_paths(tmp_path, Config(profiles=("gone",)), {})
