"""A process killed at each point it can be killed at: the copy it works on, the kill, and the names of the points.

It forks, because starting Python anew for each of some hundred kills would take minutes: many kills are made in a
process of their own, which ``report`` starts.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.support import source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


def report(module: str, *arguments: str) -> dict[str, Any]:
    """Run ``python -m tests.support.<module>`` and return the JSON object it prints."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.support.{module}", *arguments],
        cwd=source.ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(source.ROOT / "core"), str(source.ROOT)])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def points(start: Path, whole: Path, act: Callable[[Path], None], log: Path) -> list[str]:
    """Do the act on a copy at ``whole``, unkilled, and return the points it passed, each with its count."""
    killed(copy(start, whole), act, {"AGENTOPS_FAULT_LOG": str(log)})
    return list(_numbered(log.read_text(encoding="utf-8").split()))


def copy(start: Path, target: Path) -> Path:
    """Return a fresh copy of a tree at ``target``."""
    shutil.rmtree(target, ignore_errors=True)
    return Path(shutil.copytree(start, target, symlinks=True))


def killed(root: Path, act: Callable[[Path], None], variables: Mapping[str, str]) -> bool:
    """Do the act in a child with these variables and say whether it was killed on the way."""
    child = os.fork()
    if child == 0:
        try:
            os.environ.update(variables)
            act(root)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def _numbered(names: list[str]) -> Iterator[str]:
    seen: dict[str, int] = {}
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        yield f"{name}:{seen[name]}"
