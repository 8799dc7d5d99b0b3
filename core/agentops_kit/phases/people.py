"""Who is asking: a person, or a model that learned the command.

A model runs commands as descendants of its assistant, with the assistant's variables set and no
terminal. A person's prompt reaches us through the assistant's hook, whose process has exactly
one assistant above it; a second one means that a model started an assistant to type for it. So
does an assistant that was itself started with an assistant's variables: it was detached from
its parent, but inherited its surroundings. (Only Linux lets us read them.)
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ASSISTANTS = frozenset({"claude", "codex", "gemini", "opencode", "qwen", "copilot", "cursor-agent", "aider"})
_PACKAGES = {
    "@anthropic-ai/claude-code": "claude",
    "@openai/codex": "codex",
    "@google/gemini-cli": "gemini",
    "opencode-ai": "opencode",
    "@qwen-code": "qwen",
    "@github/copilot": "copilot",
}
_VARIABLES = (
    "CLAUDECODE",
    "CLAUDE_CODE_SESSION_ID",
    "CODEX_SANDBOX",
    "CODEX_THREAD_ID",
    "GEMINI_CLI",
    "OPENCODE",
    "QWEN_CODE",
    "COPILOT_CLI",
    "CURSOR_AGENT",
)
_INHERITED = ("CLAUDECODE", "AI_AGENT")
"""Set for what an assistant runs; an assistant that a person started was not started with them."""
_INTERPRETERS = frozenset({"node", "nodejs", "bun", "deno", "python", "sh", "bash", "dash", "zsh", "env"})
_DEEPEST = 64


def why_not_terminal(environ: Mapping[str, str], ancestors: tuple[str, ...], *, terminal: bool) -> str:
    """Return why a command-line approval is not a person's, empty when it is."""
    above = next((name for name in ancestors if name in ASSISTANTS), "")
    if above:
        return f"this command was started by {above}, an assistant"
    variable = next((name for name in _VARIABLES if environ.get(name)), "")
    if variable:
        return f"this command runs inside an assistant ({variable} is set)"
    return "" if terminal else "this command has no terminal to ask a person on"


def why_not_prompt(ancestors: tuple[str, ...], environ: Mapping[str, str]) -> str:
    """Return why a prompt that a hook saw is not a person's, empty when it is.

    ``environ`` is what the nearest assistant above was started with, see ``assistant_environ``.
    """
    above = [name for name in ancestors if name in ASSISTANTS]
    if len(above) > 1:
        return f"the prompt was typed by {above[1]}, which started this assistant"
    variable = next((name for name in _INHERITED if environ.get(name)), "")
    return f"an assistant started this assistant ({variable} was set)" if variable else ""


def assistant_environ(start: int | None = None) -> dict[str, str]:
    """Return the environment that the nearest assistant above was started with; empty where it cannot be read."""
    seen = os.getpid() if start is None else start
    for _ in range(_DEEPEST):
        seen, name, _group = _parent(seen)
        if seen <= 1:
            break
        if name in ASSISTANTS:
            return _environ(seen)
    return {}


def _environ(process: int) -> dict[str, str]:
    try:
        pairs = Path(f"/proc/{process}/environ").read_bytes().decode("utf-8", "replace").split("\0")
    except OSError:
        return {}
    return {name: value for name, found, value in (pair.partition("=") for pair in pairs) if found}


def ancestors(start: int | None = None) -> tuple[str, ...]:
    """Return the program names of the processes above this one, nearest first.

    A launcher and the program of the same name that it started in its own process group count once.
    """
    names: list[str] = []
    seen = os.getpid() if start is None else start
    last = ("", 0)
    for _ in range(_DEEPEST):
        seen, name, group = _parent(seen)
        if seen <= 1:
            break
        if (name, group) != last:
            names.append(name)
        last = (name, group)
    return tuple(names)


def _parent(process: int) -> tuple[int, str, int]:
    """Return a process's parent, the parent's program and its process group; zero when it cannot be told."""
    if Path("/proc/self/stat").exists():
        return _parent_from_proc(process)
    return _parent_from_ps(process)


def _parent_from_proc(process: int) -> tuple[int, str, int]:
    try:
        parent = int(_stat(process)[1])
        words = Path(f"/proc/{parent}/cmdline").read_bytes().decode("utf-8", "replace").split("\0")
        comm = Path(f"/proc/{parent}/comm").read_text(encoding="utf-8", errors="replace").strip()
        group = int(_stat(parent)[2])
    except (OSError, ValueError, IndexError):
        return 0, "", 0
    return parent, _program([*words, comm]), group


def _stat(process: int) -> list[str]:
    """Return the fields behind the program's name: state, parent, process group and more."""
    stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    return stat.rsplit(")", 1)[1].split()


def _parent_from_ps(process: int) -> tuple[int, str, int]:
    import subprocess

    ask = ["ps", "-o", "ppid=", "-p", str(process)]
    try:
        parent = int(subprocess.run(ask, capture_output=True, text=True, check=False).stdout)
        show = ["ps", "-o", "pgid=", "-o", "command=", "-p", str(parent)]
        group, *words = subprocess.run(show, capture_output=True, text=True, check=False).stdout.split()
        return parent, _program([*words, ""]), int(group)  # a title that a program gave itself is its first word here
    except (OSError, ValueError):
        return 0, "", 0


def _program(words: list[str]) -> str:
    """Return the assistant's name if one is shown, else the program's; the last word is the process's own name."""
    runner = Path(words[0]).name.rstrip("0123456789.") if words else ""
    # an interpreter is known by its script; what else stands in a line (tmux new claude, our own hook) says nothing
    script = [word for word in words[1:-1] if word and not word.startswith("-")] if runner in _INTERPRETERS else []
    first = [word for word in [*words[:1], *script[:1]] if word]
    names = [Path(word).name.removesuffix(".js").removesuffix(".exe") for word in first]
    known = next((name for name in [*names, *(Path(word).name for word in words[-1:])] if name in ASSISTANTS), "")
    packaged = next((name for part, name in _PACKAGES.items() for word in first if part in word), "")
    return known or packaged or (names[0] if names else "")
