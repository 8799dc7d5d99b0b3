"""The snippets of the guide are YAML, and the commands in them exist."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from agentops_kit.cli.main import agentops
from agentops_kit.content.config import parse
from tests.support import source

GUIDE = (source.ROOT / "docs" / "GIT_HOOKS.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"^```yaml\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


def commands(value: Any) -> list[str]:
    """Return the shell lines of a CI file."""
    if isinstance(value, dict):
        found = [one for key, inner in value.items() if key != "run" for one in commands(inner)]
        return found + ([value["run"]] if isinstance(value.get("run"), str) else [])
    if isinstance(value, list):
        return [one for inner in value for one in ([inner] if isinstance(inner, str) else commands(inner))]
    return []


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_every_snippet_is_yaml(snippet: str) -> None:
    assert isinstance(yaml.safe_load(snippet), dict)


@pytest.mark.parametrize("snippet", [one for one in SNIPPETS if "agentops verify" in one], ids=["github", "gitlab"])
def test_the_commands_in_ci_files_exist(snippet: str) -> None:
    ours = [line for line in commands(yaml.safe_load(snippet)) if line.startswith("agentops ")]

    assert ours
    for line in ours:
        _, verb, *words = shlex.split(re.sub(r"\$\{\{.*?\}\}|\$\w+", "main", line))
        context = CliRunner().invoke(agentops, [verb, *words, "--help"])
        assert context.exit_code == 0, context.output
        assert all(option in context.output for option in words if option.startswith("--"))


def test_the_named_hooks_are_offered() -> None:
    offered = {hook["id"] for hook in yaml.safe_load((source.ROOT / ".pre-commit-hooks.yaml").read_text())}

    assert offered == set(re.findall(r"\bagentops-(?:staged|secrets|bundles|prompts|[a-z-]*message|push)\b", GUIDE))


def test_the_configuration_loads() -> None:
    snippet = next(one for one in SNIPPETS if one.startswith("secrets:"))

    assert parse(snippet, "guide").secrets.kinds == ("generic-api-key",)
