"""Where a run is worked on: the workspace, its configuration, the clock, and what they say right now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from agentops_kit.ids import TreeId
from agentops_kit.phases import store
from agentops_kit.phases.machine import Facts
from agentops_kit.phases.record import Checkpoint, sha256

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from agentops_kit.content.config import Config
    from agentops_kit.memory.git import Repo
    from agentops_kit.phases.record import Run

UNKNOWN = "(files unknown: the run began in another clone)"


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Desk:
    """The workspace a run lives in, its configuration, and the clock."""

    repo: Repo
    config: Config
    clock: Callable[[], datetime] = _now

    @classmethod
    def open(cls, start: Path) -> Desk:
        """Open the workspace around a folder and finish what a killed command left."""
        from agentops_kit.content.config import load
        from agentops_kit.memory.commit import recover
        from agentops_kit.memory.git import Repo

        repo = Repo.open(start)
        desk = cls(repo, load(repo.root))
        if recover(repo):
            store.activate(repo, desk.config, store.active(repo))
        return desk

    def at(self) -> str:
        """Return the time as ISO 8601, seconds, UTC."""
        return self.clock().astimezone(UTC).isoformat(timespec="seconds")

    def facts(self, run: Run | None, *, before: str = "", over_limit: str = "") -> Facts:
        """Return what a gate asks: the tree, what changed since the baseline, the artefact of the phase ``before``."""
        tree = self.repo.fingerprint()
        path = self.repo.root / run.artefacts.get(before, "") if run else self.repo.root
        digest = sha256(path.read_bytes()) if before and path.is_file() else None
        changed = self.changed(run.baseline, tree) if run else ()
        return Facts(self.at(), self.repo.identity(), tree, changed, digest, over_limit)

    def changed(self, before: TreeId, after: TreeId) -> tuple[str, ...]:
        """Return the paths that differ between two fingerprints, or that they are unknown here."""
        if before == after:
            return ()
        from agentops_kit.memory.git import GitFailed

        try:
            return tuple(self.repo.changed_between(before, after))
        except GitFailed:  # the first was taken in another clone: that trees differ is known, in what is not
            return (UNKNOWN,)

    def point(self, tree: TreeId) -> Checkpoint:
        """Return where the work tree stands, as a checkpoint."""
        head, branch, staged = self.repo.require_head(), self.repo.branch(), tuple(self.repo.staged())
        return Checkpoint(head, branch, tree, staged, self.at())

    def touched(self, run: Run, tree: TreeId) -> tuple[str, ...]:
        """Return the paths that differ from where implementation began; in another clone, from its commit."""
        began = run.origin or run.checkpoint
        if began is None:
            return self.changed(run.baseline, tree)
        paths = self.changed(began.tree, tree)
        if paths != (UNKNOWN,):
            return paths
        since = self.changed(TreeId(began.commit), tree)  # a commit names its tree
        return tuple(path for path in since if not path.startswith(".agentops/"))
