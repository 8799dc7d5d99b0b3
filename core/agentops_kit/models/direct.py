"""Direct requests to a service through pydantic-ai: what the real providers have in common.

The packages load when the first question is asked, in a thread, because they take seconds and other steps run. Their
own retries are off: every try is the engine's, and is counted and paid for as one.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, NamedTuple

from agentops_kit import extras
from agentops_kit.errors import InputInvalid
from agentops_kit.models import failures
from agentops_kit.models.base import Answer, Message, ModelFailed, Question, Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pydantic_ai.messages import ModelMessage, ModelResponse
    from pydantic_ai.models import Model as Wire
    from pydantic_ai.profiles import ModelProfile
    from pydantic_ai.settings import ModelSettings


class Client(NamedTuple):
    """A service's own client, and how a model of a name is reached through it."""

    sdk: Any
    model: Callable[[str], Wire]


class Direct:
    """A provider whose questions go straight to its service."""

    def __init__(
        self,
        provider: str,
        address: str,
        open_client: Callable[[], Client],
        *,
        deployment: str = "",
        serves: str = "",
    ) -> None:
        """Keep how to connect; ``deployment`` stands for every model's name, ``serves`` is the model behind it."""
        self.provider = provider
        self.address = address
        self._open_client = open_client
        self._deployment = deployment
        self._serves = serves
        self._opening = asyncio.Lock()
        self._client: Client | None = None

    def known_as(self, model: str) -> tuple[str, ...]:
        """Return the names a price may be known by: the model said to be behind a deployment, then the names used."""
        return tuple(dict.fromkeys(name for name in (self._serves, self._deployment, model) if name))

    async def ask(self, question: Question) -> Answer:
        """Return the service's answer; raises ``ModelFailed``. Cancelling the task closes the request."""
        client = await self._connected()
        from pydantic_ai.direct import model_request
        from pydantic_ai.exceptions import AgentRunError, UserError

        model = client.model(self._deployment or question.model)
        try:
            response = await model_request(model, turns(question.messages), model_settings=_settings(question))
        except AgentRunError as error:
            raise failures.failed(error, self.provider) from error
        except UserError as error:  # what is asked cannot be sent
            raise ModelFailed("invalid", f"{self.provider}: {error}", usage=Usage()) from error
        return self._answer(response, question)

    async def close(self) -> None:
        """Close the connections, if any were opened."""
        if self._client is not None:
            await self._client.sdk.close()
            self._client = None

    async def _connected(self) -> Client:
        async with self._opening:
            if self._client is None:
                self._client = await asyncio.to_thread(self._open_client)
        return self._client

    def _answer(self, response: ModelResponse, question: Question) -> Answer:
        finish = response.finish_reason or "stop"
        counted = response.usage
        usage = Usage(
            counted.input_tokens, counted.output_tokens, counted.cache_read_tokens, counted.cache_write_tokens
        )
        text = response.text
        if text is None and finish == "content_filter":
            message = f"{self.provider} withheld the answer: its content filter stopped it."
            raise ModelFailed("refused", message, usage=usage)
        return Answer(text or "", usage, response.model_name or question.model, self.provider, {"finish": finish})


def older(base: ModelProfile) -> ModelProfile:
    """Return the profile of a model whose service knows an answer's length as ``max_tokens`` only."""
    from pydantic_ai.profiles import merge_profile
    from pydantic_ai.profiles.openai import OpenAIModelProfile

    return merge_profile(base, OpenAIModelProfile(openai_chat_supports_max_completion_tokens=False))


def turns(messages: Sequence[Message]) -> list[ModelMessage]:
    """Return a conversation in the shape of the requests."""
    from pydantic_ai.messages import ModelRequest, ModelResponse, SystemPromptPart, TextPart, UserPromptPart

    made: list[ModelMessage] = []
    parts: list[SystemPromptPart | UserPromptPart] = []
    for message in messages:
        if message.role != "assistant":
            parts.append((SystemPromptPart if message.role == "system" else UserPromptPart)(message.text))
            continue
        if parts:
            made.append(ModelRequest(parts))
            parts = []
        made.append(ModelResponse([TextPart(message.text)]))
    return [*made, ModelRequest(parts)] if parts else made


def _settings(question: Question) -> ModelSettings:
    from pydantic_ai.settings import ModelSettings

    settings = ModelSettings()
    if question.temperature is not None:
        settings["temperature"] = question.temperature
    if question.max_tokens is not None:
        settings["max_tokens"] = question.max_tokens
    if question.timeout is not None:
        settings["timeout"] = question.timeout
    return settings


def required(settings: Mapping[str, str], provider: str, names: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return what a provider needs of the environment, each by the first of its variables that is set.

    Raises ``InputInvalid`` that names everything missing at once.
    """
    found = {what: first(settings, *variables) for what, variables in names.items()}
    missing = [" or ".join(names[what]) for what, value in found.items() if not value]
    if missing:
        message = f"The provider {provider} needs {', and '.join(missing)}, which is not set."
        raise InputInvalid(message, remedy="Export it, or choose another provider with --provider.")
    return found


def first(settings: Mapping[str, str], *variables: str) -> str:
    """Return the value of the first variable that is set to something, ``""`` when none is."""
    return next((settings[name].strip() for name in variables if settings.get(name, "").strip()), "")


def require_package(package: str, provider: str, extra: str) -> None:
    """Refuse with ``InputInvalid`` when a provider's package is not installed; nothing is imported."""
    from importlib.util import find_spec

    if find_spec(package) is None:
        message = f"The provider {provider} needs the package {package}, which is not installed."
        raise InputInvalid(message, remedy=extras.remedy(extra))
