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


_SHARED = ".agents/skills/"
"""Skills that the texts of several assistants name."""


class Placed(NamedTuple):
    """A file as it should stand at ``path``; ``beside`` says its name there, when that is not its own place."""

    file: RenderedFile
    path: str
    beside: Beside | None = None


def place(
    snapshot: Snapshot, files: Iterable[RenderedFile], besides: Mapping[str, Beside], before: Manifest
) -> list[Placed]:
    """Return each file with its place; ``besides`` has the other place of a path, where there is one.

    The files of a skill move together, and texts of the same assistant that name what moved say its new name.
    """
    wanted = list(files)
    moved = {besides[file.path].new for file in wanted if file.path in besides and _is_theirs(snapshot, file, before)}
    places = {path: beside for path, beside in besides.items() if beside.new in moved}
    found = []
    for file in wanted:
        beside = places.get(file.path)
        renamed = _renamed(file, _names(places, file.path)) if places else file
        found.append(Placed(_called(renamed, beside), beside.path if beside else file.path, beside))
    return found


def _is_theirs(snapshot: Snapshot, file: RenderedFile, before: Manifest) -> bool:
    if file.path in snapshot.rivals:
        return True
    seen = snapshot[file.path]
    if seen.kind == "absent" or before.owned(file.path):
        return False
    return seen.kind != "file" or seen.data != file.content


def _names(places: Mapping[str, Beside], reader: str) -> list[Beside]:
    """Return what goes by another name for the assistant that reads a file: its own pieces, and the shared skills."""
    home = f"{reader.split('/', 1)[0]}/"
    near = (
        beside
        for path, beside in places.items()
        if path.startswith(home) or (beside.in_front and path.startswith(_SHARED))
    )
    return list({beside.new: beside for beside in near}.values())


def _renaming(beside: Beside) -> re.Pattern[str]:
    if beside.in_front:  # names stand in backticks, in paths of skills and in front matter; elsewhere it is a word
        before = r"(?:(?<=`)|(?<=skills/)|(?<=name: )|(?<=^name = \"))"
        return re.compile(rf"{before}{re.escape(beside.old)}(?![\w-])", re.MULTILINE)
    return re.compile(rf"(?<![\w/.-]){re.escape(beside.old)}(?![\w/:-])")


def _renamed(file: RenderedFile, names: Iterable[Beside]) -> RenderedFile:
    if not file.path.endswith((".md", ".toml")):
        return file
    text = file.content.decode()
    for beside in names:
        text = _renaming(beside).sub(beside.new, text)
    return file if text.encode() == file.content else file._replace(content=text.encode())


def _called(file: RenderedFile, beside: Beside | None) -> RenderedFile:
    """Give a command that moved its new name in its own front matter, where a client reads the name from there."""
    if beside is None or beside.in_front:
        return file
    line = f"\nname: {beside.old[1:]}\n".encode()
    return file._replace(content=file.content.replace(line, f"\nname: {beside.new[1:]}\n".encode(), 1))
