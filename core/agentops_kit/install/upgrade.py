"""What an upgrade adds to an install: merges of edited files, backups of what it changes, and the report of a check."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from agentops_kit.errors import InputInvalid
from agentops_kit.install import config, copies, snapshot, threeway
from agentops_kit.install.actions import Action
from agentops_kit.install.snapshot import Seen
from agentops_kit.text import near

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from agentops_kit.install.manifest import Manifest
    from agentops_kit.install.threeway import Choice, Edited, Merge
    from agentops_kit.memory.git import Repo

BACKUPS = "agentops/backups"
"""In the git directory that all worktrees share: what an upgrade changed of the user's, by digest and path."""


def merges(repo: Repo, edited: Sequence[Edited], choices: Mapping[str, Choice]) -> dict[str, Merge]:
    """Return the merge of each edited file; ``InputInvalid`` for a choice about a file that has none."""
    _require_edited([one.path for one in edited], choices)
    changed = [one for one in edited if one.before != snapshot.digest(one.now) or one.path in choices]
    known = copies.find(repo, {one.path: one.before for one in changed})
    return threeway.merges(repo, changed, known, choices)


def backups(repo: Repo, actions: Iterable[Action], before: Manifest) -> list[Action]:
    """Return what keeps a copy of each text of the user's that an upgrade changes."""
    kept = []
    for action in actions:
        theirs = action.kind == "merge" or (action.path == config.PATH and not before.wrote(action.before.data))
        if theirs and action.changes and action.before.kind == "file":
            path = f"{BACKUPS}/{action.before.sha256[:12]}/{action.path}"
            after = Seen("file", action.before.data, 0o600)
            seen = snapshot.look(repo.common_dir / path)
            kept.append(Action("backup", path, f"{action.path} as you had it", seen, after, base="git"))
    return kept


def _require_edited(paths: Collection[str], choices: Mapping[str, Choice]) -> None:
    for path in choices:
        if path not in paths:
            hint = near.hint(path, paths, f"Edited files: {', '.join(paths) or 'none'}.")
            raise InputInvalid(f"{path} is no file of ours that you edited.", remedy=hint)


def lines(action: Action) -> tuple[int, int]:
    """Return how many lines an action adds to a file and takes from it."""
    before, after = (text.decode("utf-8", "replace").splitlines() for text in (action.before.data, action.after.data))
    marks = [line[:1] for line in difflib.unified_diff(before, after, lineterm="", n=0)][2:]
    return marks.count("+"), marks.count("-")
