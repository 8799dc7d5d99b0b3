"""What an assistant's client is to a run: a command line, an environment, and an account of what it did."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from agentops_kit.errors import InputInvalid
from agentops_kit.models.base import NO_USAGE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal
    from pathlib import Path

    from agentops_kit.models.base import Usage
    from agentops_kit.workflows.steps.base import Failure

MODULES = {
    "claude": "agentops_kit.workflows.assistants.claude",
    "codex": "agentops_kit.workflows.assistants.codex",
    "gemini": "agentops_kit.workflows.assistants.gemini",
}
"""Assistants that can work as a step, by the name the kit installs them under."""


@dataclass(frozen=True)
class Task:
    """What a client is started for; ``text`` goes to its standard input."""

    text: str
    system: str
    model: str
    tools: tuple[str, ...]
    """Tools the persona may use, in Claude Code's names; empty means any that edits files or runs a shell line."""
    dollars: Decimal | None = None
    """The most it may spend, for a client that can be told."""

    @property
    def writes(self) -> bool:
        """Whether files may be changed."""
        return not self.tools or any(tool.split("(")[0] in {"Edit", "Write", "MultiEdit"} for tool in self.tools)

    @property
    def runs(self) -> bool:
        """Whether shell lines may be run."""
        return not self.tools or any(tool.split("(")[0] == "Bash" for tool in self.tools)

    @property
    def whole(self) -> str:
        """System and task as one text, for a client that knows no system prompt of ours."""
        return f"{self.system}\n\n{self.text}" if self.system else self.text


@dataclass(frozen=True)
class Account:
    """What a client said of its run; ``problem`` is "" when it ended well."""

    text: str
    usage: Usage = NO_USAGE
    by_model: Mapping[str, Usage] | None = None
    """Usage by model, where the client tells it so."""
    cost: Decimal | None = None
    """US dollars as the client itself counts them; None when it does not."""
    problem: str = ""
    kind: Failure = "unclassified"
    """The kind of failure, where there is a problem."""


class Client(Protocol):
    """An assistant's module."""

    PROGRAM: str
    PROVIDER: str
    """Whose models it calls, for prices and limits."""
    VARIABLES: tuple[str, ...]
    """Beginnings of the names of variables that are its own business."""

    def arguments(self, task: Task, folder: Path) -> tuple[str, ...]:
        """Return its arguments for a run without a person."""
        ...

    def account(self, output: str) -> Account:
        """Return what its standard output tells; raises ``ValueError`` when that is no account."""
        ...


def load(name: str) -> Client:
    """Return an assistant's module; ``InputInvalid`` when it cannot work as a step."""
    from importlib import import_module
    from typing import cast

    if name not in MODULES:
        message = f"The assistant {name!r} cannot run a step."
        raise InputInvalid(message, remedy=f"Use one of: {', '.join(MODULES)}.")
    return cast("Client", import_module(MODULES[name]))


def failure_in(text: str, signs: Mapping[str, Failure]) -> Failure:
    """Return the kind of failure a client's words tell of: of the first sign, a regular expression, that is in them."""
    return next((kind for sign, kind in signs.items() if re.search(sign, text)), "unclassified")
