"""Claude Code without a terminal (observed with 2.1.197): one JSON object tells result, usage and cost."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from agentops_kit.models.base import Usage
from agentops_kit.workflows.assistants.base import Account, failure_in

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from agentops_kit.workflows.assistants.base import Task
    from agentops_kit.workflows.steps.base import Failure

PROGRAM = "claude"
PROVIDER = "anthropic"
VARIABLES: tuple[str, ...] = ("ANTHROPIC_", "CLAUDE_", "DISABLE_", "AWS_", "GOOGLE_", "CLOUD_ML_", "IS_SANDBOX")
_SIGNS: Mapping[str, Failure] = {
    "429": "rate_limited",
    "API Error: 5": "server",
    "401": "refused",
    "Invalid API key": "refused",
}
_EDITING = ("Read", "Grep", "Glob", "Edit", "Write", "MultiEdit", "Bash")


def arguments(task: Task, folder: Path) -> tuple[str, ...]:
    """Return the arguments; what the persona's tools allow is allowed, and everything else is refused, not asked."""
    del folder
    made = ["--print", "--output-format", "json", "--permission-mode", "acceptEdits" if task.writes else "default"]
    made += ["--allowedTools", ",".join(task.tools or _EDITING)]
    if not task.writes:
        made += ["--disallowedTools", "Edit,Write,MultiEdit,NotebookEdit"]
    if task.model:
        made += ["--model", task.model]
    if task.system:
        made += ["--append-system-prompt", task.system]
    if task.dollars is not None:
        made += ["--max-budget-usd", str(task.dollars)]
    return tuple(made)


def account(output: str) -> Account:
    """Return the account in the last line that is an object of type ``result``."""
    lines = [line for line in output.splitlines() if line.startswith("{")]
    said = next((one for line in reversed(lines) if (one := json.loads(line)).get("type") == "result"), None)
    if said is None:
        message = "no result"
        raise ValueError(message)
    cost = said.get("total_cost_usd")
    problem, kind = _problem(said)
    return Account(
        str(said.get("result") or ""),
        _usage(said.get("usage") or {}),
        None,
        None if cost is None else Decimal(str(cost)),
        problem,
        kind,
    )


def _usage(said: Mapping[str, Any]) -> Usage:
    read, written = int(said.get("cache_read_input_tokens") or 0), int(said.get("cache_creation_input_tokens") or 0)
    plain = int(said.get("input_tokens") or 0)
    return Usage(plain + read + written, int(said.get("output_tokens") or 0), read, written)


def _problem(said: Mapping[str, Any]) -> tuple[str, Failure]:
    """Return what went wrong and its kind; a run in which the model was not asked at all is none either."""
    if said.get("is_error"):
        capped = "budget" in str(said.get("subtype"))
        kind: Failure = "cost_cap" if capped else failure_in(str(said.get("result")), _SIGNS)
        return str(said.get("result") or said.get("subtype")), kind
    if not said.get("num_turns"):
        return f"the model was not asked: {said.get('result') or 'the prompt was dropped'}", "invalid"
    return "", "unclassified"
