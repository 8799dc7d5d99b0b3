"""Where runs are kept: a flag, then ``AGENTOPS_DB``, then the repository's git folder, then the current folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

VARIABLE = "AGENTOPS_DB"
OUTSIDE = "agentops.db"
"""The file in the current folder when it is in no repository."""


def database(flag: str | None, environ: Mapping[str, str], start: Path) -> str:
    """Return the database's path or address; inside a repository ``<git dir>/agentops/runs.db``, never committed."""
    said = flag or environ.get(VARIABLE, "").strip()
    if said:
        return said
    git = _git_dir(start.absolute())
    return str(git / "agentops" / "runs.db") if git else str(start.absolute() / OUTSIDE)


def _git_dir(start: Path) -> Path | None:
    """Return the git folder all worktrees share; None outside a repository. Git itself is not started."""
    for folder in (start, *start.parents):
        found = folder / ".git"
        if found.is_dir():
            return found
        if found.is_file():
            return _linked(folder, found)
    return None


def _linked(folder: Path, pointer: Path) -> Path | None:
    line = pointer.read_text(encoding="utf-8", errors="replace").strip()
    if not line.startswith("gitdir:"):
        return None
    git = folder / line.removeprefix("gitdir:").strip()
    common = git / "commondir"
    if common.is_file():
        return (git / common.read_text(encoding="utf-8").strip()).resolve()
    return git.resolve() if git.is_dir() else None
