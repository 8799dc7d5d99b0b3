"""What an install or uninstall does, one value a path; the dry run prints these and apply performs them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from agentops_kit.errors import InstallRefused
from agentops_kit.install.snapshot import ABSENT, Seen

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from agentops_kit.install.snapshot import Snapshot

Kind = Literal[
    "make-folder",
    "create",
    "replace-own",
    "merge",
    "backup",
    "keep-unchanged",
    "keep-edited",
    "beside",
    "merge-settings",
    "remove-own",
    "remove-folder",
    "conflict",
    "refuse",
]
Base = Literal["workspace", "git"]
"""Where a path starts: the workspace, or the git directory that all worktrees share."""


@dataclass(frozen=True)
class Action:
    """One path: what happens, why, and how it stands before and after (equal when nothing changes)."""

    kind: Kind
    path: str
    reason: str
    before: Seen = ABSENT
    after: Seen = ABSENT
    base: Base = "workspace"
    remedy: str = ""
    """The command that settles a conflict, if one does."""

    @property
    def changes(self) -> bool:
        """Whether performing this writes anything."""
        return self.before != self.after

    def as_json(self) -> dict[str, Any]:
        """Return plain values; ``bytes`` and ``sha256`` are of the file as it will stand."""
        said: dict[str, Any] = {"action": self.kind, "path": self.path, "reason": self.reason, "in": self.base}
        if self.after.kind == "file":
            said |= {"bytes": len(self.after.data), "sha256": self.after.sha256, "mode": f"{self.after.mode:o}"}
        return said | ({"remedy": self.remedy} if self.remedy else {})


@dataclass(frozen=True)
class InstallPlan:
    """The actions in the order they are performed, and sentences for the person."""

    actions: tuple[Action, ...]
    notes: tuple[str, ...] = ()
    shipped: tuple[bytes, ...] = ()
    """The texts of ours, of which a copy is kept for a later merge."""

    @property
    def refusals(self) -> tuple[Action, ...]:
        """Why nothing of this plan may be performed; empty for a plan that may."""
        return tuple(action for action in self.actions if action.kind == "refuse")

    @property
    def changes(self) -> tuple[Action, ...]:
        """The actions that write."""
        return tuple(action for action in self.actions if action.changes)

    def of(self, *kinds: Kind) -> tuple[Action, ...]:
        """Return the actions of some kinds."""
        return tuple(action for action in self.actions if action.kind in kinds)

    def as_json(self) -> dict[str, Any]:
        """Return plain values, for ``--dry-run --json``."""
        return {
            "refused": bool(self.refusals),
            "changes": len(self.changes),
            "actions": [action.as_json() for action in self.actions],
            "notes": list(self.notes),
        }

    def require_allowed(self) -> None:
        """Raise ``InstallRefused`` with the first reason when any action refuses."""
        if not self.refusals:
            return
        more = f" ({len(self.refusals) - 1} more; see --dry-run)" if len(self.refusals) > 1 else ""
        raise InstallRefused(f"{self.refusals[0].reason}{more}", remedy="Nothing was written. Mend it, then try again.")


def refused(snapshot: Snapshot, actions: Iterable[Action]) -> list[Action]:
    """Return a refusal for each place that would be written and cannot be, one for each reason."""
    writes = [action.path for action in actions if action.changes and action.base == "workspace"]
    reasons = {snapshot.hindrance(path): path for path in writes}
    return [Action("refuse", path, reason) for reason, path in reasons.items() if reason]


def emptied(snapshot: Snapshot, folders: Iterable[str], gone: Collection[str]) -> list[Action]:
    """Return the removal, deepest first, of folders in which everything is gone."""
    left, actions = set(gone), []
    for folder in sorted(folders, key=lambda path: (-path.count("/"), path)):
        seen = snapshot[folder]
        if seen.kind == "folder" and all(f"{folder}/{name}" in left for name in snapshot.held[folder]):
            actions.append(Action("remove-folder", folder, "empty, and made by us", seen))
            left.add(folder)
    return actions
