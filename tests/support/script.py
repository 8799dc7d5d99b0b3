"""What a scripted model says: a script is a list of lanes, a lane a list of turns, a turn words or tool calls.

A request goes to the first lane whose patterns are all found in it, and gets that lane's turn number n, where n is
how often the assistant has answered since the person last spoke. So a script keeps no state and a retried request
gets the same answer. A lane with ``in_order`` hands out its turns one by one instead, for clients and hooks that put
words of their own between the turns. The last turn repeats.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Json = dict[str, Any]
Place = Literal["system", "first_user", "last_user", "fresh_user", "any_user", "model", "tools"]
"""Where a lane looks: a part of the request's text, the model's name, or the names of the tools offered."""


class Usage(NamedTuple):
    """Tokens the model claims to have used; the first three together fill the context window."""

    input_tokens: int = 1_000
    cache_creation_input_tokens: int = 0
    cache_read_input_tokens: int = 0
    output_tokens: int = 20


SMALL = Usage()
"""One half percent of a window of 200,000 tokens."""
HAIKU = "claude-haiku-4-5-20251001"
"""A model whose window every client version takes for 200,000 tokens."""
FORTY_FIVE_PERCENT = Usage(3, 10_000, 80_000, 50)
"""Of the window of HAIKU: 90,003 of 200,000 tokens."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One answer: text and tool calls, what it claims to have cost, seconds to wait, or an HTTP error instead."""

    blocks: tuple[Json, ...]
    usage: Usage = SMALL
    delay: float = 0.0
    status: int = 200


@dataclass(frozen=True, slots=True)
class Lane:
    """Answers for the requests in which each regular expression of ``when`` is found."""

    name: str
    turns: Sequence[Turn]
    when: Mapping[Place, str] = field(default_factory=dict)
    in_order: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """One request for an answer: who answered with which turn, seconds since the model started, and the body."""

    lane: str
    turn: int
    at: float
    body: Json

    @property
    def text(self) -> str:
        """Everything the model was told in this request: system text and messages."""
        return "\n".join([text_of(self.body.get("system")), *(text_of(m["content"]) for m in self.body["messages"])])

    @property
    def offered(self) -> str:
        """What the descriptions of the tools tell the model."""
        return "\n".join(str(tool.get("description") or "") for tool in self.body.get("tools") or ())

    @property
    def tools(self) -> tuple[str, ...]:
        """Names of the tools offered."""
        return tuple(tool["name"] for tool in self.body.get("tools") or ())


def say(text: str, *, usage: Usage = SMALL, delay: float = 0.0) -> Turn:
    """Return a turn that ends the model's work with words."""
    return Turn(({"type": "text", "text": text},), usage, delay)


def call(tool: str, **values: object) -> Json:
    """Return one tool call, for ``act``."""
    return {"type": "tool_use", "name": tool, "input": values}


def act(*calls: Json, usage: Usage = SMALL, delay: float = 0.0) -> Turn:
    """Return a turn that makes tool calls, several at once when several are given."""
    return Turn(calls, usage, delay)


def fail(status: int) -> Turn:
    """Return a turn that is an HTTP error, such as 529 for an overloaded model."""
    return Turn((), status=status)


def text_of(content: str | Sequence[Json] | None) -> str:
    """Return the text of a message's content, tool results included."""
    if isinstance(content, str):
        return content
    parts = (text_of(block.get("content")) or block.get("text") for block in content or ())
    return "\n".join(part for part in parts if part)
