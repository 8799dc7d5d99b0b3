"""Proof that what is installed works: every registered hook is fired in a scratch copy and has to refuse.

The scratch repository has a path with a space and an umlaut, a subfolder and a linked worktree,
and a run in phase research. The hooks are the workspace's own, copied byte for byte.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentops_kit.content import config, frontmatter
from agentops_kit.memory.git import Repo
from agentops_kit.phases import machine, store
from agentops_kit.phases.lifecycle import Desk
from agentops_kit.phases.machine import Facts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentops_kit.ids import RunId

_SECONDS = 60
_OLDEST_GIT = (2, 31)
_COPIED = (".claude",)
_ACTS: dict[str, dict[str, Any]] = {
    "a write": {"tool_name": "Write", "tool_input": {"file_path": "{place}/doctor.txt", "content": "x"}},
    "a shell write": {"tool_name": "Bash", "tool_input": {"command": "echo x > doctor.txt"}},
    "a model's approval": {"tool_name": "Bash", "tool_input": {"command": "agentops approve"}},
}


@dataclass(frozen=True)
class Finding:
    """One check: what was looked at, whether it is well, what was seen, and how to mend it."""

    check: str
    ok: bool
    detail: str
    fix: str = ""


def examine(repo: Repo) -> tuple[Finding, ...]:
    """Look at the machine, then fire every registered hook from each place."""
    return (*_machine(repo), *_settings(repo), *_errors(repo), *_gates(repo))


def _machine(repo: Repo) -> Iterator[Finding]:
    words = repo.run("version").decode().split()
    version = tuple(int(part) for part in words[2].split(".")[:2])
    yield Finding("git", version >= _OLDEST_GIT, " ".join(words), "Install git 2.31 or later.")
    pointer = repo.common_dir / "agentops" / "kit"
    lines = pointer.read_text(encoding="utf-8").splitlines() if pointer.is_file() else []
    good = len(lines) > 1 and os.access(lines[0], os.X_OK) and (Path(lines[1]) / "agentops_kit").is_dir()
    detail = f"hooks use {lines[0]}" if lines else "this clone does not know where the kit is"
    yield Finding("kit", good, detail, "Run `agentops install` once in this clone.")
    found = shutil.which("agentops")
    yield Finding(
        "command", found is not None, found or "agentops is not on PATH", f"Add {Path(sys.executable).parent} to PATH."
    )


def _settings(repo: Repo) -> Iterator[Finding]:
    for name in (".claude/settings.json", ".claude/settings.local.json"):
        path = repo.root / name
        if not path.is_file():
            continue
        try:
            json.loads(path.read_text(encoding="utf-8-sig"))
        except ValueError as error:
            fix = "Claude Code ignores the whole file, and every hook in it. Take out comments and trailing commas."
            yield Finding(name, ok=False, detail=f"not plain JSON ({error})", fix=fix)
        else:
            yield Finding(name, ok=True, detail="plain JSON, so the client loads it")


def _errors(repo: Repo) -> Iterator[Finding]:
    log = repo.state_dir / "hook-errors.log"
    if log.is_file() and log.stat().st_size:
        last = log.read_text(encoding="utf-8", errors="replace").splitlines()[-1]
        yield Finding("hook errors", ok=False, detail=last, fix=f"Mend the cause, then delete {log}.")


# -- the gates -----------------------------------------------------------------------------------


def _gates(repo: Repo) -> Iterator[Finding]:
    if not (repo.root / ".claude" / "hooks" / "agentops").is_file():
        yield Finding("hooks", ok=False, detail="no hook is installed here", fix="Run `agentops install`.")
        return
    with tempfile.TemporaryDirectory(prefix="agentops doctor ü ") as folder:
        scratch = _scratch(repo, Path(folder) / "work tree")
        linked = Path(folder) / "linked tree"
        scratch.run("worktree", "add", "-q", "-b", "linked", str(linked))
        _start(scratch)
        _start(Repo.open(linked))
        inner = scratch.root / "sub folder"
        inner.mkdir()
        for name, place, commands in (
            ("root", scratch.root, _registered(scratch.root)),
            ("linked worktree", linked, _registered(linked)),
            ("subfolder", inner, _in_commands(scratch.root)),
        ):
            yield from _fired(name, place, commands)


def _scratch(repo: Repo, root: Path) -> Repo:
    scratch = Repo.create(root)
    for name in _COPIED:
        if (repo.root / name).is_dir():
            shutil.copytree(repo.root / name, root / name, symlinks=True)
    scratch.run("add", "--all")
    scratch.run("commit", "-q", "--no-verify", "--allow-empty", "-m", "chore: scratch")
    pointer = repo.common_dir / "agentops" / "kit"
    if pointer.is_file():
        copy = scratch.common_dir / "agentops" / "kit"
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(pointer, copy)
    return scratch


def _start(repo: Repo) -> None:
    """Start a run in phase research, without exploring."""
    desk = Desk(repo, config.Config())
    facts = Facts(desk.at(), repo.identity(), repo.fingerprint())
    name: RunId = f"{desk.at()[:10]}-doctor-{repo.branch()}"  # type: ignore[assignment]
    run = machine.start(name, "doctor", facts, branch=repo.branch(), enforcement="strict")
    store.save(repo, desk.config, run, "chore(agentops): doctor")


def _registered(root: Path) -> list[str]:
    """Return the PreToolUse commands that a session started in ``root`` loads."""
    commands: list[str] = []
    for name in ("settings.json", "settings.local.json"):
        path = root / ".claude" / name
        try:
            settings = json.loads(path.read_text(encoding="utf-8-sig")) if path.is_file() else {}
        except ValueError:
            continue  # the client skips it as well; reported by _settings
        commands += _commands(settings.get("hooks"))
    return list(dict.fromkeys(commands))


def _in_commands(root: Path) -> list[str]:
    """Return the PreToolUse commands that the kit's slash commands bring along, wherever a session starts."""
    path = root / ".claude" / "commands" / "research.md"
    path = path if path.is_file() else root / ".claude" / "commands" / "agentops" / "research.md"
    if not path.is_file():
        return []
    return _commands(frontmatter.parse(path.read_text(encoding="utf-8"), str(path)).values.get("hooks"))


