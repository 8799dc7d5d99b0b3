"""Models on a machine of one's own: ``OLLAMA_BASE_URL`` or ``OLLAMA_HOST``, else Ollama's usual port on this one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.models.direct import Client, Direct, first, older, require_package

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "ollama"
ADDRESS = "http://127.0.0.1:11434/v1"


def connect(settings: Mapping[str, str]) -> Direct:
    """Return the provider; ``InputInvalid`` when its package is missing."""
    require_package("openai", NAME, "openai")
    address = _address(settings)
    key = first(settings, "OLLAMA_API_KEY") or "none-needed"

    def open_client() -> Client:
        from openai import AsyncOpenAI
        from pydantic_ai.models.ollama import OllamaModel
        from pydantic_ai.providers.ollama import OllamaProvider

        sdk = AsyncOpenAI(api_key=key, base_url=address, max_retries=0)
        provider = OllamaProvider(openai_client=sdk)
        return Client(sdk, lambda model: OllamaModel(model, provider=provider, profile=older))

    return Direct(NAME, address, open_client)


def _address(settings: Mapping[str, str]) -> str:
    """Return the base URL; ``OLLAMA_HOST`` is written as Ollama itself takes it: host, port, or both."""
    base = first(settings, "OLLAMA_BASE_URL")
    if base:
        return base
    host = first(settings, "OLLAMA_HOST")
    if not host:
        return ADDRESS
    scheme, mark, rest = host.rpartition("://")
    rest = rest.rstrip("/")
    rest = f"127.0.0.1{rest}" if rest.startswith(":") else rest
    rest = rest.replace("0.0.0.0", "127.0.0.1", 1)  # noqa: S104 - where it listens; one calls it on loopback
    port = "" if ":" in rest else ":11434"
    return f"{scheme or 'http'}://{rest}{port}/v1" if mark or rest else ADDRESS
