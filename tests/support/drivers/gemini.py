"""Gemini CLI: a slash command in the prompt is expanded in headless mode too."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from tests.support.drivers import KEY
from tests.support.script import call

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.script import Json

_SETTINGS = {
    "security": {"auth": {"selectedType": "gemini-api-key"}},
    "privacy": {"usageStatisticsEnabled": False},
    "general": {"disableAutoUpdate": True, "disableUpdateNag": True},
}


def surroundings(home: Path, project: Path, url: str) -> dict[str, str]:
    """Choose the key as the way to sign in, trust the folder for this run, and its agents as they are now."""
    _trust_agents(home, project.resolve())
    file = home / ".gemini" / "settings.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(_SETTINGS), encoding="utf-8")
    return {"GOOGLE_GEMINI_BASE_URL": url, "GEMINI_API_KEY": KEY, "GEMINI_CLI_TRUST_WORKSPACE": "true"}


def _trust_agents(home: Path, project: Path) -> None:
    """Answer beforehand what the client asks a person in its terminal: whether a project's agents may run."""
    hashes = {
        agent.stem: hashlib.sha256(agent.read_bytes()).hexdigest() for agent in project.glob(".gemini/agents/*.md")
    }
    file = home / ".gemini" / "acknowledgments" / "agents.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({str(project): hashes}), encoding="utf-8")


def speak(prompt: str) -> list[str]:
    """Return the arguments for words."""
    return ["--model", "gemini-2.5-flash", "--yolo", "--prompt", prompt]


def command(name: str, words: str) -> list[str]:
    """Return the arguments for a command."""
    return speak(f"/{name} {words}")


def write(path: Path, text: str) -> Json:
    """Return the call that writes a file."""
    return call("write_file", file_path=str(path), content=text)


def shell(line: str) -> Json:
    """Return the call of the shell."""
    return call("run_shell_command", command=line, description="work")


def persona(name: str, task: str = "Look at src/app.py.") -> Json:
    """Return the call that hands work to an agent."""
    return call("invoke_agent", agent_name=name, prompt=task)