def _commands(hooks: Any) -> list[str]:
    groups = hooks.get("PreToolUse", []) if isinstance(hooks, dict) else []
    entries = [entry for group in groups if isinstance(group, dict) for entry in group.get("hooks", [])]
    return [str(entry["command"]) for entry in entries if "agentops" in str(entry.get("command", ""))]


def _fired(name: str, place: Path, commands: list[str]) -> Iterator[Finding]:
    if not commands:
        yield Finding(f"from {name}", ok=False, detail="no hook of ours is registered", fix="Run `agentops install`.")
    for command in commands:
        for act, event in _ACTS.items():
            answer, seconds = _fire(command, place, event)
            refused = '"permissionDecision": "deny"' in answer
            seen = "refused" if refused else f"NOT refused: {answer[:120] or 'silence'}"
            detail = f"{seen} in {seconds * 1000:.0f} ms"
            yield Finding(f"{act} from {name}", refused, detail, "" if refused else "Run `agentops install` again.")


def _fire(command: str, place: Path, event: dict[str, Any]) -> tuple[str, float]:
    text = json.dumps(event).replace("{place}", str(place).replace("\\", "\\\\"))
    facts = {"hook_event_name": "PreToolUse", "cwd": str(place), "session_id": "doctor", "transcript_path": ""}
    begun = time.perf_counter()
    done = subprocess.run(
        ["sh", "-c", command],
        input=json.dumps({**json.loads(text), **facts}).encode(),
        cwd=place,
        env={**os.environ, "CLAUDE_PROJECT_DIR": str(place)},
        capture_output=True,
        timeout=_SECONDS,
        check=False,
    )
    words = (done.stdout + done.stderr).decode("utf-8", "replace").strip()
    return words, time.perf_counter() - begun
