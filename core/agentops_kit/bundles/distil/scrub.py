"""Secrets taken out of each piece of a transcript while it is read, before anything is cut.

A secret that was cut in two is found by no scanner, and half of one is still worth stealing.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from agentops_kit.guard.secrets import NOTHING_ALLOWED, redact

if TYPE_CHECKING:
    from agentops_kit.content.secret_settings import Secrets


class Scrubber:
    """Takes secrets out of texts and counts them by kind; ``WorkspaceUnusable`` where nothing can find them."""

    def __init__(self, allowed: Secrets = NOTHING_ALLOWED) -> None:
        """``allowed`` is what the workspace's configuration lets stand."""
        self._allowed = allowed
        self._found: Counter[str] = Counter()

    def __call__(self, text: str) -> str:
        """Return the text with a mark in each secret's place."""
        clean, found = redact(text, self._allowed)
        self._found.update(one.kind for one in found)
        return clean

    @property
    def told(self) -> tuple[str, ...]:
        """One sentence for each kind of secret that was met."""
        return tuple(
            f"A secret ({kind}) was redacted{f' in {times} places' if times > 1 else ''}."
            for kind, times in sorted(self._found.items())
        )
