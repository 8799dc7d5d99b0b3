"""A program somebody else wrote, what it may use, and where it can run so that it uses no more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from agentops_kit.errors import InputInvalid

if TYPE_CHECKING:
    from pathlib import Path

TierName = Literal["monty", "wasi", "bubblewrap", "process"]
MODULES: dict[TierName, str] = {
    "monty": "agentops_kit.sandbox.monty",
    "wasi": "agentops_kit.sandbox.wasi",
    "bubblewrap": "agentops_kit.sandbox.bubblewrap",
    "process": "agentops_kit.sandbox.process",
}
"""From the least that can run a program to the most; ``process`` is no sandbox and runs only when granted."""

PRELUDE = "import json as _json, sys as _sys\ninputs = _json.load(_sys.stdin)\ndel _json, _sys\n"
"""What stands before a Python program that gets its inputs on standard input."""

Reason = Literal["", "time", "memory", "output", "unsupported"]


@dataclass(frozen=True)
class Grants:
    """What a program may use; nothing unless it is said. Paths are absolute folders or files."""

    read: tuple[Path, ...] = ()
    write: tuple[Path, ...] = ()
    network: bool = False
    packages: bool = False
    """The packages of the interpreter that runs the kit."""
    memory_mb: int = 256
    seconds: float = 30.0
    output_bytes: int = 1_000_000


@dataclass(frozen=True)
class Program:
    """Code and its ``inputs`` (JSON): a variable of that name in Python, standard input in a shell script."""

    code: str
    language: Literal["python", "sh"] = "python"
    inputs: Any = None


@dataclass(frozen=True)
class Ran:
    """How it ended: exit status 0 is success; ``reason`` says which limit stopped it."""

    status: int
    out: str
    err: str = ""
    reason: Reason = ""


class SandboxMissing(InputInvalid):
    """The tier a program needs is not on this machine; the remedy says what to install."""


class Tier(Protocol):
    """One way to run a program; a module is enough."""

    def missing(self) -> str:
        """Return what has to be installed first, "" when the tier can be used here."""
        ...

    def cannot(self, program: Program, grants: Grants) -> str:
        """Return why this tier cannot run a program with these grants, "" when it may try."""
        ...

    async def run(self, program: Program, grants: Grants) -> Ran:
        """Run it. Cancelling ends it."""
        ...


def load(name: TierName) -> Tier:
    """Return a tier's module."""
    from importlib import import_module
    from typing import cast

    return cast("Tier", import_module(MODULES[name]))
