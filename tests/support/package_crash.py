"""Kills a change of vendored profiles at each point of its journal, and says what is not as it should be.

``python -m tests.support.package_crash WHAT FOLDER``; in a process of its own, because it forks.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from agentops_kit.content.library import Library, shipped
from agentops_kit.content.locked import read
from agentops_kit.install import apply
from agentops_kit.memory.git import Repo
from agentops_kit.packages import service
from tests.support import kills, packages, trees

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SKILL = ".agentops/profiles/acme/skills/rounding/SKILL.md"


def _add(root: Path) -> None:
    repo = Repo.open(root)
    change = service.add(repo, str(root.parent / "acme"), root)
    service.carry_out(repo, change.plan, change.candidate.files)


def _update(root: Path) -> None:
    repo = Repo.open(root)
    change = service.update(repo, "acme")
    service.carry_out(repo, change.plan, change.candidate.files)


def _remove(root: Path) -> None:
    repo = Repo.open(root)
    if "acme" in read(root):
        service.carry_out(repo, service.remove(repo, "acme", discard_edits=True))


def _edit(root: Path) -> None:
    place = root / SKILL
    place.write_text(place.read_text(encoding="utf-8") + "\nOurs.\n", encoding="utf-8")


def _publish(root: Path) -> None:
    more = "skills: [rounding, paying]"
    texts = packages.files(version="2.0.0", more=more)
    packages.folder(root.parent / "acme", {**texts, "skills/paying/SKILL.md": texts["skills/rounding/SKILL.md"]})


_ACTS: dict[str, tuple[tuple[Callable[[Path], None], ...], Callable[[Path], None]]] = {
    "add": ((), _add),
    "update": ((_add, _edit, _publish), _update),
    "remove": ((_add, _edit), _remove),
}


def main(what: str, folder: Path) -> None:
    """Print what was found."""
    before, act = _ACTS[what]
    packages.folder(folder / "acme")
    start = trees.make_repo(folder / "start")
    for earlier in before:
        earlier(start)
    points = kills.points(start, folder / "whole", act, folder / "points")
    old, new = trees.snapshot(start), trees.snapshot(folder / "whole")
    problems = [sentence for point in points for sentence in _wrong(point, start, act, (old, new))]
    print(json.dumps({"points": points, "problems": problems, "differs": old != new}))  # noqa: T201 - a program's answer


def _wrong(
    point: str, start: Path, act: Callable[[Path], None], states: tuple[dict[str, trees.State], dict[str, trees.State]]
) -> Iterator[str]:
    root = kills.copy(start, start.parent / "try")
    if not kills.killed(root, act, {"AGENTOPS_FAULT": point}):
        yield f"{point}: was not killed"
    if not _loads(root):
        yield f"{point}: a reader finds a part of a profile before recovery"
    apply.recover(Repo.open(root))
    if trees.snapshot(root) not in states:
        yield f"{point}: neither the old nor the new tree after recovery"
    act(root)
    if trees.snapshot(root) != states[1]:
        yield f"{point}: running again does not reach the new tree"


def _loads(root: Path) -> bool:
    library = Library(shipped(), root)
    return all(library.load(name).name == name for name in library.names() if library.origin(name) == "workspace")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
