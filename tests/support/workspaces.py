"""A small project with the kit installed by its own command line, and what a model tries in it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support import runs, trees
from tests.support.script import Lane, act, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.support.claude_client import Run
    from tests.support.script import Json

REFUSED = "AgentOps: run "
"""What the reason of every denial inside a run begins with."""
APP = runs.SOURCE["src/app.py"]
_HISTORY = (
    ("Greet by name", runs.SOURCE),
    ("Count greetings", {"src/count.py": "greetings = 0\n\n\ndef count():\n    return greetings\n"}),
    ("Say how it is tested", {"README.md": "# Greeter\n\nTested by hand.\n"}),
)


def make(root: Path, profile: str = "base", assistants: Sequence[str] = ()) -> Path:
    """Make a project with a history, install the kit there as a person does, and commit it."""
    (_, files), *later = _HISTORY
    trees.make_repo(root, files)
    for subject, more in later:
        trees.write_tree(root, more)
        trees.commit_all(root, subject)
    agentops(root, "install", "--profile", profile, *(word for name in assistants for word in ("--assistant", name)))
    trees.commit_all(root, "Add AgentOps Kit")
    return root


def agentops(root: Path, *arguments: str) -> str:
    """Run the installed command in a folder and return what it printed; fail loudly."""
    command = Path(sys.executable).with_name("agentops")
    done = subprocess.run(
        [command, *arguments], cwd=root, env=os.environ, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    assert done.returncode == 0, f"agentops {' '.join(arguments)} exited {done.returncode}: {done.stderr}"
    return done.stdout


def lane(*calls: Json, name: str = "main", last: str = "FINAL") -> Lane:
    """Return the lane of a model that makes one tool call after the other, whatever each gives back."""
    return Lane(name, [*(act(one) for one in calls), say(last)])


def refusals(run: Run) -> list[str]:
    """Return the kit's reasons among what the tool calls gave back."""
    return [given.text for given in run.tool_results if given.is_error and REFUSED in given.text]


def changed(root: Path) -> list[str]:
    """Return the lines of ``git status``, ignored and untracked files included."""
    return trees.git(root, "status", "--porcelain", "--untracked-files=all").splitlines()


def subjects(root: Path, count: int) -> list[str]:
    """Return the subjects of the newest commits, newest first."""
    return trees.git(root, "log", f"-{count}", "--format=%s").splitlines()


def bash(commands: Sequence[str]) -> list[Json]:
    """Return one call of the shell tool for each command."""
    return [
        {"type": "tool_use", "name": "Bash", "input": {"command": command, "description": "work"}}
        for command in commands
    ]
