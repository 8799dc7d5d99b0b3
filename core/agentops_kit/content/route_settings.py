"""What a workspace says about routing: how sure an answer must be, and whether a prompt is routed unasked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agentops_kit.errors import ContentInvalid

if TYPE_CHECKING:
    from typing import NoReturn

_KEYS = ("start", "suggest", "prompts")


@dataclass(frozen=True)
class Routing:
    """The ``routing:`` key."""

    start: float = 0.90
    """Confidence from which the answer says to start it."""
    suggest: float = 0.70
    """Confidence from which it is suggested; below, the person is asked."""
    prompts: bool = False
    """Whether the prompt hook says in one line what a prompt would be routed to."""


DEFAULT_ROUTING = Routing()


def parse(value: Any, where: str) -> Routing:
    """Read the value of ``routing:``; ``ContentInvalid`` names the key and how to mend it."""
    if value is None:
        return DEFAULT_ROUTING
    if not isinstance(value, dict):
        _refuse(where, "`routing` is not a mapping", "Write `start:`, `suggest:` or `prompts:` below it.")
    for key in value:
        if key not in _KEYS:
            _refuse(where, f"unknown key `routing.{key}`", f"Known keys: {', '.join(_KEYS)}.")
    default = DEFAULT_ROUTING
    prompts = value.get("prompts", default.prompts)
    if not isinstance(prompts, bool):
        _refuse(where, f"`routing.prompts` is {prompts!r}", "Write true or false.")
    start, suggest = (_share(value, key, getattr(default, key), where) for key in ("start", "suggest"))
    if suggest > start:
        _refuse(where, f"`routing.suggest` is {suggest}, above `routing.start`, {start}", "Give it the lower number.")
    return Routing(start, suggest, prompts)


def _share(value: dict[str, Any], key: str, default: float, where: str) -> float:
    found = value.get(key, default)
    if isinstance(found, bool) or not isinstance(found, (int, float)) or not 0 <= found <= 1:
        _refuse(where, f"`routing.{key}` is {found!r}", "Use a number from 0 to 1, such as 0.9.")
    return float(found)


def _refuse(where: str, what: str, remedy: str) -> NoReturn:
    message = f"{where}: {what}."
    raise ContentInvalid(message, remedy=remedy)
