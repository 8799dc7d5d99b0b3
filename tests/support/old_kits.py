"""Workspaces as earlier versions of the kit left them, kept as archives so that each can be upgraded and uninstalled.

    python -m tests.support.old_kits COMMIT

adds one: it checks the commit out into a folder that is thrown away and lets that kit install itself
into small workspaces. An archive holds, for each of them, ``before`` (the tree of the user), ``after``
(the tree the old kit made of it) and ``hooks`` (what it put into git's folder of hooks).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.support import source, trees

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = Path(__file__).parent / "old_installs"
_SETTINGS = """\
{
    // the team's own
    "permissions": {"deny": ["Read(.env)"]},
    "hooks": {
        "PreToolUse": [
            {"matcher": "Bash", "hooks": [{"type": "command", "command": "./audit.sh"}]}, // keep
        ],
    },
}
"""
_PRE_COMMIT = "# ours\nrepos:\n  - repo: local\n    hooks:\n      - {id: a, name: a, entry: 'true', language: system}\n"
_PROJECT: Mapping[str, str | bytes] = {"README.md": "# Example\n", "src/a.py": "a = 1\n", ".gitignore": "*.pyc\n"}
_WORKSPACES: Mapping[str, Mapping[str, str | bytes]] = {
    "bare": _PROJECT,
    "own-files": {
        **_PROJECT,
        ".claude/settings.json": _SETTINGS,
        ".claude/commands/plan.md": "my own plan\r\n",
        ".claude/agents/mine.md": "---\nname: mine\ndescription: Mine.\n---\nWork.\n",
        ".pre-commit-config.yaml": _PRE_COMMIT,
    },
}
_PROFILES = ("devops", "product-dev")


class OldInstall(NamedTuple):
    """A workspace that an earlier kit installed into: its repository, and the tree from before that install."""

    root: Path
    before: Path


def names() -> list[str]:
    """Return each kept install as ``<archive>/<workspace>``."""
    return [f"{path.name.split('.', 1)[0]}/{kind}" for path in sorted(FOLDER.glob("*.tar.xz")) for kind in _WORKSPACES]


def lay(name: str, folder: Path, *, committed: bool = True) -> OldInstall:
    """Make the workspace in an empty folder; ``committed`` says whether what was installed is in its history."""
    archive, kind = name.split("/")
    with tarfile.open(FOLDER / f"{archive}.tar.xz") as packed:
        packed.extractall(folder / "packed", filter="data")
    held = folder / "packed" / kind
    root = Path(shutil.copytree(held / "after", folder / "work"))
    trees.git(root, "init", "--quiet", "--initial-branch=main")
    if committed:
        trees.commit_all(root, "Install the kit of that day")
    shutil.copytree(held / "hooks", root / ".git/hooks", dirs_exist_ok=True)
    return OldInstall(root, held / "before")


def main(commit: str) -> None:
    """Keep what the kit of a commit installs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run(["git", "clone", "--quiet", "--shared", str(source.ROOT), str(folder / "kit")], check=True)
        subprocess.run(["git", "-C", str(folder / "kit"), "checkout", "--quiet", commit], check=True)
        for kind, files in _WORKSPACES.items():
            _install(folder / "kit", folder / "packed" / kind, files)
        date = trees.git(folder / "kit", "show", "--no-patch", "--format=%cs-%h", "HEAD")
        with tarfile.open(FOLDER / f"{date}.tar.xz", "w:xz") as packed:
            for kind in _WORKSPACES:
                packed.add(folder / "packed" / kind, arcname=kind, filter=_plain)


def _install(kit: Path, target: Path, files: Mapping[str, str | bytes]) -> None:
    trees.write_tree(target / "before", files)
    root = trees.make_repo(target / "after", files)
    for hook in (root / ".git/hooks").glob("*.sample"):
        hook.unlink()
    options = [part for profile in _PROFILES for part in ("--profile", profile)]
    environment = {**os.environ, "PYTHONPATH": str(kit / "core")}
    subprocess.run([sys.executable, "-m", "agentops_kit", "install", *options], cwd=root, env=environment, check=True)
    shutil.copytree(root / ".git/hooks", target / "hooks", dirs_exist_ok=True)
    shutil.rmtree(root / ".git")


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mtime = 0
    return member


if __name__ == "__main__":
    main(sys.argv[1])
