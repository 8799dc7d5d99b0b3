"""The decision of an install: workspace as seen, content wanted, manifest of before → actions. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agentops_kit.errors import AgentOpsError
from agentops_kit.install import config, manifest, settings
from agentops_kit.install.actions import Action, InstallPlan, emptied, refused
from agentops_kit.install.manifest import Manifest, Owned
from agentops_kit.install.snapshot import ABSENT, Seen, digest, folders_above

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from agentops_kit.assistants.base import Beside
    from agentops_kit.install.settings import Record, Wish
    from agentops_kit.install.snapshot import Snapshot
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


def decide(snapshot: Snapshot, desired: Desired, before: Manifest | None) -> InstallPlan:
    """Return the plan; where it refuses anything, nothing of it may be performed."""
    decision = _Decision(snapshot, desired, before)
    return decision.plan()


class _Decision:
    """Gathers actions and the manifest they lead to."""

    def __init__(self, snapshot: Snapshot, desired: Desired, before: Manifest | None) -> None:
        self._snapshot = snapshot
        self._desired = desired
        self._before = before or Manifest(desired.tool, (), (), ())
        self._actions: list[Action] = []
        self._notes: list[str] = []
        self._files: list[Owned] = []
        self._records: list[Record] = []

    def plan(self) -> InstallPlan:
        for file, place in _placed(self._snapshot, self._desired, self._before):
            self._file(file, place)
        for wish in self._desired.wishes:
            self._settings(wish)
        self._unwished()
        digest_of_config = self._config()
        self._leftovers()
        folders = self._folders()
        self._manifest(folders, digest_of_config)
        actions = [*refused(self._snapshot, self._actions), *self._actions]
        return InstallPlan(tuple(actions), tuple(self._notes))

    # -- files -------------------------------------------------------------------------------

    def _file(self, file: RenderedFile, place: Beside | None) -> None:
        path = place.path if place else file.path
        seen, owned = self._snapshot[path], self._before.owned(path)
        if seen.kind == "absent" or owned is None:
            self._foreign_or_new(file, path, place, seen)
            return
        record = Owned(path, digest(file.content), file.owner, file.name, file.executable)
        if seen.kind == "file" and seen.data == file.content:
            self._same(file, path, seen)
        elif seen.kind == "file" and seen.sha256 == owned.sha256:
            after = Seen("file", file.content, self._mode(seen, file))
            self._actions.append(Action("replace-own", path, "newer text; you had not edited it", seen, after))
        else:
            self._keep(path, "kept: edited by you", seen)
            record = owned
        self._files.append(record)

    def _foreign_or_new(self, file: RenderedFile, path: str, place: Beside | None, seen: Seen) -> None:
        if seen.kind == "absent":
            self._new(file, path, place)
        elif seen.kind == "file" and seen.data == file.content:
            self._keep(path, "already there with the same bytes; it stays yours", seen, kind="keep-unchanged")
        else:
            what = "a folder" if seen.kind == "folder" else "yours"
            self._actions.append(Action("refuse", path, f"{path} is {what}, and ours can go nowhere else.", seen, seen))

    def _new(self, file: RenderedFile, path: str, place: Beside | None) -> None:
        after = self._snapshot.new_file(file.content, executable=file.executable)
        if place:
            reason = f"{file.path} is yours and stays; ours is called {place.new}"
            self._actions.append(Action("beside", path, reason, ABSENT, after))
        else:
            reason = "was missing" if self._before.owned(path) else f"from {file.owner}"
            self._actions.append(Action("create", path, reason, ABSENT, after))
        self._files.append(Owned(path, digest(file.content), file.owner, file.name, file.executable))

    def _same(self, file: RenderedFile, path: str, seen: Seen) -> None:
        after = seen._replace(mode=self._mode(seen, file))
        if after == seen:
            self._keep(path, "unchanged", seen, kind="keep-unchanged")
        else:
            self._actions.append(Action("replace-own", path, "the run bit was missing", seen, after))

    def _mode(self, seen: Seen, file: RenderedFile) -> int:
        return seen.mode | (0o111 & ~self._snapshot.mask) if file.executable else seen.mode

    def _keep(self, path: str, reason: str, seen: Seen, kind: str = "conflict") -> None:
        self._actions.append(Action("keep-unchanged" if kind != "conflict" else "conflict", path, reason, seen, seen))

    def _leftovers(self) -> None:
        """Take away what an earlier install wrote and this one does not."""
        wanted = {one.path for one in self._files}
        for owned in self._before.files:
            seen = self._snapshot[owned.path]
            if owned.path in wanted or seen.kind == "absent":
                continue
            if seen.kind == "file" and seen.sha256 == owned.sha256:
                self._actions.append(Action("remove-own", owned.path, "no longer part of the profiles", seen))
            else:
                self._keep(owned.path, "no longer part of the profiles; kept because you edited it, now yours", seen)

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
        if current is not None and not settings.plain(current):
            self._notes.append(
                f"{wish.path} has comments or trailing commas, so the client skips all of it, your settings included."
            )
        if outcome.data == current or outcome.data is None:
            self._keep(wish.path, "hooks are registered", seen, kind="keep-unchanged")
        elif current is None:
            after = self._snapshot.new_file(outcome.data, executable=False)
            self._actions.append(Action("create", wish.path, "registers the hooks", seen, after))
        else:
            after = seen._replace(data=outcome.data)
            self._actions.append(Action("merge-settings", wish.path, "registers the hooks beside yours", seen, after))

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
            after = seen._replace(data=config.updated(seen.data, *names))
        except AgentOpsError as error:
            self._actions.append(Action("refuse", config.PATH, error.message, seen, seen))
            return ""
        if after == seen:
            self._keep(config.PATH, "yours, and it names these profiles", seen, kind="keep-unchanged")
        else:
            reason = f"profiles: {', '.join(names[0])}; assistants: {', '.join(names[1])}"
            self._actions.append(Action("merge-settings", config.PATH, reason, seen, after))
        return after.sha256 if seen.sha256 == self._before.config else self._before.config

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
        elif seen.data == data:
            self._keep(manifest.PATH, "unchanged", seen, kind="keep-unchanged")
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


# -- where a file goes ---------------------------------------------------------------------------


def _placed(snapshot: Snapshot, desired: Desired, before: Manifest) -> list[tuple[RenderedFile, Beside | None]]:
    """Return each file with its other place, if the user's own stands in the first one.

    The files of a skill move together, and texts that name what moved say its new name.
    """
    moved = {
        desired.besides[file.path].new
        for file in desired.files
        if file.path in desired.besides and _is_theirs(snapshot, file, before)
    }
    places = {path: beside for path, beside in desired.besides.items() if beside.new in moved}
    patterns = [_renaming(beside) for beside in {beside.new: beside for beside in places.values()}.values()]
    return [(_renamed(file, patterns), places.get(file.path)) for file in desired.files]


def _is_theirs(snapshot: Snapshot, file: RenderedFile, before: Manifest) -> bool:
    seen = snapshot[file.path]
    if seen.kind == "absent" or before.owned(file.path):
        return False
    return seen.kind != "file" or seen.data != file.content


def _renaming(beside: Beside) -> tuple[re.Pattern[str], str]:
    if beside.in_front:  # names stand in backticks, in paths of skills and in front matter; elsewhere it is a word
        return re.compile(rf"(?:(?<=`)|(?<=skills/)|(?<=name: )){re.escape(beside.old)}(?![\w-])"), beside.new
    return re.compile(rf"(?<![\w/.-]){re.escape(beside.old)}(?![\w/:-])"), beside.new


def _renamed(file: RenderedFile, patterns: Iterable[tuple[re.Pattern[str], str]]) -> RenderedFile:
    if not file.path.endswith(".md"):
        return file
    text = file.content.decode()
    for pattern, new in patterns:
        text = pattern.sub(new, text)
    return file if text.encode() == file.content else file._replace(content=text.encode())
