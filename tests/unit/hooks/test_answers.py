from __future__ import annotations

import json

from agentops_kit.hooks.answers import Place, block, context, tool_decision


def test_answers_have_the_shape_the_clients_read() -> None:
    assert json.loads(context("SessionStart", "hi \U0001f389")) == {
        "hookSpecificOutput": {"hookEventName": "SessionStart", "additionalContext": "hi \U0001f389"}
    }
    assert json.loads(block("no")) == {"decision": "block", "reason": "no"}
    assert json.loads(tool_decision("deny", "why")) == {
        "hookSpecificOutput": {
            "hookEventName": "PreToolUse",
            "permissionDecision": "deny",
            "permissionDecisionReason": "why",
        }
    }


def test_state_lies_in_the_worktrees_git_directory() -> None:
    assert Place("/ws", "/ws/.git").state_dir == "/ws/.git/agentops"
