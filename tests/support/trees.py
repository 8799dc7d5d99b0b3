"""Build folders and repositories from values, and compare them before and after."""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
import textwrap
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FIXED_DATE = "2026-01-02T03:04:05+00:00"
"""Author and committer date of every commit made here, so that ids repeat from run to run."""


class State(NamedTuple):
    """What a path is: permission bits (with the file type), and sha256 of a file or target of a link."""

    mode: int
    content: str


def write_tree(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write ``{relative path: text}`` under ``root``; text is dedented, bytes are kept, ``-> x`` makes a link to x.

    A path that ends in ``/`` makes an empty folder. A text that starts with ``#!`` gets the run bit.
    """
    for name, content in files.items():
        path = root / name
        if name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, content)
    return root


def _write(path: Path, content: str | bytes) -> None:
    if isinstance(content, bytes):
        path.write_bytes(content)
        return
    if content.startswith("-> "):
        path.symlink_to(content.removeprefix("-> ").strip())
        return
    text = textwrap.dedent(content)
    path.write_text(text, encoding="utf-8", newline="")
    if text.startswith("#!"):
        path.chmod(path.stat().st_mode | 0o111)


def git(root: Path, *args: str) -> str:
    """Run real git in ``root`` and return what it printed, without the last newline; fail loudly."""
    done = subprocess.run(
        ["git", *args],
        cwd=root,
        env={**os.environ, "GIT_AUTHOR_DATE": FIXED_DATE, "GIT_COMMITTER_DATE": FIXED_DATE},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"git {' '.join(args)} exited {done.returncode}: {done.stderr}"
    return done.stdout.rstrip("\n")


def commit_all(root: Path, message: str) -> str:
    """Commit everything git does not ignore and return the commit's id."""
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--no-verify", "--allow-empty", "--message", message)
    return git(root, "rev-parse", "HEAD")


def make_repo(root: Path, files: Mapping[str, str | bytes] | None = None) -> Path:
    """Make ``root`` a repository on branch ``main`` with an identity of its own and one commit of ``files``."""
    root.mkdir(parents=True, exist_ok=True)
    git(root, "init", "--quiet", "--initial-branch=main")
    git(root, "config", "user.name", "Ada Example")
    git(root, "config", "user.email", "ada@example.invalid")
    write_tree(root, {"README.md": "# Example\n"} if files is None else files)
    commit_all(root, "Start")
    return root


def snapshot(root: Path) -> dict[str, State]:
    """Return every file, link and folder under ``root`` except ``.git``, by path relative to ``root``.

    Two snapshots are equal only when each byte, permission bit, link target and empty folder is.
    """
    found: dict[str, State] = {}
    for folder, folders, files in os.walk(root):
        if ".git" in folders:
            folders.remove(".git")
        for name in (*folders, *files):
            path = os.path.join(folder, name)
            if name != ".git":
                found[os.path.relpath(path, root)] = _state(path)
    return dict(sorted(found.items()))


def _state(path: str) -> State:
    mode = os.lstat(path).st_mode
    if stat.S_ISLNK(mode):
        return State(mode, os.readlink(path))
    if stat.S_ISREG(mode):
        with open(path, "rb") as file:
            return State(mode, hashlib.sha256(file.read()).hexdigest())
    return State(mode, "")
