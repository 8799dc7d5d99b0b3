"""Which tool permissions a command asks for are too wide, and which reach what guards the workspace. Pure."""

from __future__ import annotations

import re
from typing import NamedTuple

_SCOPED = re.compile(r"(?P<tool>\w+)(?:\((?P<scope>.*)\))?", re.DOTALL)
WRITERS = frozenset({"Edit", "MultiEdit", "NotebookEdit", "Write"})
_ANY = frozenset({"", "*", ":*", "**", "/**", "./**"})
_RUNNERS = frozenset(
    "ash awk bash busybox bun command csh dash deno doas env eval exec fish ksh make nice node nohup npm npx perl php "
    "pwsh python python2 python3 ruby sh source ssh sudo time timeout uv watch xargs zsh".split()
)
"""Programs that run whatever they are given, so that a grant of them is a grant of everything."""
_GUARDED = re.compile(r"\.git(?:/|$)|\.claude(?:/|$)|\.codex|\.gemini|\.opencode|\.qwen|\.github/(?:hooks|workflows)")
_MEMORY = re.compile(r"\.agentops/(?:bundles|learnings)/")
_DECISIONS = frozenset({"approve", "reopen", "quick", "hook", "install", "uninstall", "upgrade"})
_LOOKING = frozenset({"show", "list", "lint", "validate", "info", "search", "test"})
"""Verbs of `agentops profile` that change nothing."""


class Grant(NamedTuple):
    """A permission such as ``Bash(git log:*)``, taken apart; ``scope`` is None when it has none."""

    tool: str
    scope: str | None


def read(text: str) -> Grant:
    """Take a permission apart; what has no known shape is a tool of that name."""
    found = _SCOPED.fullmatch(text.strip())
    return Grant(found["tool"], found["scope"]) if found else Grant(text, None)


def too_wide(text: str) -> str:
    """Return why a command should not ask for a permission, empty when it may."""
    tool, scope = read(text)
    if tool == "mcp__*" or text.strip() == "*":
        return "lets it use every tool without a question"
    if tool == "Bash":
        return _shell((scope or "").strip())
    if tool in WRITERS:
        return _files((scope or "").strip())
    return ""


def _shell(scope: str) -> str:
    if scope in _ANY:
        return "lets it run every command without a question"
    words = re.sub(r"(?::\*|\s*\*)$", "", scope).split()
    name = words[0].rsplit("/", 1)[-1] if words else ""
    if name in _RUNNERS and len(words) == 1 and scope != name:
        return f"lets it run every command without a question, through {name}"
    if name == "agentops" and _decides(words[1:]):
        return "reaches decisions that are a person's"
    return ""


def _decides(verbs: list[str]) -> bool:
    if verbs[:1] == ["profile"]:
        return verbs[1:2] == [] or verbs[1] not in _LOOKING
    return not verbs or verbs[0] in _DECISIONS


def _files(scope: str) -> str:
    path = re.sub(r"^(?:\./|/(?!/))+", "", scope)
    if scope in _ANY or path in _ANY:
        return "lets it write every file without a question"
    if path.startswith(("/", "~", "../")) or "/../" in path:
        return "lets it write outside the workspace"
    if _GUARDED.match(path) or (path.startswith(".agentops") and not _MEMORY.match(path)):
        return "lets it write what guards the workspace"
    return ""
