"""Whether an installed workspace is whole; looks, changes nothing, fires nothing (``doctor`` does)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.content import config
from agentops_kit.errors import AgentOpsError
from agentops_kit.install import manifest, service, settings, snapshot, threeway

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentops_kit.install.manifest import Manifest, Owned
    from agentops_kit.memory.git import Repo

_AGAIN = "Run `agentops install` again."
_LACKING = {False: "The hooks are not registered in", True: "Our lines are not in"}


class Finding(NamedTuple):
    """Something that is not as the install left it, and how to mend it; ``edited`` marks the user's own change."""

    path: str
    problem: str
    remedy: str
    edited: bool = False


def validate(repo: Repo) -> tuple[Finding, ...]:
    """Return what is wrong: no findings means every file, hook, setting and pointer is as it should be."""
    try:
        before = service.installed(repo)
        config.load(repo.root)
    except AgentOpsError as error:
        return (Finding(manifest.PATH, error.message, error.remedy),)
    if before is None:
        return (Finding(manifest.PATH, "AgentOps Kit is not installed here.", "Run `agentops install`."),)
    return (*_files(repo, before), *_settings(repo, before), *_pointer(repo))


def _files(repo: Repo, before: Manifest) -> Iterator[Finding]:
    for owned in before.files:
        finding = _file(snapshot.look(repo.root / owned.path), owned)
        if finding:
            yield finding


def _file(seen: snapshot.Seen, owned: Owned) -> Finding | None:
    if seen.kind == "absent":
        return Finding(owned.path, f"{owned.path} is missing.", _AGAIN)
    if owned.executable and not seen.mode & 0o100:
        return Finding(owned.path, f"{owned.path} cannot be run.", _AGAIN)
    if threeway.marked(seen.data):
        return Finding(owned.path, f"{owned.path} has conflict markers.", "Edit it until it reads as you want it.")
    if not owned.is_in(seen):
        remedy = "Nothing, if you meant to. To get ours back, delete it and run `agentops install` again."
        return Finding(owned.path, f"{owned.path} was edited.", remedy, edited=True)
    return None


def _settings(repo: Repo, before: Manifest) -> Iterator[Finding]:
    for wish in service.wishes(repo.root, before.assistants):
        seen = snapshot.look(repo.root / wish.path)
        try:
            if seen.kind != "file" or not settings.registered(seen.data, wish):
                yield Finding(wish.path, f"{_LACKING[bool(wish.block)]} {wish.path}.", _AGAIN)
        except AgentOpsError as error:
            yield Finding(wish.path, error.message, error.remedy)


def _pointer(repo: Repo) -> Iterator[Finding]:
    path = repo.common_dir / service.POINTER
    lines = path.read_text(encoding="utf-8", errors="surrogateescape").splitlines() if path.is_file() else []
    if len(lines) != 2:  # noqa: PLR2004 - the interpreter and the package's folder
        yield Finding(str(path), "This clone does not know where the kit is, so its hooks are silent.", _AGAIN)
        return
    if not os.access(lines[0], os.X_OK):
        yield Finding(str(path), f"The hooks' Python, {lines[0]}, is gone.", _AGAIN)
    if not (Path(lines[1]) / "agentops_kit").is_dir():
        yield Finding(str(path), f"The kit is no longer in {lines[1]}.", _AGAIN)
