"""The journal of an install: what is about to change is on disk before anything changes.

    journal/intent.json   every path with its state before and after, written first
    journal/done          there once every path stands as it should

Killed before ``done``: the next start goes back to the old tree. Killed after: it goes on to the
new one. A path that holds neither state was changed by the user since, and stays.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
from typing import TYPE_CHECKING, Any, NamedTuple

from agentops_kit.faults import point
from agentops_kit.install.pending import JOURNAL
from agentops_kit.install.snapshot import Seen, look

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from agentops_kit.install.actions import Base
    from agentops_kit.memory.git import Repo

_INTENT = "intent.json"
_DONE = "done"


class Step(NamedTuple):
    """One path to bring from one state to another."""

    base: Base
    path: str
    before: Seen
    after: Seen

    def place(self, repo: Repo) -> Path:
        """Return the path on disk."""
        return (repo.common_dir if self.base == "git" else repo.root) / self.path


def begin(repo: Repo, steps: Iterable[Step]) -> None:
    """Write the intent; from here on a crash is mended by ``settle``."""
    folder = repo.state_dir / JOURNAL
    folder.mkdir(parents=True)
    spare = folder / f"{_INTENT}.tmp"
    with spare.open("w", encoding="ascii") as stream:
        json.dump([_plain(step) for step in steps], stream)
        stream.flush()
        os.fsync(stream.fileno())
    point("install.intent-written")
    spare.replace(folder / _INTENT)
    sync_folder(folder)
    point("install.intent-placed")


def finish(repo: Repo) -> None:
    """Pass the point of no return, then forget the journal."""
    folder = repo.state_dir / JOURNAL
    (folder / _DONE).touch()
    sync_folder(folder)
    point("install.done")
    _forget(folder)


def settle(repo: Repo) -> str:
    """Bring the workspace to the old or the new state and forget the journal; return which.

    "old" or "new"; "" when there was nothing to bring, only the journal to forget.
    """
    folder = repo.state_dir / JOURNAL
    if not (folder / _INTENT).exists():  # killed before the intent stood, or after everything did
        _forget(folder)
        return ""
    steps = [_step(values) for values in json.loads((folder / _INTENT).read_text(encoding="ascii"))]
    forward = (folder / _DONE).exists()
    for step in steps if forward else reversed(steps):
        _spare(step.place(repo)).unlink(missing_ok=True)
        old, new = (step.before, step.after) if forward else (step.after, step.before)
        if same(look(step.place(repo)), old):
            bring(step.place(repo), new)
        point("install.settling")
    _forget(folder)
    return "new" if forward else "old"


def same(one: Seen, other: Seen) -> bool:
    """Say whether two states are equal; a folder is a folder, whatever its permissions."""
    return one.kind == other.kind == "folder" or one == other


def bring(place: Path, state: Seen) -> None:
    """Make a path stand as ``state`` says; a reader sees the old or the new file, never a part."""
    if state.kind == "folder":
        place.mkdir(exist_ok=True)
        if state.mode:
            place.chmod(state.mode)
    elif state.kind == "absent":
        _remove(place)
    else:
        _write(place, state)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        with contextlib.suppress(OSError):  # somebody has put something in since: it stays
            place.rmdir()
    else:
        place.unlink(missing_ok=True)


def _write(place: Path, state: Seen) -> None:
    spare = _spare(place)
    spare.unlink(missing_ok=True)
    if state.kind == "link":
        spare.symlink_to(os.fsdecode(state.data))
    else:
        with os.fdopen(os.open(spare, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(state.data)
            stream.flush()
            os.fchmod(stream.fileno(), state.mode)
            os.fsync(stream.fileno())
    point("install.spare-written")
    spare.replace(place)


def _spare(place: Path) -> Path:
    return place.with_name(f".{place.name}.agentops-tmp")


def _forget(folder: Path) -> None:
    for name in (_INTENT, f"{_INTENT}.tmp", _DONE):
        (folder / name).unlink(missing_ok=True)
        point("install.forgetting")
    folder.rmdir()


def _plain(step: Step) -> list[object]:
    return [step.base, step.path, *(_state(seen) for seen in (step.before, step.after))]


def _state(seen: Seen) -> list[object]:
    return [seen.kind, base64.b64encode(seen.data).decode("ascii"), seen.mode]


def _step(values: list[Any]) -> Step:
    base, path, before, after = values
    return Step(base, path, _seen(before), _seen(after))


def _seen(values: Any) -> Seen:
    kind, data, mode = values
    return Seen(kind, base64.b64decode(data), mode)
