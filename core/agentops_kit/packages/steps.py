"""What the workflows of a package run by themselves, read from the files as they are. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from agentops_kit.content import frontmatter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentops_kit.packages.tree import Tree

RUNS = ("script", "wasm", "http", "tool", "function")
"""Kinds of steps that act without a model or a person in between."""
_SAYS = ("code", "file", "module", "url", "name")
_REACH = ("tier", "network", "read", "write")


class Run(NamedTuple):
    """A step that acts: where it stands, its kind, what it runs, and what it asks to reach beyond its sandbox."""

    where: str
    kind: str
    what: str
    reach: tuple[str, ...]


class Lapse(NamedTuple):
    """A gate that is approved when nobody answers in time."""

    where: str


def found(files: Tree) -> Iterator[Run | Lapse]:
    """Yield every acting step and every lapsing gate in a package's workflow files, in whichever dialect."""
    for path, held in files.items():
        if path.startswith("workflows/"):
            text = held.content.decode("utf-8", "replace")
            yield from _walk(frontmatter.parse_yaml(text, path).values, path.removeprefix("workflows/"), "")


def _walk(value: Any, path: str, name: str) -> Iterator[Run | Lapse]:
    if isinstance(value, list):
        for one in value:
            yield from _walk(one, path, name)
    if not isinstance(value, dict):
        return
    name = str(value.get("name") or value.get("id") or name)
    where = f"{path}: {name}" if name else path
    if value.get("on_timeout") == "approve":
        yield Lapse(where)
    kind = str(value.get("type") or "")
    if kind in RUNS:
        yield _run(where, kind, value)
    for key, one in value.items():
        if key in RUNS and kind not in RUNS:
            yield _run(where, str(key), one)
        yield from _walk(one, path, name)


def _run(where: str, kind: str, said: Any) -> Run:
    if not isinstance(said, dict):
        return Run(where, kind, str(said), ())
    what = next((str(said[key]) for key in (*_SAYS, *RUNS) if said.get(key)), "")
    return Run(where, kind, what, tuple(f"{key}: {said[key]}" for key in _REACH if said.get(key)))
