"""What a hook can answer, in the JSON that Claude Code and the clients with its hook shape read."""

from __future__ import annotations

import json
import os
from collections import namedtuple


class Place(namedtuple("Place", "root git_dir")):  # noqa: PYI024 - typing costs a silent hook a tenth of its time
    """The workspace a hook stands in: its root, and the git directory of the worktree."""

    __slots__ = ()
    root: str
    git_dir: str

    @property
    def state_dir(self) -> str:
        """Where this worktree's local state lies."""
        return os.path.join(self.git_dir, "agentops")  # noqa: PTH118 - pathlib costs start-up on the hook path


def context(name: str, text: str) -> str:
    """Return the answer that adds a line to what the model sees."""
    return json.dumps({"hookSpecificOutput": {"hookEventName": name, "additionalContext": text}})


def block(reason: str) -> str:
    """Return the answer that stops a prompt and shows the person why."""
    return json.dumps({"decision": "block", "reason": reason})


def tool_decision(verdict: str, reason: str) -> str:
    """Return the answer that denies a tool call, or asks the person about it."""
    decision = {"permissionDecision": verdict, "permissionDecisionReason": reason}
    return json.dumps({"hookSpecificOutput": {"hookEventName": "PreToolUse", **decision}})
