"""One connection to a provider for all who use it at the same time; closed when the last of them is done."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentops_kit.models.base import connect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Hashable, Mapping

    from agentops_kit.models.base import Model


@dataclass
class _Shared:
    model: Model
    users: int = 0


_open: dict[Hashable, _Shared] = {}


@asynccontextmanager
async def lease(provider: str, settings: Mapping[str, str]) -> AsyncIterator[Model]:
    """Give a connected model; ``InputInvalid`` as ``models.base.connect``."""
    loop = asyncio.get_running_loop()
    key = (id(loop), provider, frozenset(settings.items()))
    shared = _open.get(key)
    if shared is None:
        shared = _open[key] = _Shared(connect(provider, settings))
    shared.users += 1
    try:
        yield shared.model
    finally:
        shared.users -= 1
        if not shared.users:
            del _open[key]
            await shared.model.close()
