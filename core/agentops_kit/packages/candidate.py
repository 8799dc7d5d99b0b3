"""A package in hand, looked at before anything of it is written: does it load, what may it do, what may it not."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agentops_kit.content import frontmatter
from agentops_kit.content.library import WORKSPACE_PROFILES, Library, shipped
from agentops_kit.content.locked import NAME
from agentops_kit.content.profiles import resolve
from agentops_kit.errors import ContentInvalid
from agentops_kit.packages import enforce, hidden, rights, templates, tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentops_kit.constitution.severity import Severity
    from agentops_kit.content.profiles import Resolved
    from agentops_kit.packages.rights import Power
    from agentops_kit.packages.tree import Tree
    from agentops_kit.ports import RenderedFile


@dataclass(frozen=True)
class Candidate:
    """A package that loads: its files, what it may do, and why it may not be used (empty when it may)."""

    name: str
    version: str
    description: str
    files: Tree
    signature: bytes
    left_out: tuple[str, ...]
    powers: tuple[Power, ...]
    refusals: tuple[str, ...]


def look(files: Tree, where: str, workspace: Path) -> Candidate:
    """Return what a package is, merged with the profiles it extends here.

    ``ContentInvalid`` when it does not load: a limit, a path that leads out, a broken file, letters
    that nobody sees, a parent that is not here.
    """
    admitted = tree.admit(files, where)
    name = _name(admitted.files, where)
    with staged(workspace, name, admitted.files) as library:
        loaded = library.load(name)
        resolved = resolve((name,), library)
        parents = tuple(library.load(one) for one in resolved.lineage if one != name)
        hidden.require_none(admitted.files, loaded)
        templates.require_plain(loaded, dict(resolved.partials))
        rendered = _rendered(resolved)
    return Candidate(
        name,
        loaded.profile.metadata.version,
        loaded.profile.metadata.description,
        admitted.files,
        admitted.signature,
        admitted.left_out,
        rights.powers(loaded, admitted.files, rendered),
        enforce.weakens(loaded, parents, admitted.files, rendered, severities()),
    )


@contextmanager
def staged(workspace: Path, name: str, files: Tree) -> Iterator[Library]:
    """Give a library in which the package already stands beside the workspace's own profiles."""
    with tempfile.TemporaryDirectory(prefix="agentops-") as folder:
        shelf = Path(folder) / WORKSPACE_PROFILES
        shelf.mkdir(parents=True)
        present = workspace / WORKSPACE_PROFILES
        for one in present.iterdir() if present.is_dir() else ():
            if one.name != name and one.is_dir():
                (shelf / one.name).symlink_to(one.resolve(), target_is_directory=True)
        for path, held in files.items():
            place = shelf / name / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(held.content)
            place.chmod(0o755 if held.executable else 0o644)
        yield Library(shipped(), Path(folder))


def _name(files: Tree, where: str) -> str:
    """Return what a package calls itself; it has no folder yet that could say."""
    text = files["profile.yaml"].content.decode("utf-8", "replace")
    document = frontmatter.parse_yaml(text, f"{where}: profile.yaml")
    metadata = document.values.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    if not isinstance(name, str) or not NAME.fullmatch(name) or len(name) > 64:  # noqa: PLR2004 - as the schema says
        message = f"{document.where}:{document.line(('metadata', 'name'))}: {name!r} is no name of a profile."
        raise ContentInvalid(message, remedy="Use lower-case words joined by hyphens.")
    return name


def _rendered(resolved: Resolved) -> tuple[RenderedFile, ...]:
    from agentops_kit.assistants.rendering import rendered

    return rendered(resolved, ("claude",))


def severities() -> dict[str, Severity]:
    """Return the shipped severity of each law, rule and check that has one."""
    from agentops_kit.constitution.laws import shipped as constitution

    return {law.id: law.severity for law in constitution().everything if law.severity is not None}
