"""What becomes of one file of ours: its action, and the record to keep. Pure."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.ids import Sha256
from agentops_kit.install.actions import Action
from agentops_kit.install.manifest import Owned, unix
from agentops_kit.install.snapshot import ABSENT, Seen, digest
from agentops_kit.install.threeway import Edited, like

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from agentops_kit.install.manifest import Manifest
    from agentops_kit.install.placing import Placed
    from agentops_kit.install.snapshot import Snapshot
    from agentops_kit.install.threeway import Merge
    from agentops_kit.ports import RenderedFile


class Fate(NamedTuple):
    """An action, and our record of the file; None when the file is not ours."""

    action: Action
    owned: Owned | None


def edited(snapshot: Snapshot, placed: Iterable[Placed], before: Manifest) -> Iterator[Edited]:
    """Yield the files of ours that the user edited and that we still ship."""
    for file, path, _ in placed:
        seen, owned = snapshot[path], before.owned(path)
        if owned and seen.kind == "file" and not owned.is_in(seen) and unix(seen.data) != file.content:
            yield Edited(path, seen.data, file.content, Sha256(owned.sha256))


def fate(snapshot: Snapshot, placed: Placed, before: Manifest, merges: Mapping[str, Merge] | None) -> Fate:
    """Decide for one file; ``merges`` has the edited ones of an upgrade, and is None for an install."""
    file, path, _ = placed
    seen, owned = snapshot[path], before.owned(path)
    if seen.kind == "absent":
        return _new(snapshot, placed, "was missing" if owned else f"from {file.owner}")
    if owned is None:
        return Fate(_foreign(path, seen, file), None)
    if seen.kind == "file" and (owned.is_in(seen) or unix(seen.data) == file.content):
        return Fate(_ours(snapshot, path, seen, file), record(path, file))
    merge = merges.get(path) if merges is not None else None
    if merge is not None:
        return _merged(snapshot, placed, owned, merge)
    if seen.kind == "file" and owned.sha256 == digest(file.content):
        return Fate(Action("keep-edited", path, "edited by you; ours is the same as before", seen, seen), owned)
    if seen.kind == "file":
        reason = "yours stays: you edited it, and this version changed it, too"
        return Fate(Action("conflict", path, reason, seen, seen, remedy="agentops upgrade"), owned)
    return Fate(Action("conflict", path, "yours stays: you put something else in its place", seen, seen), owned)


def leftovers(snapshot: Snapshot, before: Manifest, wanted: frozenset[str]) -> Iterator[Action]:
    """Yield what becomes of files that an earlier install wrote and this one does not."""
    for owned in before.files:
        seen = snapshot[owned.path]
        if owned.path in wanted or seen.kind == "absent":
            continue
        if owned.is_in(seen):
            yield Action("remove-own", owned.path, "no longer part of the profiles", seen)
        else:
            kept = "no longer part of the profiles; kept because you edited it, now yours"
            yield Action("keep-edited", owned.path, kept, seen, seen)


def record(path: str, file: RenderedFile) -> Owned:
    """Return the record of a file as we ship it now."""
    return Owned(path, digest(file.content), file.owner, file.name, file.executable)


def _new(snapshot: Snapshot, placed: Placed, reason: str) -> Fate:
    file, path, beside = placed
    after = snapshot.new_file(file.content, executable=file.executable)
    if beside:
        theirs = snapshot.rivals.get(file.path, file.path)
        reason = f"{theirs} is yours and stays; ours is called {beside.new}"
        return Fate(Action("beside", path, reason, ABSENT, after), record(path, file))
    return Fate(Action("create", path, reason, ABSENT, after), record(path, file))


def _foreign(path: str, seen: Seen, file: RenderedFile) -> Action:
    if seen.kind == "file" and seen.data == file.content:
        return Action("keep-unchanged", path, "already there with the same bytes; it stays yours", seen, seen)
    what = "a folder" if seen.kind == "folder" else "yours"
    return Action("refuse", path, f"{path} is {what}, and ours can go nowhere else.", seen, seen)


def _ours(snapshot: Snapshot, path: str, seen: Seen, file: RenderedFile) -> Action:
    """Bring an unedited file to what we ship now, in the line ends it has; a script runs only with ours."""
    data = file.content if file.executable else like(seen.data, file.content)
    after = seen._replace(data=data, mode=_mode(snapshot, seen, file))
    if after == seen:
        return Action("keep-unchanged", path, "unchanged", seen, seen)
    if unix(after.data) != unix(seen.data):
        return Action("replace-own", path, "newer text; you had not edited it", seen, after)
    reason = "the run bit was missing" if after.data == seen.data else "a script needs line ends of one character"
    return Action("replace-own", path, reason, seen, after)


def _merged(snapshot: Snapshot, placed: Placed, owned: Owned, merge: Merge) -> Fate:
    file, path, _ = placed
    seen = snapshot[path]
    if merge.outcome == "merged":
        after = seen._replace(data=merge.data, mode=_mode(snapshot, seen, file))
        return Fate(Action("merge", path, merge.reason, seen, after), record(path, file))
    if merge.outcome == "kept":
        return Fate(Action("keep-edited", path, merge.reason, seen, seen), record(path, file))
    remedy = f"agentops upgrade --mark {shlex.quote(path)}"
    return Fate(Action("conflict", path, f"yours stays: {merge.reason}", seen, seen, remedy=remedy), owned)


def _mode(snapshot: Snapshot, seen: Seen, file: RenderedFile) -> int:
    return seen.mode | (0o111 & ~snapshot.mask) if file.executable else seen.mode
