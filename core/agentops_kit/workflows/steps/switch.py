"""Chooses which steps go on: the case that equals a value, or the default."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentops_kit.workflows.steps.base import Outcome, StepFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agentops_kit.workflows.spec import Json
    from agentops_kit.workflows.steps.base import Job

DEFAULT = "default"


async def run(job: Job) -> Outcome:
    """Return ``{"case", "next"}``: the case that was met and the steps that are taken; raises ``StepFailed``."""
    return Outcome(chosen(job.settings))


def chosen(settings: Mapping[str, Json]) -> dict[str, Any]:
    """Return the case of ``settings["cases"]`` that equals ``on``, as text where the types differ."""
    value = settings.get("on")
    cases: Mapping[str, Any] = settings.get("cases") or {}
    met = next((case for case in cases if case == _said(value)), None)
    if met is not None:
        return {"case": met, "next": list(cases[met])}
    if settings.get("default") is None:
        message = f"No case is {_said(value)!r} and there is no default; the cases are {', '.join(cases) or 'none'}."
        raise StepFailed("invalid", message)
    return {"case": DEFAULT, "next": list(settings["default"])}


def _said(value: Json) -> str:
    """Return a value as a key of a YAML mapping says it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value).strip()
