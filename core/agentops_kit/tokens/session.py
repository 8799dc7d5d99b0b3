"""A session as an assistant's transcript tells it: its answers in order, its compactions, its agents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Turn:
    """One answer of the model: when, by which model, and the tokens it was sent and wrote."""

    at: str
    """ISO 8601 as the transcript has it, empty when it does not say."""
    model: str
    fresh: int
    """Tokens sent that no cache held."""
    written: int
    """Tokens sent and written to the cache."""
    read: int
    """Tokens sent and read from the cache."""
    output: int

    @property
    def tokens(self) -> int:
        """Everything the model was sent: what filled its window."""
        return self.fresh + self.written + self.read


@dataclass(frozen=True, slots=True)
class Compaction:
    """A point where the assistant replaced its context by a summary; ``turn`` answers came before it."""

    turn: int
    at: str
    trigger: str
    before: int
    after: int
    """Tokens the assistant estimates it kept, 0 when it does not say."""


@dataclass(frozen=True, slots=True)
class Thread:
    """One conversation, the main one or an agent's."""

    turns: tuple[Turn, ...] = ()
    compactions: tuple[Compaction, ...] = ()

    @property
    def now(self) -> int | None:
        """Tokens in the context now; None before the first answer, or when a compaction left an unknown rest."""
        if self.compactions and self.compactions[-1].turn == len(self.turns):
            return self.compactions[-1].after or None
        return self.turns[-1].tokens if self.turns else None

    @property
    def since_compaction(self) -> tuple[Turn, ...]:
        """The answers after the last compaction."""
        return self.turns[self.compactions[-1].turn :] if self.compactions else self.turns

    @property
    def peak(self) -> int:
        """The fullest the context was, in tokens."""
        return max((turn.tokens for turn in self.turns), default=0)

    @property
    def output(self) -> int:
        """Tokens the model wrote in all answers."""
        return sum(turn.output for turn in self.turns)

    @property
    def cached(self) -> float | None:
        """Share of all tokens sent that a cache had, None before the first answer."""
        sent = sum(turn.tokens for turn in self.turns)
        return sum(turn.read for turn in self.turns) / sent if sent else None

    @property
    def model(self) -> str:
        """The model of the last answer, empty before it."""
        return self.turns[-1].model if self.turns else ""


@dataclass(frozen=True, slots=True)
class Agent:
    """A sub-agent: its kind and what it was asked for, in words, with a context of its own."""

    id: str
    kind: str
    description: str
    thread: Thread


@dataclass(frozen=True, slots=True)
class Session:
    """A transcript read: whose it is, where it lies, the main thread, and the agents apart from it."""

    assistant: str
    id: str
    path: Path
    main: Thread
    agents: tuple[Agent, ...] = ()
    window: int | None = None
    """The model's window where the transcript itself says it."""
