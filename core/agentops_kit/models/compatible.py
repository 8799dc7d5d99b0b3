"""Any service that speaks OpenAI's chat completions (vLLM, RunPod, a gateway): its address, and a key if it wants one.

``AGENTOPS_COMPATIBLE_URL`` is the base URL without ``/chat/completions``, ``AGENTOPS_COMPATIBLE_KEY`` the key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.errors import InputInvalid
from agentops_kit.models.direct import Client, Direct, first, older, require_package, required

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "compatible"
URL = "AGENTOPS_COMPATIBLE_URL"
KEY = "AGENTOPS_COMPATIBLE_KEY"


def connect(settings: Mapping[str, str]) -> Direct:
    """Return the provider; ``InputInvalid`` for a missing or unusable address, or a missing package."""
    require_package("openai", NAME, "openai")
    address = required(settings, NAME, {"url": (URL,)})["url"].rstrip("/").removesuffix("/chat/completions")
    if not address.startswith(("http://", "https://")):
        message = f"{URL} is {address!r}, which is no http address."
        raise InputInvalid(message, remedy="Give the base URL, such as https://host/v1.")
    key = first(settings, KEY) or "none-needed"

    def open_client() -> Client:
        from openai import AsyncOpenAI
        from pydantic_ai.models.openai import OpenAIChatModel
        from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

        sdk = AsyncOpenAI(api_key=key, base_url=address, max_retries=0)
        provider = OpenAICompatibleProvider(NAME, openai_client=sdk)
        return Client(sdk, lambda model: OpenAIChatModel(model, provider=provider, profile=older))

    return Direct(NAME, address, open_client)
