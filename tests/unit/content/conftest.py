"""A library of one small profile that tests change one file at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agentops_kit.content.library import Library, shipped
from tests.support.trees import write_tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PROFILE = """\
apiVersion: agentops.kit/v1
kind: Profile
metadata:
  name: {name}
  description: A profile for a test.
  version: 0.1.0
{more}
"""
COMMAND = """\
---
description: Do a thing
{more}
---
{body}
"""
PERSONA = """\
---
name: {name}
description: Looks. Use when looking.
tools: [{tools}]
model: {model}
---
{body}
"""


def profile(name: str, more: str = "") -> dict[str, str]:
    """Return the file of a profile with further lines."""
    return {f"profiles/{name}/profile.yaml": PROFILE.format(name=name, more=more)}


def command(owner: str, name: str, body: str = "Text.", more: str = "") -> dict[str, str]:
    """Return the file of a command."""
    return {f"profiles/{owner}/commands/{name}.md": COMMAND.format(body=body, more=more)}


def persona(
    owner: str, name: str, *, body: str = "You look.", tools: str = "Read, Bash", model: str = "haiku"
) -> dict[str, str]:
    """Return the file of a persona."""
    return {f"profiles/{owner}/agents/{name}.md": PERSONA.format(name=name, body=body, tools=tools, model=model)}


@pytest.fixture
def library(tmp_path: Path) -> Callable[..., Library]:
    """Return a function that writes files and gives a library over them."""

    def build(*parts: dict[str, str]) -> Library:
        root = tmp_path / "shipped"
        for part in parts:
            write_tree(root, part)
        return Library(root, tmp_path / "workspace")

    return build


@pytest.fixture
def ours() -> Library:
    """Return the library of what we ship."""
    return Library(shipped())
