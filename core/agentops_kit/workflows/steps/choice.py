"""Which provider and which model answer a step: a decision of settings and environment, nothing is called."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.models.base import MODULES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agentops_kit.workflows.spec import Json
    from agentops_kit.workflows.steps.base import Means

PROVIDER = "AGENTOPS_PROVIDER"
MODEL = "AGENTOPS_MODEL"
SIGNS = {
    "azure": (
        *("AZURE_GPT5_KEY", "AZURE_GPT5_ENDPOINT", "AZURE_GPT5_VERSION", "AZURE_GPT5_DEPLOYMENT"),
        *("AZURE_OPENAI_API_KEY", "AZURE_OPENAI_ENDPOINT"),
    ),
    "openai": ("OPENAI_API_KEY",),
    "anthropic": ("ANTHROPIC_API_KEY",),
    "compatible": ("AGENTOPS_COMPATIBLE_URL",),
    "ollama": ("OLLAMA_BASE_URL", "OLLAMA_HOST"),
}
"""Variables that show a provider is set up here, or half: then it says what lacks. The first is preferred."""
_MADE_BY = {"claude": ("anthropic",), "gpt": ("azure", "openai"), "o1": ("azure", "openai"), "o3": ("azure", "openai")}
"""How a model's name begins, and who offers it."""


class Choice(NamedTuple):
    """Who is asked; "" where nothing says."""

    provider: str
    model: str


def choose(settings: Mapping[str, Json], means: Means, *, model: str = "") -> Choice:
    """Return who answers: what the step says, then what the run says, then the environment.

    ``model`` stands for the step's own, for a fallback. A run on ``scripted`` asks nobody else, whatever a step says.
    A model may name its provider itself: ``anthropic:claude-haiku-4-5``.
    """
    environment = means.settings or {}
    named, name = _split(_first(model, settings.get("model"), means.model, environment.get(MODEL)))
    if means.provider == "scripted":
        return Choice("scripted", name or "scripted")
    provider = _first(named, settings.get("provider"), means.provider, environment.get(PROVIDER))
    provider = provider or _set_up(name, environment)
    return Choice(provider, name or ("scripted" if provider == "scripted" else ""))


def _first(*said: object) -> str:
    """Return the first that says something, as a text."""
    return next((str(one) for one in said if one), "")


def assistant(settings: Mapping[str, Json], means: Means) -> str:
    """Return the assistant that does a persona's or command's step, ``""`` for none: the step's, then the run's."""
    return "" if means.provider == "scripted" else str(settings.get("assistant") or "") or means.assistant


def anybody(settings: Mapping[str, Json], means: Means) -> bool:
    """Whether the run or the step names who answers; what the environment happens to have set up does not count."""
    named, _ = _split(str(settings.get("model") or ""))
    return bool(means.provider or named or settings.get("provider") or assistant(settings, means))


def _split(model: str) -> tuple[str, str]:
    provider, colon, name = model.partition(":")
    return (provider, name) if colon and provider in MODULES else ("", model)


def _set_up(model: str, environment: Mapping[str, str]) -> str:
    """Return the provider whose key is here: one that offers the model before any other."""
    here = [name for name, signs in SIGNS.items() if any(environment.get(sign) for sign in signs)]
    offering = next((by for start, by in _MADE_BY.items() if model.startswith(start)), ())
    return next((name for name in here if name in offering), here[0] if here else "")
