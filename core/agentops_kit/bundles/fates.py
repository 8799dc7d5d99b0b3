"""What became of a bundle's sources since it was made: unchanged, changed, renamed, gone, or elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from agentops_kit.bundles.document import Bundle, Source
    from agentops_kit.memory.git import Repo

State = Literal["unchanged", "changed", "renamed", "gone", "elsewhere"]


class Fate(NamedTuple):
    """A source, and where and as which blob HEAD has it; ``elsewhere`` is a file of another repository."""

    source: Source
    state: State
    path: str
    blob: str

    @property
    def stale(self) -> bool:
        """Whether what the bundle says of the source may no longer hold."""
        return self.state not in {"unchanged", "elsewhere"}

    @property
    def sentence(self) -> str:
        """What to tell of a source that is not as it was."""
        path = self.source.path
        if self.state == "gone":
            return f"Its source {path} is gone from HEAD."
        if self.state == "renamed":
            edited = "" if self.blob.startswith(self.source.blob) else " and changed"
            return f"Its source {path} was renamed to {self.path}{edited}."
        return f"Its source {path} changed since: blob {self.source.blob[:10]} is now {self.blob[:10]}."


def at_head(repo: Repo) -> dict[str, str]:
    """Return the blob of each path at HEAD; ``WorkspaceUnusable`` before the first commit."""
    repo.require_head()
    return {entry.path: entry.blob for entry in repo.entries()}


def fates(repo: Repo, bundle: Bundle, now: Mapping[str, str]) -> tuple[Fate, ...]:
    """Compare a bundle's sources with HEAD, whose files are ``now``; git is asked only where a path is missing."""
    missing = [source for source in bundle.sources if not source.repo and source.path not in now]
    moved = _moved(repo, bundle, missing, now) if missing else {}
    return tuple(_fate(source, now, moved) for source in bundle.sources)


def _moved(repo: Repo, bundle: Bundle, missing: Iterable[Source], now: Mapping[str, str]) -> dict[str, str]:
    """Return where missing paths went: what git calls a rename since, else the one path with the same blob."""
    renamed = repo.renames(bundle.commit, repo.require_head())
    found = {}
    for source in missing:
        same = [path for path, blob in now.items() if blob.startswith(source.blob)]
        to = renamed.get(source.path) or (same[0] if len(same) == 1 else "")
        if to in now:
            found[source.path] = to
    return found


def _fate(source: Source, now: Mapping[str, str], moved: Mapping[str, str]) -> Fate:
    if source.repo:
        return Fate(source, "elsewhere", source.path, source.blob)
    path = moved.get(source.path, source.path)
    blob = now.get(path, "")
    if not blob:
        return Fate(source, "gone", "", "")
    if path != source.path:
        return Fate(source, "renamed", path, blob)
    # a source may hold only the beginning of its blob's name
    return Fate(source, "unchanged" if blob.startswith(source.blob) else "changed", path, blob)
