"""One simple command as the tables see it, and what the tables may ask of the walker."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from agentops_kit.phases.shell.state import harmless, known
from agentops_kit.phases.shell.verdict import Effect, unknown, writes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from agentops_kit.phases.shell.state import State


class Shell(Protocol):
    """What a command that starts other commands needs."""

    def run(self, words: Sequence[str], state: State, stdin: str | None) -> object:
        """Follow a command given as fields."""

    def script(self, source: str, state: State, stdin: str | None) -> object:
        """Follow shell text."""


class Call(NamedTuple):
    """A command name, its arguments, where it runs and what is known of its standard input."""

    name: str
    args: list[str]
    state: State
    stdin: str | None
    shell: Shell

    def write(self, paths: Iterable[str], what: str = "") -> list[Effect]:
        """Return the effects of writing ``paths`` as seen from the command's folder; harmless ones are left out."""
        return write_paths(paths, self.state, what or self.name)

    def write_here(self, what: str) -> list[Effect]:
        """Return the effect of changing files in the command's folder that the line does not name."""
        if self.state.cwd is not None and harmless(".", self.state):
            return []
        return [writes(what)]

    def within(self, *words: str) -> list[Effect]:
        """Follow ``words`` as a program of its own in the same place, past functions and aliases."""
        self.shell.run(list(words), self.state._replace(functions={}, aliases={}), self.stdin)
        return []


if TYPE_CHECKING:
    Program = Callable[[Call], list[Effect]]


def write_paths(paths: Iterable[str], state: State, what: str) -> list[Effect]:
    """Return the effects of ``what`` writing ``paths``."""
    found: list[Effect] = []
    for path in paths:
        if harmless(path, state):
            continue
        place = state.place(path)
        if not known(place):
            found.append(unknown(f"{what} writes to a path the line does not tell"))
        elif place.startswith(("/proc/", "/dev/")):
            found.append(unknown(f"{what} writes to {place}"))
        else:
            found.append(writes(f"{what} writes {place}", place))
    return found
