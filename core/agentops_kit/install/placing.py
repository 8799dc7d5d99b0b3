"""Where each file goes: its own place, or beside what is the user's, with its new name in every text. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from agentops_kit.assistants.base import Beside
    from agentops_kit.install.manifest import Manifest
    from agentops_kit.install.snapshot import Snapshot
    from agentops_kit.ports import RenderedFile


class Placed(NamedTuple):
    """A file as it should stand at ``path``; ``beside`` says its name there, when that is not its own place."""

    file: RenderedFile
    path: str
    beside: Beside | None = None


def place(
    snapshot: Snapshot, files: Iterable[RenderedFile], besides: Mapping[str, Beside], before: Manifest
) -> list[Placed]:
    """Return each file with its place; ``besides`` has the other place of a path, where there is one.

    The files of a skill move together, and texts that name what moved say its new name.
    """
    wanted = list(files)
    moved = {besides[file.path].new for file in wanted if file.path in besides and _is_theirs(snapshot, file, before)}
    places = {path: beside for path, beside in besides.items() if beside.new in moved}
    patterns = [_renaming(beside) for beside in {beside.new: beside for beside in places.values()}.values()]
    found = []
    for file in wanted:
        beside = places.get(file.path)
        found.append(Placed(_renamed(file, patterns), beside.path if beside else file.path, beside))
    return found


def _is_theirs(snapshot: Snapshot, file: RenderedFile, before: Manifest) -> bool:
    if file.path in snapshot.rivals:
        return True
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
