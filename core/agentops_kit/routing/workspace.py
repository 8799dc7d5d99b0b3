"""The workspace's own routes: its profiles compiled with what people decided, and the signals of the moment."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from agentops_kit.routing import kept
from agentops_kit.routing.signals import Signals, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from agentops_kit.content.config import Config
    from agentops_kit.memory.git import Repo
    from agentops_kit.routing.catalogue import Candidate
    from agentops_kit.routing.index import Index

_SKIPPED = {".git", "__pycache__", "node_modules"}


def names(config: Config) -> tuple[str, ...]:
    """Return the profiles whose routes count here."""
    from agentops_kit.content import config as settings
    from agentops_kit.content.profiles import active_profiles, user_config_path

    user = user_config_path(os.environ)
    own = settings.parse(user.read_text(encoding="utf-8"), str(user)) if user.is_file() else None
    return active_profiles((), os.environ, config, own)


def candidates(root: Path, profiles: Sequence[str]) -> tuple[Candidate, ...]:
    """Return what the profiles hold, with what people decided in this workspace."""
    from agentops_kit.content.library import Library, shipped
    from agentops_kit.content.profiles import resolve
    from agentops_kit.routing import catalogue, overrides

    resolved = resolve(profiles, Library(shipped(), root))
    return overrides.learned(catalogue.of(resolved), overrides.listing(root))


def index(repo: Repo, profiles: Sequence[str], *, with_encoder: bool = False) -> Index:
    """Return the compiled index, made anew only when a file it comes from has changed."""
    root = repo.root
    stamps = "\n".join(_stamps(root)).encode()
    place = repo.cache_dir / "routes"
    key = kept.key(" ".join(profiles).encode(), stamps, kept.stamp(with_encoder=with_encoder))
    return kept.index(place, key, lambda: candidates(root, profiles), with_encoder=with_encoder)


def _stamps(root: Path) -> Iterator[str]:
    """Yield name, size and time of every file that routes come from."""
    from agentops_kit.content.library import WORKSPACE_PROFILES, shipped
    from agentops_kit.routing.overrides import FOLDER

    content = shipped()
    folders = [content / "commands", content / "agents", content / "profiles", root / WORKSPACE_PROFILES, root / FOLDER]
    for folder in folders:
        for path, inner, files in os.walk(folder):
            inner[:] = sorted(set(inner) - _SKIPPED)
            for name in sorted(files):
                if name.endswith((".md", ".yaml", ".txt")):
                    yield _stamp(f"{path}/{name}")


def _stamp(path: str) -> str:
    try:
        found = os.stat(path)  # noqa: PTH116 - some hundred files at every call
    except OSError:
        return path  # a link to nowhere, or a file that went meanwhile: who reads it says so
    return f"{path} {found.st_size} {found.st_mtime_ns}"


def signals(repo: Repo) -> Signals:
    """Return what the workspace says of itself; in one without a commit, that it is clean."""
    from agentops_kit.phases import store

    run = store.active(repo)
    phase = run.phase if run is not None and run.phase != "done" else ""
    changed = _changed(repo)
    return Signals(
        phase=phase,
        approved=bool(run is not None and phase and run.approval(run.phase)),
        has_spec=any(repo.root.glob("spec.md")) or any(repo.root.glob("specs/*/spec.md")),
        has_tasks=any(repo.root.glob("tasks.md")) or any(repo.root.glob("specs/*/tasks.md")),
        clean=not changed,
        changed=tuple(sorted({kind_of(path) for path in changed})),
        last=_last(repo),
    )


def _changed(repo: Repo) -> list[str]:
    listed = repo.run("status", "--porcelain", "-z", "--no-renames").decode("utf-8", "replace").split("\0")
    return [line[3:] for line in listed if line and not line[3:].startswith(".agentops/")]


def _last(repo: Repo) -> str:
    """Return the command that the newest run last recorded."""
    from agentops_kit.phases import store

    for name in store.names(repo)[:1]:
        run = store.read(repo, name)
        return "implement" if run.phase == "done" else run.phase
    return ""
