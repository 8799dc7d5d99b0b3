"""What a workflow's steps may reach in this workspace: hosts, functions and programs, each named by the user."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agentops_kit.content import section

if TYPE_CHECKING:
    from collections.abc import ItemsView, Mapping

    from agentops_kit.content.section import Section

_KEYS = ("hosts", "functions", "tools", "processes")


@dataclass(frozen=True)
class Runtime:
    """The ``runtime:`` key."""

    hosts: tuple[str, ...] = ()
    """Hosts that ``http`` steps may ask: ``api.example.com``, ``*.example.com``, ``localhost:8080``."""
    functions: Mapping[str, str] = field(default_factory=dict)
    """Functions that ``function`` steps may call: a name, and ``module:function``."""
    tools: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Programs that ``tool`` steps may run: a name, and the program with its first arguments."""
    processes: bool = False
    """Whether ``script`` steps may ask for the tier ``process``, which is no sandbox."""


NO_RUNTIME = Runtime()


def parse(value: Any, where: str) -> Runtime:
    """Read the value of ``runtime:``; ``ContentInvalid`` names the key and how to mend it."""
    read = section.opened(value, where, "runtime", _KEYS)
    return Runtime(
        processes=read.flag("processes", default=False),
        hosts=_words(read, "hosts", read.values.get("hosts") or []),
        functions=_functions(read),
        tools={str(name): _words(read, f"tools.{name}", words) for name, words in _named(read, "tools")},
    )


def _functions(read: Section) -> dict[str, str]:
    found = {str(name): str(target) for name, target in _named(read, "functions")}
    for name, target in found.items():
        module, _, attribute = target.partition(":")
        if not module or not attribute:
            raise read.wrong(f"functions.{name}", f"is {target!r}", "Write `module:function`.")
    return found


def _named(read: Section, key: str) -> ItemsView[Any, Any]:
    return read.mapping(key, f"Write a mapping of names below `{key}:`.").items()


def _words(read: Section, key: str, value: Any) -> tuple[str, ...]:
    """Return a list of texts; here one text is no list, for it may be a whole command line."""
    if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
        raise read.wrong(key, f"is {value!r}", "Write a list of texts: `[first, second]`.")
    return tuple(value)
