"""Anthropic's service: ``ANTHROPIC_API_KEY``, and ``ANTHROPIC_BASE_URL`` for another address of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.models.direct import Client, Direct, first, require_package, required

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "anthropic"
ADDRESS = "https://api.anthropic.com"


def connect(settings: Mapping[str, str]) -> Direct:
    """Return the provider; ``InputInvalid`` for a missing key or package."""
    require_package("anthropic", NAME, NAME)
    key = required(settings, NAME, {"key": ("ANTHROPIC_API_KEY",)})["key"]
    address = first(settings, "ANTHROPIC_BASE_URL") or ADDRESS

    def open_client() -> Client:
        from anthropic import AsyncAnthropic
        from pydantic_ai.models.anthropic import AnthropicModel
        from pydantic_ai.providers.anthropic import AnthropicProvider

        sdk = AsyncAnthropic(api_key=key, base_url=address, max_retries=0)
        provider = AnthropicProvider(anthropic_client=sdk)
        return Client(sdk, lambda model: AnthropicModel(model, provider=provider))

    return Direct(NAME, address, open_client)
