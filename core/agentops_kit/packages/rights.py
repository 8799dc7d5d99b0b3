"""What a package may do once it is used, line by line, for a person to read before saying yes. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from agentops_kit.packages import grants, steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentops_kit.content.library import Item, Loaded
    from agentops_kit.packages.tree import Tree
    from agentops_kit.ports import RenderedFile

_INSERT = re.compile(r"(?:^|(?<=\s))!`(?P<line>[^`\n]+)`|^```!\s*\n(?P<block>.*?)^```", re.MULTILINE | re.DOTALL)
_BRACED = re.compile(r"!\{(?P<line>[^}\n]*)\}?")
"""How other assistants write an insert; as a text of ours it never stands in a template."""


class Power(NamedTuple):
    """One thing a package may do: its kind for people, the piece, and what exactly."""

    kind: str
    piece: str
    what: str


def powers(loaded: Loaded, files: Tree, rendered: tuple[RenderedFile, ...]) -> tuple[Power, ...]:
    """Return everything a profile may do, in the order a person should read it: what runs first."""
    return (
        *(Power("runs when typed", piece, line) for piece, line in inserts(loaded, rendered)),
        *(Power("runs as a check", one.name, one.spec.command) for one in loaded.checks),
        *_scripts(files),
        *_steps(files),
        *(Power("without a question", f"/{one.name}", tool) for one in loaded.commands for tool in one.spec.tools),
        *_personas(loaded),
        *_overrides(loaded),
        *_tightens(loaded),
        *(Power("command", f"/{one.name}", one.spec.description) for one in loaded.commands),
        *(Power("skill", one.name, one.spec.description) for one in loaded.skills),
        *(Power("workflow", one.name, one.spec.description) for one in loaded.workflows),
    )


def inserts(loaded: Loaded, rendered: tuple[RenderedFile, ...]) -> Iterator[tuple[str, str]]:
    """Yield piece and command line of everything that an assistant runs by itself when it loads a text."""
    for file in rendered:
        if file.owner == f"profile:{loaded.name}" and file.path.endswith(".md"):
            text = file.content.decode("utf-8", "replace")
            for found in (*_INSERT.finditer(text), *_BRACED.finditer(text)):
                said = found["line"] or (found.groupdict().get("block") or "").strip()
                yield file.name, said.removesuffix(" 2>/dev/null || true")


def _scripts(files: Tree) -> Iterator[Power]:
    """Yield the programs that a skill carries; its text can tell a model to run them."""
    for path, one in files.items():
        if path.startswith("skills/") and (one.executable or one.content.startswith(b"#!") or _is_program(path)):
            yield Power("program", path, f"{len(one.content):,} bytes{', can be started' if one.executable else ''}")


def _steps(files: Tree) -> Iterator[Power]:
    """Yield what workflows run by themselves, with what it asks to reach."""
    for one in steps.found(files):
        if isinstance(one, steps.Run):
            reach = f" ({', '.join(one.reach)})" if one.reach else ""
            yield Power("runs in a workflow", one.where, f"{one.kind} {one.what}{reach}")


def _is_program(path: str) -> bool:
    return path.endswith((".sh", ".bash", ".py", ".js", ".mjs", ".ts", ".rb", ".pl", ".ps1", ".bat", ".cmd", ".exe"))


def _personas(loaded: Loaded) -> Iterator[Power]:
    for one in loaded.personas:
        tools = ", ".join(one.spec.tools)
        writes = {grants.read(tool).tool for tool in one.spec.tools} & (grants.WRITERS | {"Bash"})
        yield Power("persona", one.name, f"{tools}{' (may change files)' if writes else ''}, model {one.spec.model}")


def _overrides(loaded: Loaded) -> Iterator[Power]:
    pieces: tuple[tuple[str, tuple[Item[Any], ...]], ...] = (
        ("command", loaded.commands),
        ("persona", loaded.personas),
        ("skill", loaded.skills),
        ("workflow", loaded.workflows),
        ("check", loaded.checks),
    )
    for kind, items in pieces:
        for one in items:
            if one.spec.overrides:
                yield Power("replaces", f"{kind} {one.name} of {one.spec.overrides}", str(one.spec.reason or ""))


def _tightens(loaded: Loaded) -> Iterator[Power]:
    laws = loaded.profile.constitution
    for law, severity in sorted(laws.severity.items()):
        yield Power("constitution", law, f"at least {severity}")
    for name, said in (("sections", laws.sections), ("protected", laws.protected)):
        if said:
            yield Power("constitution", name, ", ".join(said))
    if laws.generated:
        yield Power("constitution", "generated", ", ".join(one.files for one in laws.generated))
    if loaded.profile.critical:
        yield Power("two people sign", "critical", ", ".join(loaded.profile.critical))
