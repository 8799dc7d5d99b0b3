"""The decision of an uninstall: the tree as if we had never been there, save what the user made. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.install import config, manifest
from agentops_kit.install.actions import Action, InstallPlan, emptied, refused
from agentops_kit.install.plan import owned_paths, removed_settings
from agentops_kit.install.snapshot import folders_above

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from agentops_kit.install.manifest import Manifest
    from agentops_kit.install.snapshot import Snapshot

WORK = (".agentops/bundles", ".agentops/learnings", ".agentops/runs")
"""Folders of what people made with the kit; they go only when asked for."""

_WHY = "uninstall"


def paths(before: Manifest, made: Collection[str]) -> set[str]:
    """Return every path a decision has to look at; ``made`` is what lies in the folders of work."""
    return owned_paths(before) | {config.PATH, manifest.PATH, *WORK, *made}


def decide(snapshot: Snapshot, before: Manifest, *, purge: Collection[str] = ()) -> InstallPlan:
    """Return the plan; ``purge`` names the files of work that go too."""
    actions = [*_files(snapshot, before), *_purged(snapshot, purge)]
    for record in before.settings:
        actions += removed_settings(snapshot, record, _WHY)
    actions += _config(snapshot, before)
    if snapshot[manifest.PATH].kind == "file":
        actions.append(Action("remove-own", manifest.PATH, _WHY, snapshot[manifest.PATH]))
    gone = {action.path for action in actions if action.changes and action.after.kind == "absent"}
    inside = {folder for path in purge for folder in folders_above(path) if folder.startswith(WORK)}
    actions += emptied(snapshot, {*before.folders, *WORK, *inside}, gone)
    return InstallPlan((*refused(snapshot, actions), *actions))


def _files(snapshot: Snapshot, before: Manifest) -> Iterator[Action]:
    for owned in before.files:
        seen = snapshot[owned.path]
        if seen.kind == "absent":
            continue
        if owned.is_in(seen):
            yield Action("remove-own", owned.path, _WHY, seen)
        else:
            yield Action("conflict", owned.path, "kept: edited by you", seen, seen)


def _config(snapshot: Snapshot, before: Manifest) -> Iterator[Action]:
    seen = snapshot[config.PATH]
    if seen.kind == "file" and before.wrote(seen.data):
        yield Action("remove-own", config.PATH, _WHY, seen)
    elif seen.kind != "absent":
        yield Action("conflict", config.PATH, "kept: yours", seen, seen)


def _purged(snapshot: Snapshot, purge: Collection[str]) -> Iterator[Action]:
    for path in sorted(purge):
        seen = snapshot[path]
        if seen.kind in {"file", "link"}:
            yield Action("remove-own", path, "purge", seen)
