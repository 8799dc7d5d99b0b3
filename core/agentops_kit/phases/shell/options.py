"""Options and operands of one command, told apart the way getopt does."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


SHORTEST = 4  # characters of a long option, dashes included, before it is taken for an abbreviation


class Options(NamedTuple):
    """``flags`` are (name, value) pairs with their dashes, in order; ``operands`` is everything else."""

    flags: list[tuple[str, str]]
    operands: list[str]

    def has(self, *names: str) -> bool:
        """Tell whether any of the named flags was given."""
        return any(flag in names for flag, _ in self.flags)

    def values(self, *names: str) -> list[str]:
        """Return the non-empty values given to the named flags."""
        return [value for flag, value in self.flags if flag in names and value]


def split(args: Sequence[str], valued: Collection[str] = (), *, stop_early: bool = False) -> Options:
    """Split ``args``; flags in ``valued`` (``-t``, ``--target``) take the next word unless the value is attached.

    ``stop_early`` ends the options at the first operand, as wrappers such as ``env`` and ``timeout`` do.
    """
    flags: list[tuple[str, str]] = []
    operands: list[str] = []
    rest = list(args)
    while rest:
        word = rest.pop(0)
        if word == "--":
            operands += rest
            break
        if word == "-" or not word.startswith("-"):
            operands.append(word)
            if stop_early:
                operands += rest
                break
        elif word.startswith("--"):
            flags.append(_long(word, valued, rest))
        else:
            flags += _cluster(word, valued, rest)
    return Options(flags, operands)


def _long(word: str, valued: Collection[str], rest: list[str]) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    if name not in valued and len(name) >= SHORTEST:  # getopt takes any beginning that is not ambiguous
        meant = sorted(known for known in valued if known.startswith(name))
        name = meant[0] if meant and all(known.startswith(meant[0]) for known in meant) else name
    if not equals and name in valued and rest:
        value = rest.pop(0)
    return name, value


def _cluster(word: str, valued: Collection[str], rest: list[str]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    letters = word[1:]
    for position, letter in enumerate(letters):
        flag = f"-{letter}"
        if flag in valued:
            attached = letters[position + 1 :]
            found.append((flag, attached or (rest.pop(0) if rest else "")))
            return found
        found.append((flag, ""))
    return found
