"""The answer about a shell command line, and how the answers about its parts are combined."""

from __future__ import annotations

from collections import namedtuple

TYPE_CHECKING = False  # `typing` costs more than everything else a hook loads; type checkers read this name as true
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import NamedTuple

    class Effect(NamedTuple):
        """What one part of a line may change; ``paths`` is empty when the written paths are not known."""

        effect: str
        paths: tuple[str, ...]
        reason: str

    class Verdict(NamedTuple):
        """What a whole line may change."""

        effect: str
        paths: tuple[str, ...]
        reason: str
        agentops: tuple[str, ...]
        runs: tuple[str, ...] = ()

else:
    Effect = namedtuple("Effect", "effect paths reason")  # noqa: PYI024 - `typing` stays unloaded
    Verdict = namedtuple("Verdict", "effect paths reason agentops runs", defaults=((),))  # noqa: PYI024
    Effect.__doc__ = "What one part of a line may change; ``paths`` is empty when the written paths are not known."
    Verdict.__doc__ = (
        "What a whole line may change.\n\n"
        "effect: ``read``, ``run`` (a builder or test runner), ``write`` or ``unknown``.\n"
        "paths: what is written, absolute or relative to the given folder; empty when any of it is not known.\n"
        "reason: one clause naming the part that decided.\n"
        "agentops: the kit's own sub-commands that the line invokes.\n"
        "runs: the builders and test runners in the line, also when something worse decided."
    )

READ, RUN, WRITE, UNKNOWN = "read", "run", "write", "unknown"
RANK = {READ: 0, RUN: 1, WRITE: 2, UNKNOWN: 3}
ONLY_READS = "only reads"


def writes(reason: str, *paths: str) -> Effect:
    """Return a write of ``paths``; none given means the paths are not known."""
    return Effect(WRITE, paths, reason)


def runs(name: str) -> Effect:
    """Return the effect of a builder or test runner: it may write build outputs."""
    return Effect(RUN, (), f"runs {name}")


def unknown(reason: str) -> Effect:
    """Return the effect of something whose changes cannot be told from the line."""
    return Effect(UNKNOWN, (), reason)


def combine(effects: Iterable[Effect], agentops: Iterable[str] = ()) -> Verdict:
    """Return the verdict of a line made of ``effects``: the worst one names it, every known path is kept.

    A write whose paths are not known empties ``paths`` of a writing line, so that no caller takes a part for the whole.
    """
    parts = list(dict.fromkeys(effects))
    called = tuple(dict.fromkeys(agentops))
    if not parts:
        return Verdict(READ, (), ONLY_READS, called)
    worst = max(parts, key=lambda part: RANK[part.effect])
    paths = tuple(dict.fromkeys(path for part in parts for path in part.paths))
    blind = next((part for part in parts if part.effect == WRITE and not part.paths), None)
    if worst.effect == WRITE and blind is not None:
        worst, paths = blind, ()
    started = tuple(dict.fromkeys(part.reason.removeprefix("runs ") for part in parts if part.effect == RUN))
    return Verdict(worst.effect, paths, worst.reason, called, started)
