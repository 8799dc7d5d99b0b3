"""Azure OpenAI: ``AZURE_GPT5_KEY``, ``_ENDPOINT``, ``_VERSION`` and ``_DEPLOYMENT``, or the usual ``AZURE_OPENAI_*``.

A deployment stands for whatever model a step names. Its price is that of ``AZURE_GPT5_MODEL`` or
``AZURE_OPENAI_MODEL`` where that is set, else that of a model called like the deployment, else the step's model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.models.direct import Client, Direct, first, older, require_package, required

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "azure"
NEEDED = {
    "key": ("AZURE_GPT5_KEY", "AZURE_OPENAI_API_KEY"),
    "endpoint": ("AZURE_GPT5_ENDPOINT", "AZURE_OPENAI_ENDPOINT"),
    "version": ("AZURE_GPT5_VERSION", "AZURE_OPENAI_API_VERSION", "OPENAI_API_VERSION"),
}
_KNOWS_COMPLETION_TOKENS = "2024-09-01"
"""Versions of the API before this day refuse ``max_completion_tokens``; a name instead of a day is later."""


def connect(settings: Mapping[str, str]) -> Direct:
    """Return the provider; ``InputInvalid`` names every variable that is missing."""
    require_package("openai", NAME, "openai")
    found = required(settings, NAME, NEEDED)
    endpoint = found["endpoint"].rstrip("/")

    def open_client() -> Client:
        from openai import AsyncAzureOpenAI
        from pydantic_ai.models.openai import OpenAIChatModel
        from pydantic_ai.providers.azure import AzureProvider

        sdk = AsyncAzureOpenAI(
            api_key=found["key"], azure_endpoint=endpoint, api_version=found["version"], max_retries=0
        )
        provider = AzureProvider(openai_client=sdk)
        profile = older if found["version"][:10] < _KNOWS_COMPLETION_TOKENS else None
        return Client(sdk, lambda model: OpenAIChatModel(model, provider=provider, profile=profile))

    return Direct(
        NAME,
        endpoint,
        open_client,
        deployment=first(settings, "AZURE_GPT5_DEPLOYMENT", "AZURE_OPENAI_DEPLOYMENT"),
        serves=first(settings, "AZURE_GPT5_MODEL", "AZURE_OPENAI_MODEL"),
    )
