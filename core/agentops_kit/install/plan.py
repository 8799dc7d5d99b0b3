"""The decision of an install: workspace as seen, content wanted, manifest of before → actions. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agentops_kit.errors import AgentOpsError
from agentops_kit.install import config, files, heal, manifest, migrate, placing, settings, threeway
from agentops_kit.install.actions import Action, InstallPlan, emptied, refused
from agentops_kit.install.manifest import Manifest, Owned
from agentops_kit.install.snapshot import ABSENT, Seen, folders_above

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from agentops_kit.assistants.base import Beside
    from agentops_kit.install.placing import Placed
    from agentops_kit.install.settings import Record, Wish
    from agentops_kit.install.snapshot import Snapshot
    from agentops_kit.install.threeway import Edited, Merge
    from agentops_kit.ports import RenderedFile


@dataclass(frozen=True)
class Desired:
    """What should stand in the workspace; ``besides`` has the other place of a path, where there is one."""

    files: tuple[RenderedFile, ...]
    profiles: tuple[str, ...]
    assistants: tuple[str, ...]
    wishes: tuple[Wish, ...]
    tool: str
    besides: Mapping[str, Beside] = field(default_factory=dict)

    def paths(self, before: Manifest | None) -> set[str]:
        """Return every path a decision has to look at."""
        besides = {beside.path for beside in self.besides.values()}
        wanted = {file.path for file in self.files} | {wish.path for wish in self.wishes}
        return besides | wanted | {config.PATH, manifest.PATH} | (owned_paths(before) if before else set())


def owned_paths(before: Manifest) -> set[str]:
    """Return every path a manifest speaks of."""
    return {one.path for one in before.files} | {one.path for one in before.settings} | set(before.folders)


def edited(snapshot: Snapshot, desired: Desired, before: Manifest) -> tuple[Edited, ...]:
    """Return the files of ours that the user edited, for a merge."""
    placed = placing.place(snapshot, desired.files, desired.besides, before)
    return tuple(files.edited(snapshot, placed, before))


def decide(
    snapshot: Snapshot, desired: Desired, before: Manifest | None, merges: Mapping[str, Merge] | None = None
) -> InstallPlan:
    """Return the plan; where it refuses anything, nothing of it may be performed.

    ``merges`` are those of an upgrade, which also brings the configuration to this version; an install has none.
    """
    return _Decision(snapshot, desired, before, merges).plan()


class _Decision:
    """Gathers actions and the manifest they lead to."""

    def __init__(
        self, snapshot: Snapshot, desired: Desired, before: Manifest | None, merges: Mapping[str, Merge] | None
    ) -> None:
        self._snapshot = snapshot
        self._desired = desired
        self._before = before or Manifest(desired.tool, (), (), ())
        self._merges = merges
        self._actions: list[Action] = []
        self._notes: list[str] = []
        self._files: list[Owned] = []
        self._shipped: list[bytes] = []
        self._records: list[Record] = []

    def plan(self) -> InstallPlan:
        for placed in placing.place(self._snapshot, self._desired.files, self._desired.besides, self._before):
            self._file(placed)
        for wish in self._desired.wishes:
            self._settings(wish)
        self._unwished()
        digest_of_config = self._config()
        self._leftovers()
        folders = self._folders()
        self._manifest(folders, digest_of_config)
        actions = [*refused(self._snapshot, self._actions), *self._actions]
        return InstallPlan(tuple(actions), tuple(self._notes), tuple(self._shipped))

    def _file(self, placed: Placed) -> None:
        action, owned = files.fate(self._snapshot, placed, self._before, self._merges)
        self._actions.append(action)
        if owned:
            self._files.append(owned)
            self._shipped.append(placed.file.content)
        if threeway.marked(action.after.data):
            self._notes.append(f"{action.path} has conflict markers: edit it until it reads as you want it.")

    def _leftovers(self) -> None:
        """Take away what an earlier install wrote and this one does not."""
        wanted = frozenset(one.path for one in self._files)
        self._actions += files.leftovers(self._snapshot, self._before, wanted)

    def _keep(self, path: str, reason: str, seen: Seen) -> None:
        self._actions.append(Action("keep-unchanged", path, reason, seen, seen))

    # -- settings and configuration ----------------------------------------------------------

    def _settings(self, wish: Wish) -> None:
        seen = self._snapshot[wish.path]
        if self._is_no_file(wish.path):
            return
        current = seen.data if seen.kind == "file" else None
        try:
            outcome = settings.update(current, wish, self._before.record(wish.path))
        except AgentOpsError as error:
            self._actions.append(Action("refuse", wish.path, error.message, seen, seen))
            return
        self._records.append(outcome.record)
        self._notes += outcome.notes
        if current is not None and settings.skipped(current, wish):
            self._notes.append(
                f"{wish.path} has comments or trailing commas, so the client skips all of it, your settings included."
            )
        if outcome.data == current or outcome.data is None:
            self._keep(wish.path, f"{wish.why}: done", seen)
        elif current is None:
            after = self._snapshot.new_file(outcome.data, executable=False)
            self._actions.append(Action("create", wish.path, wish.why, seen, after))
        else:
            after = seen._replace(data=outcome.data)
            self._actions.append(Action("merge-settings", wish.path, f"{wish.why}, beside what is yours", seen, after))

    def _unwished(self) -> None:
        """Take our lines out of the settings of an assistant that was dropped."""
        wished = {wish.path for wish in self._desired.wishes}
        for record in self._before.settings:
            if record.path not in wished:
                self._actions += removed_settings(self._snapshot, record, "this assistant was dropped")

    def _config(self) -> str:
        seen = self._snapshot[config.PATH]
        if self._is_no_file(config.PATH):
            return ""
        names = (self._desired.profiles, self._desired.assistants)
        if seen.kind == "absent":
            after = self._snapshot.new_file(config.first(*names), executable=False)
            self._actions.append(Action("create", config.PATH, "yours to edit", seen, after))
            return after.sha256
        try:
            healed = heal.configuration(seen.data)
            data, steps = (healed, ()) if self._merges is None else migrate.migrated(healed)
            after = seen._replace(data=config.updated(data, *names))
        except AgentOpsError as error:
            self._actions.append(Action("refuse", config.PATH, error.message, seen, seen))
            return ""
        if after == seen:
            self._keep(config.PATH, "yours, and it names these profiles", seen)
        else:
            reason = f"profiles: {', '.join(names[0])}; assistants: {', '.join(names[1])}"
            self._actions.append(Action("merge-settings", config.PATH, "; ".join(steps) or reason, seen, after))
        return after.sha256 if after != seen and self._before.wrote(healed) else self._before.config

    def _is_no_file(self, path: str) -> bool:
        """Refuse a place where we edit a file and something else stands."""
        seen = self._snapshot[path]
        if seen.kind in {"file", "absent"}:
            return False
        what = {"folder": "a folder", "link": "a symbolic link"}.get(seen.kind, "no plain file")
        self._actions.append(Action("refuse", path, f"{path} is {what}, and has to be a file.", seen, seen))
        return True

    # -- folders and the manifest ------------------------------------------------------------

    def _folders(self) -> list[str]:
        written = [action.path for action in self._actions if action.after.kind == "file"]
        needed = {folder for path in [*written, manifest.PATH] for folder in folders_above(path)}
        made = sorted(folder for folder in needed if self._snapshot[folder].kind == "absent")
        new = [Action("make-folder", path, "holds what we write", ABSENT, Seen("folder")) for path in made]
        gone = {action.path for action in self._actions if action.kind == "remove-own"}
        spare = [folder for folder in self._before.folders if folder not in needed]
        removed = emptied(self._snapshot, spare, gone) if gone else []
        self._actions[:] = [*new, *self._actions, *removed]
        dropped = {action.path for action in removed}
        return sorted({*made, *(folder for folder in self._before.folders if folder not in dropped)})

    def _manifest(self, folders: Iterable[str], digest_of_config: str) -> None:
        after = Manifest(
            tool=self._desired.tool,
            profiles=self._desired.profiles,
            assistants=self._desired.assistants,
            files=tuple(self._files),
            folders=tuple(folders),
            settings=tuple(self._records),
            config=digest_of_config,
        )
        seen = self._snapshot[manifest.PATH]
        if self._is_no_file(manifest.PATH):
            return
        data = manifest.dump(after)
        if seen.kind == "absent":
            wanted = self._snapshot.new_file(data, executable=False)
            self._actions.append(Action("create", manifest.PATH, "lists what is ours", seen, wanted))
        elif manifest.unix(seen.data) == data:
            self._keep(manifest.PATH, "unchanged", seen)
        else:
            wanted = seen._replace(data=data)
            self._actions.append(Action("replace-own", manifest.PATH, "lists what is ours", seen, wanted))


def removed_settings(snapshot: Snapshot, record: Record, reason: str) -> Iterator[Action]:
    """Yield the action that takes our lines out of a settings file, if it is there and holds any."""
    seen = snapshot[record.path]
    if seen.kind != "file":
        return
    try:
        data = settings.unmerge(seen.data, record)
    except AgentOpsError as error:
        yield Action("refuse", record.path, error.message, seen, seen)
        return
    if data is None:
        yield Action("remove-own", record.path, reason, seen)
    elif data != seen.data:
        yield Action(
            "merge-settings", record.path, f"our lines go, yours stay: {reason}", seen, seen._replace(data=data)
        )
