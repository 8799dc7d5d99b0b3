"""Stored prompts: ``name@version`` is the file ``prompts/<name>@<version>.md`` of the workspace or of a profile.

Without a version it is the highest one there. A stored prompt is a template: ``{{ name }}`` is an input of the step.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentops_kit.errors import InputInvalid
from agentops_kit.text import near
from agentops_kit.workflows.steps.base import StepFailed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from agentops_kit.workflows.steps.base import Job

FOLDER = Path(".agentops/prompts")
_REFERENCE = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*)(?:@(?P<version>[\w.-]+))?")


def filled(job: Job, reference: str) -> str:
    """Return a stored prompt with the step's inputs put in; raises ``StepFailed`` of kind ``invalid``.

    The scripted provider, which runs any workflow file, is asked the reference and its inputs where no file is.
    """
    inputs = job.settings.get("inputs") or {}
    try:
        path = find(job.means.workspace, reference)
    except InputInvalid as error:
        if job.means.provider == "scripted":
            return f"{reference}\n{json.dumps(inputs, ensure_ascii=False, sort_keys=True, default=str)}"
        raise StepFailed("invalid", str(error)) from error
    return _render(path.read_text(encoding="utf-8"), inputs, reference)


def find(workspace: Path, reference: str) -> Path:
    """Return a stored prompt's file; ``InputInvalid`` names the nearest when there is none."""
    asked = _REFERENCE.fullmatch(reference)
    known = dict(_known(workspace))
    if asked is not None:
        versions = [path for (name, version), path in known.items() if name == asked["name"]]
        if asked["version"] is None and versions:
            return versions[-1]
        found = known.get((asked["name"], asked["version"] or ""))
        if found is not None:
            return found
    names = [f"{name}@{version}" if version else name for name, version in known]
    message = f"There is no prompt {reference!r}."
    remedy = near.hint(reference, names, f"Write it to {FOLDER}/{reference}.md.")
    raise InputInvalid(message, remedy=remedy)


def _known(workspace: Path) -> Iterator[tuple[tuple[str, str], Path]]:
    """Give every stored prompt by name and version, lower versions first, the workspace's own last."""
    folders = [*sorted((workspace / ".agentops" / "profiles").glob("*/prompts")), workspace / FOLDER]
    for folder in folders:
        yield from sorted(((_named(path), path) for path in folder.glob("*.md")), key=_rank)


def _named(path: Path) -> tuple[str, str]:
    name, _, version = path.stem.partition("@")
    return name, version


def _rank(found: tuple[tuple[str, str], Path]) -> tuple[str, list[tuple[int, str]]]:
    """Order by name, then by version with its numbers as numbers: 9 before 10."""
    (name, version), _ = found
    return name, [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"[.-]", version)]


def _render(text: str, inputs: Mapping[str, Any], reference: str) -> str:
    from jinja2 import StrictUndefined, TemplateError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    shown = {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in inputs.items()
    }
    try:
        return environment.from_string(text).render(shown)
    except TemplateError as error:
        message = f"The prompt {reference} cannot be filled: {error}."
        raise StepFailed("invalid", message) from error
