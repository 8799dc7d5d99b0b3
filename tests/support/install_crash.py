"""Kill an install, a reinstall, an upgrade or an uninstall at every point it can be killed at, and tell what was left.

    python -m tests.support.install_crash <install | reinstall | upgrade | uninstall> <empty folder>

Prints one JSON object: the points, and a sentence for each thing that was wrong afterwards. It forks,
because starting Python anew for each of some hundred kills would take minutes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from agentops_kit.install import apply, service
from agentops_kit.memory.git import Repo
from tests.support import installing, kills, trees

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SETTINGS = '{\n  // mine\n  "hooks": {"PreToolUse": [{"matcher": "X", "hooks": []},]},\n}\n'
_THEIRS = {".claude/settings.json": _SETTINGS, ".claude/commands/plan.md": "mine\n", "src/a.py": "a = 1\n"}
_FIRST = (installing.RESEARCH, installing.PLAN, installing.SCRIPT)
_SECOND = (installing.file(installing.RESEARCH.path, "Newer.\n"), installing.PLAN, installing.EXPLORER)


def _install(root: Path) -> None:
    installing.install(root, installing.wanted(_FIRST))


def _reinstall(root: Path) -> None:
    installing.install(root, installing.wanted(_SECOND, profiles=("base", "devops")))


def _edit(root: Path) -> None:
    """Do what a user does after a reinstall: change two commands, one as the next version does, and the settings."""
    research, plan = root / installing.RESEARCH.path, root / ".claude/commands/agentops/plan.md"
    research.write_text("Newer, and mine.\n", encoding="utf-8")
    plan.write_text(plan.read_text(encoding="utf-8") + "Mine.\n", encoding="utf-8")
    config = root / ".agentops/config.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("version: 1", "# mine"), encoding="utf-8")


def _upgrade(root: Path) -> None:
    newest = (
        installing.file(installing.RESEARCH.path, "Newest.\n"),
        installing.file(installing.PLAN.path, "First this.\n\n" + installing.PLAN.content.decode(), "profile:base"),
    )
    repo = Repo.open(root)
    service.execute(repo, service.prepare(repo, installing.wanted(newest), choices={}))


def _uninstall(root: Path) -> None:
    installing.uninstall(root)


_ACTS: dict[str, tuple[tuple[Callable[[Path], None], ...], Callable[[Path], None]]] = {
    "install": ((), _install),
    "reinstall": ((_install,), _reinstall),
    "upgrade": ((_install, _reinstall, _edit), _upgrade),
    "uninstall": ((_install, _reinstall), _uninstall),
}


def main(what: str, folder: Path) -> None:
    """Print what was found."""
    before, act = _ACTS[what]
    start = trees.make_repo(folder / "start", _THEIRS)
    for earlier in before:
        earlier(start)
    points = kills.points(start, folder / "whole", act, folder / "points")
    old, new = _state(start), _state(folder / "whole")
    problems = [sentence for point in points for sentence in _wrong(point, start, act, (old, new))]
    for point in (points[len(points) // 2], "install.done:1"):
        problems += _wrong_twice(point, start, act, (old, new))
    print(json.dumps({"points": points, "problems": problems, "differs": old != new}))  # noqa: T201 - a program's answer


def _wrong(
    point: str, start: Path, act: Callable[[Path], None], states: tuple[dict[str, object], dict[str, object]]
) -> Iterator[str]:
    root = kills.copy(start, start.parent / "try")
    if not kills.killed(root, act, {"AGENTOPS_FAULT": point}):
        yield f"{point}: was not killed"
    apply.recover(Repo.open(root))
    if _state(root) not in states:
        yield f"{point}: neither the old nor the new tree after recovery"
    act(root)
    if _state(root) != states[1]:
        yield f"{point}: running again does not reach the new tree"
    left = {path.name for path in (root / ".git/agentops").iterdir()} - {"install.lock", "kit", "shipped", "backups"}
    if left:
        yield f"{point}: left {sorted(left)} behind"
    if trees.git(root, "fsck", "--strict", "--no-progress"):
        yield f"{point}: git fsck complains"


def _wrong_twice(
    point: str, start: Path, act: Callable[[Path], None], states: tuple[dict[str, object], dict[str, object]]
) -> Iterator[str]:
    """Kill the recovery as well, at each of its points, and recover from that."""
    number = 0
    while True:
        number += 1
        root = kills.copy(start, start.parent / "twice")
        kills.killed(root, act, {"AGENTOPS_FAULT": point})
        if not kills.killed(root, _recover, {"AGENTOPS_FAULT": f"install.settling:{number}"}):
            break
        _recover(root)
        if _state(root) != states[point == "install.done:1"]:
            yield f"{point}, then recovery's point {number}: not the tree it should be"
    if number < 2:
        yield f"{point}: recovery had nothing to do"


def _recover(root: Path) -> None:
    apply.recover(Repo.open(root))


def _state(root: Path) -> dict[str, object]:
    pointer = root / ".git" / service.POINTER
    backups = trees.snapshot(root / ".git/agentops/backups") if (root / ".git/agentops/backups").exists() else {}
    kept = {path: state for path, state in backups.items() if state.content}  # a folder says nothing
    return {**trees.snapshot(root), **kept, "pointer": pointer.read_bytes() if pointer.exists() else None}


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
