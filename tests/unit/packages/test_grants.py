from __future__ import annotations

import pytest

from agentops_kit.content.library import Library, shipped
from agentops_kit.packages import grants


@pytest.mark.parametrize(
    "text",
    [
        "Bash", "Bash(*)", "Bash(:*)", "Bash(sh:*)", "Bash(/bin/bash *)", "Bash(python3:*)", "Bash(sudo:*)", "*",
        "Bash(npx:*)", "Bash(agentops:*)", "Bash(agentops approve:*)", "Bash(agentops profile:*)", "mcp__*",
        "Bash(agentops profile add:*)", "Bash(agentops install)", "Edit", "Write", "Edit(**)", "Write(./**)",
        "Edit(.claude/settings.json)", "Write(/.git/hooks/**)", "Edit(.agentops/config.yaml)", "Edit(.agentops/**)",
        "Edit(//etc/**)", "Write(~/.bashrc)", "Edit(../x)", "Edit(src/../../x)", "NotebookEdit", "MultiEdit(*)",
    ],
)  # fmt: skip
def test_a_permission_wider_than_any_work_is_named(text: str) -> None:
    assert grants.too_wide(text)


@pytest.mark.parametrize(
    "text",
    [
        "Bash(git log:*)", "Bash(kubectl diff:*)", "Bash(python3 -m pytest:*)", "Bash(agentops bundle save:*)", "Read",
        "Bash(agentops profile show:*)", "Edit(.agentops/bundles/**)", "Write(docs/**)", "mcp__tracker__search", "Grep",
        "Bash(make)",
    ],
)  # fmt: skip
def test_a_permission_for_one_thing_is_not(text: str) -> None:
    assert not grants.too_wide(text)


def test_no_command_we_ship_asks_for_too_much() -> None:
    library = Library(shipped())
    asked = [tool for name in library.names() for one in library.load(name).commands for tool in one.spec.tools]

    assert asked
    assert not [tool for tool in asked if grants.too_wide(tool)]


def test_a_permission_of_no_known_shape_is_a_tool_of_that_name() -> None:
    assert grants.read("Odd (thing") == grants.Grant("Odd (thing", None)
    assert grants.read("Bash(a)") == grants.Grant("Bash", "a")
