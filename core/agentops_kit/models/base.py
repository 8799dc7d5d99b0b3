"""What a model is to us: a question in, an answer with its real usage out; providers load by name on use."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from agentops_kit.errors import InputInvalid

if TYPE_CHECKING:
    from collections.abc import Mapping

MODULES = {
    "scripted": "agentops_kit.models.scripted",
    "openai": "agentops_kit.models.openai",
    "azure": "agentops_kit.models.azure",
    "anthropic": "agentops_kit.models.anthropic",
    "ollama": "agentops_kit.models.ollama",
    "compatible": "agentops_kit.models.compatible",
}
"""Every provider by name; a module has ``connect(settings: Mapping[str, str]) -> Model``."""


class Message(NamedTuple):
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(frozen=True)
class Usage:
    """Tokens of one call as the provider reports them; ``input`` counts those read from or put in a cache too."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0


NO_USAGE = Usage()


@dataclass(frozen=True)
class Question:
    """What is asked of a model; ``key`` is the idempotency key of the step that asks."""

    model: str
    messages: tuple[Message, ...]
    temperature: float | None = None
    max_tokens: int | None = None
    timeout: float | None = None
    key: str = ""
    schema: Mapping[str, Any] | None = None
    """The JSON Schema the answer's text must meet; None asks for plain text. The messages already say so."""
    attempt: int = 1
    """Which try this is; counts from 1."""


@dataclass(frozen=True)
class Answer:
    """What came back; ``model`` is the one that really answered."""

    text: str
    usage: Usage = NO_USAGE
    model: str = ""
    provider: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    """JSON; ``finish`` is why it ended: ``stop``, ``length`` (cut off by ``max_tokens``) or the provider's own word."""


class ModelFailed(Exception):
    """A call failed; ``kind`` is one of ``workflows.steps.base.Failure`` and decides whether it is tried again."""

    def __init__(
        self, kind: str, message: str, *, usage: Usage | None = None, retry_after: float | None = None
    ) -> None:
        """Keep the kind, one sentence, the usage that was billed all the same, and the seconds we were told to wait.

        ``usage`` is None when it is not known whether anything was billed.
        """
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.usage = usage
        self.retry_after = retry_after


class Model(Protocol):
    """One provider, connected."""

    provider: str
    address: str
    """The base URL it calls; "" for one that calls none."""

    def known_as(self, model: str) -> tuple[str, ...]:
        """Return the names under which a model's price may be known, the best first."""
        ...

    async def ask(self, question: Question) -> Answer:
        """Return the model's answer; raises ``ModelFailed``. Cancelling the task closes the request."""
        ...

    async def close(self) -> None:
        """Close its connections."""
        ...


def connect(provider: str, settings: Mapping[str, str]) -> Model:
    """Return a provider's client; ``InputInvalid`` for an unknown name or a missing key, before any call."""
    from importlib import import_module
    from typing import cast

    if provider not in MODULES:
        message = f"There is no provider {provider!r}."
        raise InputInvalid(message, remedy=f"Use one of: {', '.join(MODULES)}.")
    return cast("Model", import_module(MODULES[provider]).connect(settings))
