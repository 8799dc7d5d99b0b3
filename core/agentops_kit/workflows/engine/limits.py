"""Waiting for a place under the limits that all runs of a database share."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from uuid import uuid4

from agentops_kit.workflows.ledger import leases

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from agentops_kit.workflows.ledger.handle import Ledger
    from agentops_kit.workflows.spec import Limits

_SHORTEST, _LONGEST = 0.02, 0.5
"""Seconds between two looks for a free place: the wait grows while there is none."""


class RunLimiter:
    """The limits of one run; the places and starts it counts are shared by every run of the database."""

    def __init__(self, ledger: Ledger, limits: Limits, tenant: str) -> None:
        """``tenant`` may be empty: then the tenants' limit is of those without one."""
        self._ledger = ledger
        self._limits = limits
        self._tenant = tenant

    async def slot(self, provider: str) -> Callable[[], Awaitable[None]]:
        """Wait for the right to call ``provider``; await what it returns when the call ended."""
        most = self._limits.per_provider.get(provider)
        release = await self._place(f"provider {provider}", most) if most else _nothing
        per_minute = self._limits.per_minute.get(provider)
        if per_minute:
            await self._started(f"provider {provider}", per_minute, release)
        return release

    async def tenant_slot(self) -> Callable[[], Awaitable[None]]:
        """Wait for the right to do one of the tenant's steps."""
        most = self._limits.per_tenant
        return await self._place(f"tenant {self._tenant}", most) if most else _nothing

    async def _place(self, name: str, most: int) -> Callable[[], Awaitable[None]]:
        holder, wait, ledger = uuid4().hex, _SHORTEST, self._ledger
        while not await self._taken(name, holder, most):
            await asyncio.sleep(wait)
            wait = min(_LONGEST, wait * 1.5)

        async def release() -> None:
            await asyncio.shield(ledger.ask(leases.give_back, name, holder))

        return release

    async def _taken(self, name: str, holder: str, most: int) -> bool:
        """Try to take a place; a try that is cancelled half-way gives back what it took."""
        ledger = self._ledger
        trying = asyncio.ensure_future(ledger.ask(leases.take, name, holder, ledger.worker, most, ledger.clock.now()))
        try:
            return await asyncio.shield(trying)
        except asyncio.CancelledError:
            await asyncio.wait({trying})
            await asyncio.shield(ledger.ask(leases.give_back, name, holder))
            raise

    async def _started(self, name: str, most: int, release: Callable[[], Awaitable[None]]) -> None:
        """Wait until another start is allowed; a wait that is cancelled gives its place back."""
        allowed = False
        try:
            while wait := await self._ledger.ask(leases.start, name, most, self._ledger.clock.now()):  # noqa: ASYNC110
                await asyncio.sleep(min(wait, 1.0))
            allowed = True
        finally:
            if not allowed:
                await release()


class NoLimiter:
    """No limits: of a replay, which calls nobody."""

    async def slot(self, provider: str) -> Callable[[], Awaitable[None]]:
        """Allow it at once."""
        del provider
        return _nothing

    async def tenant_slot(self) -> Callable[[], Awaitable[None]]:
        """Allow it at once."""
        return _nothing


async def _nothing() -> None:
    return
