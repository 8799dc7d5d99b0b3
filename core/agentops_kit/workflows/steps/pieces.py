"""The text of a persona or a command as a step asks it: rendered from the workspace's profiles, for no client."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from agentops_kit.content.dialect import Dialect
from agentops_kit.errors import AgentOpsError, InputInvalid
from agentops_kit.text import near
from agentops_kit.workflows.steps.base import StepFailed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from agentops_kit.content.profiles import Resolved
    from agentops_kit.workflows.steps.base import Job

ARGUMENTS = "\N{MATHEMATICAL LEFT ANGLE BRACKET}arguments\N{MATHEMATICAL RIGHT ANGLE BRACKET}"
"""Stands where a command's arguments go; no template writes it itself."""
PLAIN = Dialect(
    arguments=ARGUMENTS,
    output="(what `{command}` prints)",
    command="`/{name}`",
    skill="skills/{name}/SKILL.md",
    guide="skills/{name}/SKILL.md",
    refuses="\n",
)
"""The words of templates for a model without an assistant around it: nothing is run before it reads them."""


@dataclass(frozen=True)
class Piece:
    """A persona's or command's text, the tools it may use, and the model it asks for ("" for any)."""

    name: str
    text: str
    tools: tuple[str, ...] = ()
    model: str = ""


def persona(job: Job, name: str) -> Piece:
    """Return a persona of the workspace's profiles; raises ``StepFailed`` of kind ``invalid`` for an unknown one."""
    return _piece(job, "persona", name)


def command(job: Job, name: str, arguments: str) -> Piece:
    """Return a command with its arguments filled in; raises as ``persona`` does."""
    piece = _piece(job, "command", name)
    return Piece(piece.name, piece.text.replace(ARGUMENTS, arguments), piece.tools, piece.model)


def _piece(job: Job, kind: Literal["persona", "command"], name: str) -> Piece:
    try:
        return read(job.means.workspace, job.means.settings or {}, kind, name)
    except InputInvalid as error:
        if job.means.provider == "scripted":
            return Piece(name, f"You are {name}." if kind == "persona" else f"/{name} {ARGUMENTS}")
        raise StepFailed("invalid", str(error)) from error
    except AgentOpsError as error:
        raise StepFailed("invalid", str(error)) from error


def read(workspace: Path, environment: Mapping[str, str], kind: Literal["persona", "command"], name: str) -> Piece:
    """Return a piece by its name; ``InputInvalid`` names the nearest, ``ContentInvalid`` what does not load."""
    from agentops_kit.content.render import Words, body

    resolved = _resolved(workspace, environment)
    items: dict[str, Any] = {item.name: item for item in getattr(resolved, f"{kind}s")}
    item = items.get(name)
    if item is None:
        message = f"There is no {kind} {name!r} in {', '.join(resolved.names)}."
        remedy = near.hint(name, items, f"Use one of: {', '.join(sorted(items))}.")
        raise InputInvalid(message, remedy=remedy)
    text = body(resolved, item, Words(resolved, item.where, name, PLAIN))
    return Piece(name, text, tuple(item.spec.tools), item.spec.model or "")


def _resolved(workspace: Path, environment: Mapping[str, str]) -> Resolved:
    from agentops_kit.content import config
    from agentops_kit.content.library import Library, shipped
    from agentops_kit.content.profiles import active_profiles, resolve, user_config_path

    own = user_config_path(environment)
    of_user = config.parse(own.read_text(encoding="utf-8"), str(own)) if own.is_file() else None
    names = active_profiles((), environment, config.load(workspace), of_user)
    return resolve(names, Library(shipped(), workspace))
