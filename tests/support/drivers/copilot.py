"""Copilot CLI with a provider of one's own, which needs no sign-in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.drivers import KEY, MODEL
from tests.support.script import call

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.script import Json


def surroundings(home: Path, project: Path, url: str) -> dict[str, str]:
    """Name the provider; nothing is written."""
    del home, project
    return {
        "COPILOT_PROVIDER_BASE_URL": f"{url}/v1",
        "COPILOT_PROVIDER_API_KEY": KEY,
        "COPILOT_MODEL": MODEL,
        "COPILOT_OFFLINE": "true",
        "COPILOT_ALLOW_ALL": "true",  # exactly this word also trusts the folder
        "COPILOT_AUTO_UPDATE": "false",
    }


def speak(prompt: str) -> list[str]:
    """Return the arguments for words."""
    return ["--trust-folder", "--allow-all-paths", "--prompt", prompt]


def command(name: str, words: str) -> list[str]:
    """Return the arguments that open the terminal with a command typed: ``--prompt`` would send it as it stands."""
    return ["--interactive", f"/{name} {words}"]


def write(path: Path, text: str) -> Json:
    """Return the call that makes a file."""
    return call("create", path=str(path), file_text=text)


def shell(line: str) -> Json:
    """Return the call of the shell."""
    return call("bash", command=line, description="work", mode="sync")


def persona(name: str, task: str = "Look at src/app.py.") -> Json:
    """Return the call that hands work to an agent."""
    return call("task", agent_type=name, description="look", prompt=task, name="look")
