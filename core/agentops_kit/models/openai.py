"""OpenAI's own service: ``OPENAI_API_KEY``, and ``OPENAI_BASE_URL`` for another address of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.models.direct import Client, Direct, first, require_package, required

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "openai"
ADDRESS = "https://api.openai.com/v1"


def connect(settings: Mapping[str, str]) -> Direct:
    """Return the provider; ``InputInvalid`` for a missing key or package."""
    require_package("openai", NAME, NAME)
    key = required(settings, NAME, {"key": ("OPENAI_API_KEY",)})["key"]
    address = first(settings, "OPENAI_BASE_URL") or ADDRESS
    organization = first(settings, "OPENAI_ORG_ID") or None
    project = first(settings, "OPENAI_PROJECT_ID") or None

    def open_client() -> Client:
        from openai import AsyncOpenAI
        from pydantic_ai.models.openai import OpenAIChatModel
        from pydantic_ai.providers.openai import OpenAIProvider

        sdk = AsyncOpenAI(api_key=key, base_url=address, organization=organization, project=project, max_retries=0)
        provider = OpenAIProvider(openai_client=sdk)
        return Client(sdk, lambda model: OpenAIChatModel(model, provider=provider))

    return Direct(NAME, address, open_client)
