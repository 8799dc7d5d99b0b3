"""Codex without a terminal (observed with 0.169.0): a stream of JSON events, one a line."""

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

PROGRAM = "codex"
PROVIDER = "openai"
VARIABLES: tuple[str, ...] = ("OPENAI_", "CODEX_", "AZURE_OPENAI_")
_SIGNS: Mapping[str, Failure] = {
    "429": "rate_limited",
    r"\b50\d\b": "server",
    "401": "refused",
    "stream disconnected": "connection",
}


def arguments(task: Task, folder: Path) -> tuple[str, ...]:
    """Return the arguments; the sandbox lets it write into its worktree, or nowhere."""
    sandbox = "workspace-write" if task.writes else "read-only"
    made = ["exec", "--json", "--skip-git-repo-check", "--sandbox", sandbox, "--cd", str(folder)]
    return (*made, *(("--model", task.model) if task.model else ()), "-")


def account(output: str) -> Account:
    """Return the last message, the usage of all turns, and the error that ended the run, if one did."""
    events = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    if not any(str(event.get("type", "")).startswith(("turn.", "thread.", "error")) for event in events):
        message = "no events"
        raise ValueError(message)
    items = [event.get("item") or {} for event in events if event.get("type") == "item.completed"]
    texts = [str(item.get("text") or "") for item in items if item.get("type") == "agent_message"]
    usages = [event.get("usage") or {} for event in events if event.get("type") == "turn.completed"]
    problem = "" if usages else _problem(events)
    return Account(texts[-1] if texts else "", _sum(usages), problem=problem, kind=failure_in(problem, _SIGNS))


def _sum(said: list[Mapping[str, Any]]) -> Usage:
    def total(name: str) -> int:
        return sum(int(one.get(name) or 0) for one in said)

    return Usage(total("input_tokens"), total("output_tokens"), total("cached_input_tokens"))


def _problem(events: list[Mapping[str, Any]]) -> str:
    """Return the last error's words; without a turn that completed there is one, said or not."""
    for event in reversed(events):
        said = event.get("message") or (event.get("error") or {}).get("message")
        if said:
            return str(said)
    return "it ended before its turn was complete"
