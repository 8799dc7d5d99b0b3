"""Install, upgrade and uninstall on a disk that has no room, at every size from none to enough.

    python -m tests.support.full_disk <empty folder> <mount | limit>

``mount`` puts a small file system of memory on the folder, which the caller has to be allowed (``unshare -rm``);
``limit`` lets no file grow beyond a size, for machines where that is not allowed. Prints one JSON object: how
often an act was refused and done, and a sentence for each thing that was wrong.
"""

from __future__ import annotations

import json
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from agentops_kit.errors import AgentOpsError
from agentops_kit.install import service
from agentops_kit.install.pending import is_pending
from agentops_kit.memory.git import Repo
from tests.support import installing, matrix, trees

if TYPE_CHECKING:
    from collections.abc import Callable

_DESIRED = installing.shipped(("base",))
_STEP = 24 * 1024
_MOST = 40


def _install(root: Path) -> None:
    installing.install(root, _DESIRED)


def _upgrade(root: Path) -> None:
    repo = Repo.open(root)
    service.execute(repo, service.prepare(repo, matrix.newer(_DESIRED), choices={}))


def _uninstall(root: Path) -> None:
    installing.uninstall(root)


_ACTS: dict[str, Callable[[Path], None]] = {"install": _install, "upgrade": _upgrade, "uninstall": _uninstall}


class _Disk:
    """A folder in which only so many bytes can be written."""

    def __init__(self, folder: Path, *, mounted: bool) -> None:
        self.folder = folder
        self._mounted = mounted
        if mounted:
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "none", str(folder)], check=True)

    def leave(self, room: int) -> None:
        """Leave so much room; for a limit, the size that the largest file may have."""
        if not self._mounted:
            _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, most))
            return
        fill = self.folder / "fill"
        free = shutil.disk_usage(self.folder).free
        with fill.open("wb") as stream:
            stream.write(b"\0" * max(0, free - room))

    def free(self) -> None:
        """Leave all of it."""
        if self._mounted:
            (self.folder / "fill").unlink(missing_ok=True)
        else:
            _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


def main(folder: Path, how: str) -> None:
    """Print what was found."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    disk = _Disk(folder, mounted=how == "mount")
    start = trees.make_repo(folder / "start", {"README.md": "x\n"})
    tally: dict[str, list[int]] = {}
    problems: list[str] = []
    for name, act in _ACTS.items():
        refused = done = 0
        for number in range(_MOST):
            room = number * _STEP
            outcome = _try(disk, start, act, room)
            refused, done = refused + (outcome == "refused"), done + (outcome == "done")
            if outcome not in {"refused", "done"}:
                problems.append(f"{name} with {room} bytes: {outcome}")
            if done == 2:  # there is room for sure
                break
        tally[name] = [refused, done]
        if name == "install":
            _install(start)
    print(json.dumps({"tally": tally, "problems": problems}))  # noqa: T201 - a program's answer


def _try(disk: _Disk, start: Path, act: Callable[[Path], None], room: int) -> str:
    """Say what an act did with so much room: "refused", "done", or what was wrong."""
    root = disk.folder / "try"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(start, root, symlinks=True)
    before = trees.snapshot(root)
    disk.leave(room)
    try:
        act(root)
        outcome = "done"
    except AgentOpsError:
        outcome = "refused"
    except Exception as error:  # noqa: BLE001 - what a person would see as a fault of ours
        outcome = f"{type(error).__name__}: {error}"
    finally:
        disk.free()
    if outcome == "refused" and (trees.snapshot(root) != before or is_pending(Repo.open(root))):
        return "refused, and left something behind"
    if outcome == "done":
        act(root)
    return outcome


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
