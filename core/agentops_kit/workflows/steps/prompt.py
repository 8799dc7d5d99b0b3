"""What a step asks a model: its messages and settings, read from rendered settings; pure but for prompt files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agentops_kit.models.base import Message
from agentops_kit.workflows.context import context
from agentops_kit.workflows.steps import reads
from agentops_kit.workflows.steps.base import StepFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agentops_kit.workflows.spec import Json
    from agentops_kit.workflows.steps.base import Job


@dataclass(frozen=True)
class Wish:
    """What is asked, before anybody is chosen to answer it."""

    messages: tuple[Message, ...]
    temperature: float | None = None
    max_tokens: int | None = None
    schema: Mapping[str, Any] | None = None
    """What the answer, JSON, must meet; {} for any JSON, None for text."""


def wish(job: Job, text: str, *, system: str = "") -> Wish:
    """Return what a step asks with ``text``; raises ``StepFailed`` of kind ``invalid`` for a setting out of range."""
    settings = job.settings
    schema = asked_schema(job)
    said = text
    if settings.get("context"):
        said = context(said, tuple(job.outputs.items()), single=bool(settings.get("single")))
    if schema is not None:
        said = f"{said}\n\n{_in_json(schema)}"
    system = "\n\n".join(part for part in (str(settings.get("system") or ""), system) if part)
    messages = ((Message("system", system),) if system else ()) + (Message("user", said),)
    return Wish(
        messages,
        _number(settings, "temperature", 0, 2),
        _whole(settings, "max_tokens"),
        schema,
    )


def asked_schema(job: Job) -> Mapping[str, Any] | None:
    """Return the schema of the answer: the one a step gives, or the one other steps' reading of it asks for."""
    said = job.settings.get("output")
    if said == "text":
        return None
    if isinstance(said, dict):
        return said
    read = reads.of(job.workflow, job.step.id)
    if read is not None and (read.fields or read.items is not None or job.means.provider == "scripted"):
        return read.schema(compared=job.means.provider == "scripted") or ({} if said == "json" else None)
    return {} if said == "json" else None


def parsed(text: str, schema: Mapping[str, Any] | None) -> Json:
    """Return a model's answer as the step's output; ``ValueError`` says what is wrong with its JSON."""
    if schema is None:
        return text
    value = json.loads(_unfenced(text))
    if schema:
        from jsonschema import Draft202012Validator

        wrong = next(iter(Draft202012Validator(schema).iter_errors(value)), None)
        if wrong is not None:
            place = "/".join(str(part) for part in wrong.absolute_path) or "the top"
            message = f"at {place}: {wrong.message}"
            raise ValueError(message)
    return value


def _unfenced(text: str) -> str:
    """Return what stands inside a fence, if a model put one around its JSON."""
    stripped = text.strip()
    if not stripped.startswith("```") or not stripped.endswith("```"):
        return stripped
    return stripped.partition("\n")[2].removesuffix("```")


def _in_json(schema: Mapping[str, Any]) -> str:
    only = "Answer with one JSON value and nothing around it"
    return f"{only}." if not schema else f"{only}; it must meet this JSON Schema:\n{json.dumps(schema)}"


def _number(settings: Mapping[str, Json], name: str, least: float, most: float) -> float | None:
    value = settings.get(name)
    if value is None:
        return None
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            value = None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= most:
        message = f"`{name}` is {settings[name]!r}; it has to be a number from {least} to {most}."
        raise StepFailed("invalid", message)
    return float(value)


def _whole(settings: Mapping[str, Json], name: str) -> int | None:
    value = _number(settings, name, 1, 10_000_000)
    return None if value is None else int(value)
