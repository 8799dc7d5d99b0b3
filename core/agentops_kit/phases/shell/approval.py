"""Invocations of the kit's own command, in whatever spelling a shell accepts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agentops_kit.phases.shell.state import known

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from agentops_kit.phases.shell.calls import Call

PERSONAL = frozenset({"approve", "reopen", "quick"})  # decisions that only a person takes
FORGEABLE = PERSONAL | {"hook", "?"}
ASSISTANTS = frozenset("claude codex gemini opencode qwen copilot aider amp cursor-agent goose crush q".split())
TYPISTS = frozenset("tmux screen xdotool osascript expect script unbuffer ydotool wtype dtach zellij abduco".split())
PROMPT = re.compile(r"/(?:[\w-]+:)?(?:approve|reopen|quick)\b")
KIT = re.compile(r"agentops", re.IGNORECASE)
DECISION = re.compile(r"approve|reopen", re.IGNORECASE)


def kit_commands(args: Sequence[str]) -> tuple[str, ...]:
    """Return the kit's sub-commands that these arguments invoke; ``?`` stands for one the line does not tell."""
    operands = [word for word in args if not word.startswith("-")]
    first = operands[:1]
    if args and args[0].startswith("-"):  # a global option may have taken the first word as its value
        first += [word for word in operands[1:] if word in FORGEABLE or not known(word)]
    return tuple(word if known(word) else "?" for word in first)


def prompts(call: Call) -> bool:
    """Tell whether ``call`` hands a deciding slash command to an assistant or to a terminal."""
    texts = [*call.args, call.stdin or ""]
    return call.name in ASSISTANTS | TYPISTS and any(PROMPT.search(text) for text in texts)


def forged(called: Iterable[str], spoken: Iterable[str]) -> bool:
    """Tell whether what a line invokes, or says to commands that act, would take a person's decision."""
    said = " ".join(spoken)
    return bool(FORGEABLE.intersection(called)) or (bool(KIT.search(said)) and bool(DECISION.search(said)))
