"""What the real clients print, as it was observed, and what becomes of it."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from agentops_kit.errors import InputInvalid
from agentops_kit.models.base import Usage
from agentops_kit.workflows.assistants import base, claude, codex, gemini
from agentops_kit.workflows.assistants.environment import reduced

CLAUDE = {
    "type": "result",
    "subtype": "success",
    "is_error": False,
    "num_turns": 2,
    "result": "Done.",
    "total_cost_usd": 0.0123,
    "usage": {
        "input_tokens": 10,
        "cache_creation_input_tokens": 200,
        "cache_read_input_tokens": 3000,
        "output_tokens": 40,
    },
}
GEMINI = {
    "response": "Done.",
    "stats": {
        "models": {
            "gemini-2.5-flash": {"tokens": {"prompt": 100, "candidates": 5, "cached": 30, "thoughts": 7}},
            "gemini-2.5-pro": {"tokens": {"prompt": 50, "candidates": 1}},
        }
    },
}


def lines(*events: dict[str, Any]) -> str:
    return "\n".join(["a warning", *(json.dumps(event) for event in events)])


def test_claude_tells_usage_and_cost() -> None:
    account = claude.account(lines(CLAUDE))

    assert account.text == "Done."
    assert account.usage == Usage(3210, 40, 3000, 200)
    assert account.cost == Decimal("0.0123")
    assert account.problem == ""


@pytest.mark.parametrize(
    ("changes", "kind", "words"),
    [
        ({"is_error": True, "result": "API Error: 429 slow down"}, "rate_limited", "slow down"),
        ({"is_error": True, "result": "API Error: 500 broken"}, "server", "broken"),
        ({"is_error": True, "result": "Invalid API key"}, "refused", "Invalid"),
        ({"is_error": True, "result": "who knows"}, "unclassified", "who knows"),
        ({"is_error": True, "result": "", "subtype": "error_max_budget_usd"}, "cost_cap", "budget"),
        ({"num_turns": 0, "result": "Unknown command: /x"}, "invalid", "Unknown command"),
        ({"num_turns": 0, "result": ""}, "invalid", "dropped"),
    ],
)
def test_claude_tells_what_went_wrong(changes: dict[str, Any], kind: str, words: str) -> None:
    account = claude.account(lines(CLAUDE | changes))

    assert account.kind == kind
    assert words in account.problem


def test_codex_tells_its_last_message_and_the_usage_of_all_turns() -> None:
    usage = {"input_tokens": 100, "cached_input_tokens": 20, "output_tokens": 5}
    messages = [{"type": "item.completed", "item": {"type": "agent_message", "text": said}} for said in ("One", "Two")]
    other = {"type": "item.completed", "item": {"type": "command_execution"}}

    account = codex.account(lines(*messages, other, *[{"type": "turn.completed", "usage": usage}] * 2))

    assert (account.text, account.usage, account.problem) == ("Two", Usage(200, 10, 40), "")
    assert account.cost is None


@pytest.mark.parametrize(
    ("event", "kind", "words"),
    [
        ({"type": "error", "message": "status 429"}, "rate_limited", "429"),
        ({"type": "turn.failed", "error": {"message": "HTTP 502"}}, "server", "502"),
        ({"type": "error", "message": "it ended after 1505 tokens"}, "unclassified", "1505"),
        ({"type": "error", "message": "stream disconnected"}, "connection", "disconnected"),
        ({"type": "thread.started"}, "unclassified", "before its turn was complete"),
    ],
)
def test_codex_tells_what_went_wrong(event: dict[str, Any], kind: str, words: str) -> None:
    account = codex.account(lines(event))

    assert account.kind == kind
    assert words in account.problem


def test_gemini_tells_usage_by_model() -> None:
    account = gemini.account("Loaded something.\n" + json.dumps(GEMINI, indent=2))

    assert account.text == "Done."
    assert account.usage == Usage(150, 13, 30)
    assert account.by_model == {"gemini-2.5-flash": Usage(100, 12, 30), "gemini-2.5-pro": Usage(50, 1)}


@pytest.mark.parametrize(
    ("error", "kind"),
    [({"message": "quota exceeded"}, "rate_limited"), ("403 denied", "refused"), ({"code": 1}, "unclassified")],
)
def test_gemini_tells_what_went_wrong(error: Any, kind: str) -> None:
    account = gemini.account(json.dumps({"error": error}))

    assert account.kind == kind
    assert account.problem


@pytest.mark.parametrize("client", [claude, codex, gemini])
def test_what_is_no_account_is_none(client: base.Client) -> None:
    for output in ("", "Segmentation fault", "{broken", '{"type": "hello"}' if client is not gemini else "{"):
        with pytest.raises(ValueError):
            client.account(output)


READING = base.Task("Do it.", "Be careful.", "m", ("Read", "Bash(git log:*)"))
WRITING = base.Task("Do it.", "", "", ())
EDITING = base.Task("Do it.", "", "", ("Edit",), Decimal("0.5"))


def flags(client: base.Client, task: base.Task) -> str:
    return " ".join(client.arguments(task, Path("/tree")))


def test_claude_may_use_what_the_persona_may() -> None:
    reading = flags(claude, READING)

    assert "--allowedTools Read,Bash(git log:*)" in reading
    assert "--disallowedTools Edit,Write" in reading
    assert "--model m --append-system-prompt Be careful." in reading
    assert "acceptEdits" in flags(claude, WRITING)
    assert "--max-budget-usd 0.5" in flags(claude, EDITING)


def test_codex_writes_into_its_worktree_or_nowhere() -> None:
    assert "--sandbox read-only --cd /tree --model m -" in flags(codex, READING)
    assert "--sandbox workspace-write" in flags(codex, WRITING)


def test_gemini_asks_nobody() -> None:
    assert "--approval-mode yolo" in flags(gemini, READING)
    assert "--approval-mode auto_edit" in flags(gemini, EDITING)
    assert "--approval-mode plan" in flags(gemini, base.Task("", "", "", ("Read",)))


def test_an_assistant_without_system_prompt_is_told_all_in_one() -> None:
    assert READING.whole == "Be careful.\n\nDo it."
    assert WRITING.whole == "Do it."


def test_an_assistant_that_cannot_work_is_refused() -> None:
    with pytest.raises(InputInvalid, match="claude, codex, gemini"):
        base.load("copilot")


def test_an_assistant_gets_what_it_needs_and_no_other_secrets() -> None:
    whole = {
        "PATH": "/bin",
        "HOME": "/h",
        "LC_ALL": "C",
        "ANTHROPIC_API_KEY": "its own",
        "CLAUDE_CONFIG_DIR": "/c",
        "CLAUDECODE": "1",
        "CLAUDE_CODE_SESSION_ID": "s",
        "OPENAI_API_KEY": "another's",
        "DATABASE_URL": "secret",
        "GIT_DIR": "/elsewhere",
        "NEEDED": "n",
        "AGENTOPS_WORKER_ENV": "NEEDED, OTHER",
    }

    assert set(reduced(whole, claude.VARIABLES)) == {
        "PATH", "HOME", "LC_ALL", "ANTHROPIC_API_KEY", "CLAUDE_CONFIG_DIR", "NEEDED",
    }  # fmt: skip
    assert "OPENAI_API_KEY" in reduced(whole, codex.VARIABLES)
