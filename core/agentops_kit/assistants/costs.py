"""What a profile costs an assistant in tokens, counted on the files it would be given."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.assistants import base, claude
from agentops_kit.content import weigh
from agentops_kit.install import block
from agentops_kit.install.manifest import unix
from agentops_kit.ports import RenderedFile

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class Costs(NamedTuple):
    """o200k tokens: in every session, and in a run from research to its close."""

    always_loaded: int
    main_path: int


def costs(rendered: Iterable[RenderedFile], name: str) -> Costs:
    """Return what rendered files cost one assistant: its lists of what there is, our lines in its rules, the texts."""
    assistant, files = base.load(name), tuple(rendered)
    wishes = assistant.wishes(lambda _: None)
    rules = "".join(block.marked(wish) for wish in wishes if wish.path.endswith(".md"))
    return Costs(weigh.always_loaded(files, assistant, rules), weigh.main_path(files, assistant))


def standing(root: Path, paths: Iterable[str], name: str) -> Costs:
    """Return what the files that stand in a workspace cost one assistant; ``paths`` are those that we own there."""
    there = ((path, root / path) for path in paths)
    files = [
        RenderedFile(path, claude.plain(unix(place.read_bytes())), executable=False, owner="", name="")
        for path, place in there
        if place.is_file()
    ]
    return costs(files, name)
