"""What a workflow's steps may reach in this workspace: hosts, functions and programs, each named by the user."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agentops_kit.errors import ContentInvalid

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NoReturn

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
    if value is None:
        return NO_RUNTIME
    if not isinstance(value, dict):
        _refuse(where, "`runtime` is not a mapping", f"Write {', '.join(f'`{key}:`' for key in _KEYS)} below it.")
    for key in value:
        if key not in _KEYS:
            _refuse(where, f"unknown key `runtime.{key}`", f"Known keys: {', '.join(_KEYS)}.")
    if not isinstance(value.get("processes", False), bool):
        _refuse(where, f"`runtime.processes` is {value['processes']!r}", "Write true or false.")
    return Runtime(
        processes=value.get("processes", False),
        hosts=_texts(value.get("hosts") or [], "hosts", where),
        functions=_functions(value.get("functions") or {}, where),
        tools={
            str(name): _texts(words, f"tools.{name}", where)
            for name, words in _mapping(value.get("tools") or {}, "tools", where).items()
        },
    )


def _functions(value: Any, where: str) -> dict[str, str]:
    found = _mapping(value, "functions", where)
    for name, target in found.items():
        module, _, attribute = str(target).partition(":")
        if not module or not attribute:
            _refuse(where, f"`runtime.functions.{name}` is {target!r}", "Write `module:function`.")
    return {str(name): str(target) for name, target in found.items()}


def _mapping(value: Any, key: str, where: str) -> dict[Any, Any]:
    if not isinstance(value, dict):
        _refuse(where, f"`runtime.{key}` is {value!r}", f"Write a mapping of names below `{key}:`.")
    return dict(value)


def _texts(value: Any, key: str, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
        _refuse(where, f"`runtime.{key}` is {value!r}", "Write a list of texts: `[first, second]`.")
    return tuple(value)


def _refuse(where: str, what: str, remedy: str) -> NoReturn:
    message = f"{where}: {what}."
    raise ContentInvalid(message, remedy=remedy)
