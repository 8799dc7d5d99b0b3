from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agentops_kit.workflows.steps.base import Means
from agentops_kit.workflows.steps.choice import Choice, choose

TWO = {"OPENAI_API_KEY": "k", "ANTHROPIC_API_KEY": "k"}


@pytest.mark.parametrize(
    ("settings", "means", "environment", "chosen"),
    [
        ({"provider": "ollama", "model": "m"}, {"provider": "openai"}, {}, ("ollama", "m")),
        ({"model": "m"}, {"provider": "openai"}, {"AGENTOPS_PROVIDER": "ollama"}, ("openai", "m")),
        ({"model": "m"}, {}, {"AGENTOPS_PROVIDER": "ollama"}, ("ollama", "m")),
        ({"model": "anthropic:claude-x"}, {"provider": "openai"}, {}, ("anthropic", "claude-x")),
        ({"model": "llama3:8b"}, {"provider": "ollama"}, {}, ("ollama", "llama3:8b")),
        ({"provider": "openai", "model": "anthropic:m"}, {"provider": "scripted"}, {}, ("scripted", "m")),
        ({}, {"provider": "scripted"}, {}, ("scripted", "scripted")),
        ({"provider": "scripted"}, {"provider": "openai"}, {}, ("scripted", "scripted")),
        ({}, {"provider": "openai", "model": "n"}, {"AGENTOPS_MODEL": "o"}, ("openai", "n")),
        ({}, {"provider": "openai"}, {"AGENTOPS_MODEL": "o"}, ("openai", "o")),
        ({"model": "gpt-4o"}, {}, TWO, ("openai", "gpt-4o")),
        ({"model": "claude-x"}, {}, TWO, ("anthropic", "claude-x")),
        ({"model": "gpt-4o"}, {}, {**TWO, "AZURE_GPT5_KEY": "k"}, ("azure", "gpt-4o")),
        ({"model": "mistral"}, {}, {"ANTHROPIC_API_KEY": "k"}, ("anthropic", "mistral")),
        ({"model": "m"}, {}, {}, ("", "m")),
        ({"model": "gpt-4o"}, {}, {"AZURE_GPT5_ENDPOINT": "https://x"}, ("azure", "gpt-4o")),
    ],
)
def test_who_is_asked(
    settings: dict[str, Any], means: dict[str, str], environment: dict[str, str], chosen: tuple[str, str]
) -> None:
    assert choose(settings, Means(Path(), settings=environment, **means)) == Choice(*chosen)  # type: ignore[arg-type]


def test_a_fallback_stands_for_the_steps_own_model() -> None:
    assert choose({"model": "big"}, Means(Path(), "openai"), model="anthropic:small") == ("anthropic", "small")
