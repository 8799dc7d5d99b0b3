"""What a session's transcript tells, as frozen values: what was asked, decided, done, tried and left open."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FileUse:
    """A file the assistant opened: how often it was read and changed, and whether the session created it."""

    path: str
    reads: int
    edits: int
    created: bool


@dataclass(frozen=True, slots=True)
class Attempt:
    """A command (or another tool's act) as it last ended; ``error`` is the end of its last failure."""

    what: str
    runs: int
    failures: int
    failing: bool
    """Whether its last run failed."""
    error: str
    told: bool
    """Whether its success is worth telling; looking around and changing a file are not."""


@dataclass(frozen=True, slots=True)
class Task:
    """An entry of the assistant's own task list."""

    subject: str
    status: str


@dataclass(frozen=True, slots=True)
class AgentReport:
    """What a sub-agent was asked for and what it reported."""

    about: str
    said: str


@dataclass(frozen=True, slots=True)
class Story:
    """A whole session; lists are in the order things happened."""

    session: str
    ended: str
    """Time of the last record, ISO 8601, empty when none has a time."""
    digest: str
    """SHA-256 over the records read, hexadecimal."""
    tokens: int
    """o200k tokens of all that was said and shown, each piece counted once."""
    compactions: int
    prompts: tuple[str, ...]
    decisions: tuple[str, ...]
    leanings: tuple[str, ...]
    """Sentences that may be decisions; their words do not say for sure."""
    questions: tuple[str, ...]
    steps: tuple[str, ...]
    files: tuple[FileUse, ...]
    attempts: tuple[Attempt, ...]
    tasks: tuple[Task, ...]
    reports: tuple[AgentReport, ...]
    last_words: str
    earlier: str
    """The client's summary of a conversation that this file does not hold, if it begins with one."""

    @property
    def empty(self) -> bool:
        """Whether nothing worth keeping happened."""
        return not (self.prompts or self.last_words or self.attempts or self.files)
