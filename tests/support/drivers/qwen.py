"""Qwen Code: a slash command in the prompt is expanded in headless mode too."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.support.drivers import KEY, MODEL
from tests.support.script import call

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.script import Json

_SETTINGS = {
    "security": {"auth": {"selectedType": "openai"}},
    "privacy": {"usageStatisticsEnabled": False},
    "general": {"disableAutoUpdate": True, "disableUpdateNag": True},
}


def surroundings(home: Path, project: Path, url: str) -> dict[str, str]:
    """Choose the key as the way to sign in."""
    del project
    file = home / ".qwen" / "settings.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(_SETTINGS), encoding="utf-8")
    no_proxy = {
        "HTTP_PROXY": "",
        "HTTPS_PROXY": "",
    }  # it would be asked for loopback too, whatever NO_PROXY says
    return {"OPENAI_BASE_URL": f"{url}/v1", "OPENAI_API_KEY": KEY, "OPENAI_MODEL": MODEL} | no_proxy


def speak(prompt: str) -> list[str]:
    """Return the arguments for words."""
    return ["--yolo", "--prompt", prompt]


def command(name: str, words: str) -> list[str]:
    """Return the arguments for a command."""
    return speak(f"/{name} {words}")


def write(path: Path, text: str) -> Json:
    """Return the call that writes a file."""
    return call("write_file", file_path=str(path), content=text)


def shell(line: str) -> Json:
    """Return the call of the shell."""
    return call("run_shell_command", command=line, is_background=False, description="work")


def persona(name: str, task: str = "Look at src/app.py.") -> Json:
    """Return the call that hands work to an agent."""
    return call("agent", subagent_type=name, description="look", prompt=task)
