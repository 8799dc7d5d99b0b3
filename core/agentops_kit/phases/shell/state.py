"""What the shell would know at a point of a line: where it is and what its names stand for."""

from __future__ import annotations

import os
import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tree_sitter import Node

# Stand-ins for text the line does not tell. None of them can be typed in an argument.
SOME = "\x00"  # any text, one field
MANY = "\x02"  # any text, any number of fields: an unquoted expansion
DIGITS = "\x01"  # a number
TEMPORARY = ("/tmp", "/var/tmp", "/private/tmp", "/dev/shm")  # noqa: S108 - names to compare with, nothing is created
MOST_STATES = 8
EVALUATED = re.compile(r"\w\[[^\]]*(?:\$\(|`)")  # an index: text the shell would run when it takes a name apart
DEVICES = frozenset({"/dev/null", "/dev/stdout", "/dev/stderr", "/dev/tty", "/dev/stdin", "/dev/zero", "/dev/full"})


class State(NamedTuple):
    """One possible situation of the shell.

    ``cwd`` is relative to ``base`` (the folder the line starts in), absolute, or None when not known.
    ``names`` holds variables (positional ones too) as tuples of fields.
    """

    base: str
    cwd: str | None
    names: Mapping[str, tuple[str, ...]]
    functions: Mapping[str, Node]
    aliases: Mapping[str, str]

    def bind(self, name: str, value: tuple[str, ...]) -> State:
        """Return the state with ``name`` set."""
        return self._replace(names={**self.names, name: value})

    def enter(self, folder: str) -> State:
        """Return the state after a successful ``cd folder``."""
        if not known(folder) or (self.cwd is None and not folder.startswith("/")):
            return self._replace(cwd=None)
        where = posixpath.normpath(posixpath.join(self.cwd or "", folder))
        return self._replace(cwd="" if where == "." else where)

    def place(self, path: str) -> str:
        """Return ``path`` as seen from ``base``; with a stand-in inside when the folder is not known."""
        if path.startswith("/"):
            return path
        return SOME + "/" + path if self.cwd is None else posixpath.join(self.cwd, path)

    def absolute(self, path: str) -> str:
        """Return ``path`` made absolute and free of ``..``, as text."""
        return posixpath.normpath(posixpath.join(self.base, self.place(path)))


def known(text: str) -> bool:
    """Tell whether ``text`` has no stand-in for something the line does not tell."""
    return not any(mark in text for mark in (SOME, MANY, DIGITS))


def temp_roots() -> tuple[str, ...]:
    """Return the folders made for throw-away files."""
    own = os.environ.get("TMPDIR", "").rstrip("/")
    return tuple(dict.fromkeys((own, *TEMPORARY) if own else TEMPORARY))


def harmless(path: str, state: State) -> bool:
    """Tell whether writing ``path`` cannot touch a workspace: a device, or a temporary folder the line is not in."""
    if path in DEVICES or (path.startswith("/dev/fd/") and path[8:].isdigit()):
        return True
    if ".." in path.split("/"):  # a link in a temporary folder could lead anywhere from there
        return False
    place = state.absolute(path)
    return any(_below(place, root) and not _same_tree(place, state.base, root) for root in temp_roots())


def _below(path: str, root: str) -> bool:
    head, *_ = path.split(SOME, 1)
    return head.startswith(root + "/")


def _same_tree(path: str, base: str, root: str) -> bool:
    """Tell whether both lie below one entry of ``root``: then ``path`` may be in the workspace of ``base``."""
    if not base.startswith(root):
        return False
    first = path[len(root) + 1 :].split("/", 1)[0]
    own = base[len(root) + 1 :].split("/", 1)[0]
    return not own or not known(first) or any(mark in first for mark in "*?[") or first == own


def union(*groups: Iterable[State]) -> tuple[State, ...]:
    """Return the distinct states of all groups, widened to one vague state when there are too many."""
    distinct: list[State] = []
    for group in groups:
        distinct += [state for state in group if state not in distinct]
    return tuple(distinct) if len(distinct) <= MOST_STATES else (widen(distinct),)


def widen(states: list[State]) -> State:
    """Return the state that says only what all of ``states`` agree on."""
    first = states[0]
    names = {name for state in states for name in state.names}
    agreed = {name: _agreed([state.names.get(name) for state in states]) for name in names}
    functions = {name: body for state in states for name, body in state.functions.items()}
    aliases = {name: text for state in states for name, text in state.aliases.items()}
    cwd = first.cwd if all(state.cwd == first.cwd for state in states) else None
    return State(first.base, cwd, agreed, functions, aliases)


def _agreed(values: list[tuple[str, ...] | None]) -> tuple[str, ...]:
    first = values[0]
    return first if first is not None and all(value == first for value in values) else (SOME,)


class Outcome(NamedTuple):
    """The states after success, the states after failure, and what was printed (None when not known)."""

    ok: tuple[State, ...]
    fail: tuple[State, ...]
    output: str | None = None

    @property
    def states(self) -> tuple[State, ...]:
        """All states in which the next command may start."""
        return union(self.ok, self.fail)


def same(states: tuple[State, ...], output: str | None = None) -> Outcome:
    """Return the outcome of something that leaves the shell as it was."""
    return Outcome(states, states, output)


def joined(ends: list[Outcome]) -> Outcome:
    """Return the outcome of the same thing followed from several states."""
    output = ends[0].output if len(ends) == 1 else None
    return Outcome(union(*(end.ok for end in ends)), union(*(end.fail for end in ends)), output)
