"""Gemini CLI without a terminal (observed with 0.61.0): one JSON object with the response and statistics by model."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from agentops_kit.models.base import Usage
from agentops_kit.workflows.assistants.base import Account, failure_in

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from agentops_kit.workflows.assistants.base import Task
    from agentops_kit.workflows.steps.base import Failure

PROGRAM = "gemini"
PROVIDER = "google"
VARIABLES: tuple[str, ...] = ("GEMINI_", "GOOGLE_")
_SIGNS: Mapping[str, Failure] = {
    "429": "rate_limited",
    "quota": "rate_limited",
    r"\b50\d\b": "server",
    "401": "refused",
    "403": "refused",
}


def arguments(task: Task, folder: Path) -> tuple[str, ...]:
    """Return the arguments; its worktree counts as trusted, for the run's workspace is."""
    del folder
    mode = "yolo" if task.runs else "auto_edit" if task.writes else "plan"
    made = ["--output-format", "json", "--approval-mode", mode, "--skip-trust", "--prompt", ""]
    return (*made, *(("--model", task.model) if task.model else ()))


def account(output: str) -> Account:
    """Return the account in the JSON object that ends the output; other lines may stand before it."""
    start = output.find("{\n") if "{\n" in output else output.find("{")
    if start < 0:
        message = "no object"
        raise ValueError(message)
    said, _ = json.JSONDecoder().raw_decode(output[start:])
    by_model = {
        name: _usage(one.get("tokens") or {}) for name, one in ((said.get("stats") or {}).get("models") or {}).items()
    }
    error = said.get("error")
    problem = str(error.get("message") or error) if isinstance(error, dict) else str(error or "")
    kind = failure_in(problem, _SIGNS)
    return Account(str(said.get("response") or ""), _sum(by_model), by_model, problem=problem, kind=kind)


def _usage(tokens: Mapping[str, Any]) -> Usage:
    told = int(tokens.get("prompt") or tokens.get("input") or 0)
    answered = sum(int(tokens.get(name) or 0) for name in ("candidates", "thoughts"))
    return Usage(told, answered, int(tokens.get("cached") or 0))


def _sum(by_model: Mapping[str, Usage]) -> Usage:
    every = by_model.values()
    return Usage(
        sum(one.input for one in every), sum(one.output for one in every), sum(one.cache_read for one in every)
    )
