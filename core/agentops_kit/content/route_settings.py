"""What a workspace says about routing: how sure an answer must be, and whether a prompt is routed unasked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agentops_kit.content import section

if TYPE_CHECKING:
    from agentops_kit.content.section import Section

_KEYS = ("start", "suggest", "prompts", "encoder")


@dataclass(frozen=True)
class Routing:
    """The ``routing:`` key."""

    start: float = 0.90
    """Confidence from which the answer says to start it."""
    suggest: float = 0.70
    """Confidence from which it is suggested; below, the person is asked."""
    prompts: bool = False
    """Whether the prompt hook says in one line what a prompt would be routed to."""
    encoder: bool = False
    """Whether pieces without learned weights are compared by the encoder of the extra, too."""


DEFAULT_ROUTING = Routing()


def parse(value: Any, where: str) -> Routing:
    """Read the value of ``routing:``; ``ContentInvalid`` names the key and how to mend it."""
    read = section.opened(value, where, "routing", _KEYS)
    start, suggest = (_share(read, key, getattr(DEFAULT_ROUTING, key)) for key in ("start", "suggest"))
    if suggest > start:
        raise read.wrong("suggest", f"is {suggest}, above `routing.start`, {start}", "Give it the lower number.")
    prompts, encoder = (read.flag(key, default=getattr(DEFAULT_ROUTING, key)) for key in ("prompts", "encoder"))
    return Routing(start, suggest, prompts, encoder)


def _share(read: Section, key: str, default: float) -> float:
    found = read.values.get(key, default)
    if isinstance(found, bool) or not isinstance(found, (int, float)) or not 0 <= found <= 1:
        raise read.wrong(key, f"is {found!r}", "Use a number from 0 to 1, such as 0.9.")
    return float(found)
