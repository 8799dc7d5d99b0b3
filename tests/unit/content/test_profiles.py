from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agentops_kit.content.config import Config
from agentops_kit.content.profiles import active_profiles, checks_for, resolve, user_config_path
from agentops_kit.errors import ContentInvalid
from tests.unit.content.conftest import command, persona, profile

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops_kit.content.library import Library

OVERRIDE = "overrides: parent\nreason: Ours asks first."
CHECK = "checks: [{name: tests, description: d, when: ['**/*.py', 'go.mod', 'k8s/**'], command: pytest}]"


@pytest.mark.parametrize(
    ("flag", "environ", "workspace", "user", "expected"),
    [
        (["a", "b"], {"AGENTOPS_PROFILE": "c"}, ("d",), ("e",), ("a", "b")),
        ([], {"AGENTOPS_PROFILE": "c, d,"}, ("e",), ("f",), ("c", "d")),
        ([], {"AGENTOPS_PROFILE": " "}, ("e",), ("f",), ("e",)),
        ([], {}, (), ("f",), ("f",)),
        ([], {}, None, None, ("base",)),
        (["a", "a"], {}, None, None, ("a",)),
    ],
)
def test_the_first_place_that_names_a_profile_wins(
    flag: list[str],
    environ: dict[str, str],
    workspace: tuple[str, ...] | None,
    user: tuple[str, ...] | None,
    expected: tuple[str, ...],
) -> None:
    configs = [None if names is None else Config(profiles=names) for names in (workspace, user)]

    assert active_profiles(flag, environ, configs[0], configs[1]) == expected


def test_the_users_configuration_follows_xdg() -> None:
    assert str(user_config_path({"XDG_CONFIG_HOME": "/x"})) == "/x/agentops/config.yaml"
    assert str(user_config_path({"HOME": "/h"})) == "/h/.config/agentops/config.yaml"


def test_a_child_adds_to_its_parent(library: Callable[..., Library]) -> None:
    shelf = library(
        profile("parent", "commands: go"),
        command("parent", "go"),
        profile("child", "extends: parent\npersonas: looker"),
        persona("child", "looker"),
    )

    resolved = resolve(["child"], shelf)

    assert resolved.lineage == ("parent", "child")
    assert [(item.name, item.owner) for item in resolved.commands] == [("go", "parent")]
    assert [(item.name, item.owner) for item in resolved.personas] == [("looker", "child")]


def test_an_override_with_reason_replaces(library: Callable[..., Library]) -> None:
    shelf = library(
        profile("parent", "commands: go"),
        command("parent", "go"),
        profile("child", "extends: parent\ncommands: go"),
        command("child", "go", "Other.", OVERRIDE),
    )

    (only,) = resolve(["child"], shelf).commands

    assert (only.owner, only.body) == ("child", "Other.\n")


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("", "replaces that of 'parent' without a word"),
        ("overrides: parent", "overrides 'parent' without a reason"),
        ("overrides: nobody\nreason: r", "says it overrides 'nobody', which has none"),
    ],
)
def test_an_override_has_to_say_so(library: Callable[..., Library], said: str, message: str) -> None:
    shelf = library(
        profile("parent", "commands: go"),
        command("parent", "go"),
        profile("child", "extends: parent\ncommands: go"),
        command("child", "go", more=said),
    )

    with pytest.raises(ContentInvalid) as caught:
        resolve(["child"], shelf)

    assert message in caught.value.message
    assert "profiles/child/commands/go.md" in caught.value.message


def test_an_override_of_nothing_is_refused(library: Callable[..., Library]) -> None:
    shelf = library(profile("alone", "commands: go"), command("alone", "go", more=OVERRIDE))

    with pytest.raises(ContentInvalid, match="overrides 'parent', which has none"):
        resolve(["alone"], shelf)


def test_two_profiles_with_the_same_command_are_both_named(library: Callable[..., Library]) -> None:
    shelf = library(
        profile("one", "commands: go"), command("one", "go"), profile("two", "commands: go"), command("two", "go")
    )

    with pytest.raises(ContentInvalid, match=r"both one \(.*\) and two \(.*\)"):
        resolve(["one", "two"], shelf)


def test_a_profile_over_both_settles_their_conflict(library: Callable[..., Library]) -> None:
    shelf = library(
        profile("one", "commands: go"),
        command("one", "go"),
        profile("two", "commands: go"),
        command("two", "go"),
        profile("top", "extends: [one, two]\ncommands: go"),
        command("top", "go", "Mine.", "overrides: two\nreason: r"),
    )

    assert resolve(["top"], shelf).commands[0].owner == "top"


def test_a_common_parent_is_no_conflict(library: Callable[..., Library]) -> None:
    shelf = library(
        profile("parent", "commands: go"),
        command("parent", "go"),
        profile("one", "extends: parent"),
        profile("two", "extends: parent"),
    )

    assert resolve(["one", "two"], shelf).lineage == ("parent", "one", "two")


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ((profile("mine", "extends: mine"),), "loop: mine → mine"),
        ((profile("mine", "extends: b"), profile("b", "extends: c"), profile("c", "extends: b")), "loop: b → c → b"),
        ((profile("mine", "extends: nobody"),), "'mine' extends 'nobody', which does not exist"),
        ((profile("mine", "requirements: {core: '>=99'}"),), "needs agentops-kit >=99"),
        ((profile("mine", "requirements: {core: newest}"),), "no version specifier"),
        ((profile("mine", "commands: [go, go]"), command("mine", "go")), "stands twice"),
    ],
)
def test_what_cannot_be_merged_is_named(
    library: Callable[..., Library], parts: tuple[dict[str, str], ...], message: str
) -> None:
    with pytest.raises(ContentInvalid) as caught:
        resolve(["mine"], library(*parts))

    assert message in caught.value.message
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("{name: s, persona: nobody}", "names the persona 'nobody'"),
        ("{name: s, command: nothing}", "names the command 'nothing'"),
        ("{name: s, needs: [later]}", "names the step 'later'"),
    ],
)
def test_a_workflow_names_only_what_exists(library: Callable[..., Library], step: str, message: str) -> None:
    flow = f"description: d\nphases:\n  - {{name: p, steps: [{step}]}}\n"
    shelf = library(profile("mine", "workflows: flow"), {"profiles/mine/workflows/flow.yaml": flow})

    with pytest.raises(ContentInvalid) as caught:
        resolve(["mine"], shelf)

    assert message in caught.value.message


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.py", True),
        ("src/deep/a.py", True),
        ("go.mod", True),
        ("sub/go.mod", False),
        ("k8s/x/y.yaml", True),
        ("a.rs", False),
    ],
)
def test_checks_are_offered_for_the_files_they_name(
    library: Callable[..., Library],
    path: str,
    expected: bool,
) -> None:
    resolved = resolve(["mine"], library(profile("mine", CHECK)))

    assert bool(checks_for(resolved.checks, [path])) is expected
