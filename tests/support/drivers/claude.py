"""Claude Code: what claude_client does for one client, in the shape that all clients share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.drivers import KEY
from tests.support.script import HAIKU, call

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.script import Json


def surroundings(home: Path, project: Path, url: str) -> dict[str, str]:
    """Name the model's address; nothing is written."""
    del project
    return {
        "ANTHROPIC_BASE_URL": url,
        "ANTHROPIC_API_KEY": KEY,
        "CLAUDE_CODE_TMPDIR": str(home / "tmp"),
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_AUTOUPDATER": "1",
        "DISABLE_ERROR_REPORTING": "1",
        "DISABLE_TELEMETRY": "1",
        "IS_SANDBOX": "1",
    }


def speak(prompt: str) -> list[str]:
    """Return the arguments for words."""
    return ["--model", HAIKU, "--dangerously-skip-permissions", "--print", prompt]


def command(name: str, words: str) -> list[str]:
    """Return the arguments for a command."""
    return speak(f"/{name} {words}")


def write(path: Path, text: str) -> Json:
    """Return the call that writes a file."""
    return call("Write", file_path=str(path), content=text)


def shell(line: str) -> Json:
    """Return the call of the shell."""
    return call("Bash", command=line, description="work")


def persona(name: str, task: str = "Look at src/app.py.") -> Json:
    """Return the call that hands work to an agent."""
    return call("Agent", subagent_type=name, description="look", prompt=task)
