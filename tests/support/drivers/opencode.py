"""opencode: a command goes in by an option, since a slash in a message is plain text to ``opencode run``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.support.drivers import KEY, MODEL
from tests.support.script import call

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.script import Json


def surroundings(home: Path, project: Path, url: str) -> dict[str, str]:
    """Name the provider and its model in the user's configuration."""
    del project
    provider = {
        "npm": "@ai-sdk/openai-compatible",
        "name": "script",
        "options": {"baseURL": f"{url}/v1", "apiKey": KEY},
        "models": {MODEL: {"name": "script", "limit": {"context": 200_000, "output": 8_000}}},
    }
    config = {
        "provider": {"script": provider},
        "enabled_providers": ["script"],
        "model": f"script/{MODEL}",
        "small_model": f"script/{MODEL}",
        "autoupdate": False,
        "share": "disabled",
    }
    file = home / ".config" / "opencode" / "opencode.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(config), encoding="utf-8")
    return {"OPENCODE_DISABLE_AUTOUPDATE": "1", "OPENCODE_DISABLE_MODELS_FETCH": "1"}


def speak(prompt: str) -> list[str]:
    """Return the arguments for words."""
    return ["run", "--auto", prompt]


def command(name: str, words: str) -> list[str]:
    """Return the arguments for a command."""
    return ["run", "--auto", "--command", name, *words.split()]  # a word with a blank inside would be quoted


def write(path: Path, text: str) -> Json:
    """Return the call that writes a file."""
    return call("write", filePath=str(path), content=text)


def shell(line: str) -> Json:
    """Return the call of the shell."""
    return call("bash", command=line, description="work")


def persona(name: str, task: str = "Look at src/app.py.") -> Json:
    """Return the call that hands work to an agent."""
    return call("task", subagent_type=name, description="look", prompt=task)
