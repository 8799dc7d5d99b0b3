"""The active run of a worktree, compiled for the hooks.

A hook has a few milliseconds and only the standard library, so what it needs of the run record
and the configuration lies in ``<git dir>/agentops/state.json``. The record stays the truth: the
state carries its SHA-256, and a hook that finds another one compiles it again.
"""

from __future__ import annotations

import json
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# hashlib would load OpenSSL, a third of what a silent hook costs; this is the interpreter's own SHA-256
_sha256 = __import__("_sha2" if sys.version_info >= (3, 12) else "_sha256").sha256

VERSION = 1


def state_path(state_dir: str) -> str:
    """Return where the compiled state lies."""
    return os.path.join(state_dir, "state.json")  # noqa: PTH118 - pathlib costs start-up on the hook path


def read(state_dir: str) -> dict[str, Any] | None:
    """Return the compiled state, None when no run is active here; ``ValueError`` when it is damaged."""
    try:
        with open(state_path(state_dir), encoding="utf-8") as stream:  # noqa: PTH123
            state = json.load(stream)
    except FileNotFoundError:
        return None
    if not isinstance(state, dict) or state.get("version") != VERSION:
        message = "the compiled state is of another version"
        raise ValueError(message)
    return state


def write(state_dir: str, state: dict[str, Any] | None) -> None:
    """Put the compiled state in place by write and rename, or take it away."""
    path = state_path(state_dir)
    if state is None:
        try:
            os.unlink(path)  # noqa: PTH108
        except FileNotFoundError:
            return
        return
    os.makedirs(state_dir, exist_ok=True)  # noqa: PTH103
    spare = f"{path}.{os.getpid()}"
    with open(spare, "w", encoding="utf-8") as stream:  # noqa: PTH123
        json.dump({"version": VERSION, **state}, stream, ensure_ascii=False, indent=1)
    os.replace(spare, path)  # noqa: PTH105


def stamp(path: str) -> list[int]:
    """Return a file's size and modification time in nanoseconds, zeros when it is absent."""
    try:
        found = os.stat(path)  # noqa: PTH116
    except OSError:
        return [0, 0]
    return [found.st_size, found.st_mtime_ns]


def is_current(state: dict[str, Any], root: str) -> bool:
    """Say whether the run record and the configuration are still those the state was compiled from."""
    if stamp(os.path.join(root, ".agentops", "config.yaml")) != state["config"]:  # noqa: PTH118
        return False
    if not state["run"]:
        return True
    try:
        with open(os.path.join(root, state["run_file"]), "rb") as stream:  # noqa: PTH118, PTH123
            return bool(_sha256(stream.read()).hexdigest() == state["run_sha256"])
    except OSError:
        return False


def on_branch(state: dict[str, Any], git_dir: str) -> bool:
    """Say whether the worktree is on the branch the run belongs to; without a run, every branch counts."""
    if not state["run"]:
        return True
    try:
        with open(os.path.join(git_dir, "HEAD"), encoding="utf-8") as stream:  # noqa: PTH118, PTH123
            head = stream.read().strip()
    except OSError:
        return True
    branch = head.removeprefix("ref: refs/heads/") if head.startswith("ref: ") else None
    return bool(branch == state["branch"])
