"""Codex: project commands are skills, called with a dollar sign; hooks run in ``exec`` only when trusted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.support import trees
from tests.support.drivers import KEY, MODEL
from tests.support.script import call

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.script import Json

_CONFIG = """\
model = "{model}"
model_provider = "script"
check_for_update_on_startup = false
[model_providers.script]
name = "script"
base_url = "{url}/v1"
wire_api = "responses"
env_key = "SCRIPT_KEY"
[projects.{project}]
trust_level = "trusted"
"""
UNTRUSTED = ("exec", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox")
"""Arguments with which the hooks of a project run only if the person has trusted them in the terminal."""
NEWEST = "gpt-6.1-sol"
"""A model of the client's own list, to which it offers its tools inside a program the model writes."""
_EXEC = (*UNTRUSTED, "--dangerously-bypass-hook-trust")


def surroundings(home: Path, project: Path, url: str) -> dict[str, str]:
    """Name the provider and trust the repository, in the client's settings."""
    file = home / ".codex" / "config.toml"
    file.parent.mkdir(exist_ok=True)
    quoted = json.dumps(trees.git(project, "rev-parse", "--show-toplevel"))
    file.write_text(_CONFIG.format(model=MODEL, url=url, project=quoted), encoding="utf-8")
    return {"SCRIPT_KEY": KEY}


def speak(prompt: str) -> list[str]:
    """Return the arguments for words."""
    return [*_EXEC, prompt]


def command(name: str, words: str) -> list[str]:
    """Return the arguments for a skill that stands for a command."""
    return speak(f"${name} {words}")


def write(path: Path, text: str) -> Json:
    """Return the call that applies a patch: the client's way to edit."""
    lines = "".join(f"+{line}\n" for line in text.splitlines())
    patch = f"*** Begin Patch\n*** Add File: {path}\n{lines}*** End Patch\n"
    return shell(f"apply_patch <<'PATCH'\n{patch}PATCH")


def shell(line: str) -> Json:
    """Return the call of the shell."""
    return call("exec_command", cmd=line)


def persona(name: str, task: str = "Look at src/app.py.") -> Json:
    """Return the call that starts an agent."""
    return call("spawn_agent", agent_type=name, message=task) | {"namespace": "multi_agent_v1"}
