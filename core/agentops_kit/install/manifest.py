"""``.agentops/manifest.yaml``: everything we own in a workspace, so that it can go again exactly."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from agentops_kit.errors import ContentInvalid
from agentops_kit.install.record import Record
from agentops_kit.install.snapshot import digest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentops_kit.install.snapshot import Seen

PATH = ".agentops/manifest.yaml"
VERSION = 1
_HEAD = "# What AgentOps Kit put here. Written by `agentops install`; edit the files, not this list.\n"


@dataclass(frozen=True)
class Owned:
    """A file we wrote; ``sha256`` is of the bytes we wrote, so an edit shows."""

    path: str
    sha256: str
    owner: str
    name: str
    executable: bool

    def is_in(self, seen: Seen) -> bool:
        """Say whether a path still holds what we wrote, be it with the line ends of a checkout on Windows."""
        if seen.kind != "file":
            return False
        return seen.sha256 == self.sha256 or digest(unix(seen.data)) == self.sha256


def unix(data: bytes) -> bytes:
    """Return a text with line ends of one character."""
    return data.replace(b"\r\n", b"\n")


@dataclass(frozen=True)
class Manifest:
    """What one install left; ``config`` is the digest of the configuration we wrote, "" when it was there before."""

    tool: str
    profiles: tuple[str, ...]
    assistants: tuple[str, ...]
    files: tuple[Owned, ...]
    folders: tuple[str, ...] = ()
    settings: tuple[Record, ...] = ()
    config: str = ""

    def owned(self, path: str) -> Owned | None:
        """Return the record of a path, None when it is not ours."""
        return next((one for one in self.files if one.path == path), None)

    def wrote(self, data: bytes) -> bool:
        """Say whether a configuration is as we wrote it, and not edited since."""
        return self.config in {digest(data), digest(unix(data))}

    def record(self, path: str) -> Record | None:
        """Return what we did to a settings file, None when nothing."""
        return next((one for one in self.settings if one.path == path), None)


def dump(manifest: Manifest) -> bytes:
    """Return the file's bytes; equal manifests give equal bytes."""
    import yaml

    values = {
        "version": VERSION,
        "tool": manifest.tool,
        "profiles": list(manifest.profiles),
        "assistants": list(manifest.assistants),
        "config": manifest.config,
        "folders": sorted(manifest.folders),
        "files": [_plain(one) for one in sorted(manifest.files, key=lambda one: one.path)],
        "settings": [_plain(one) for one in manifest.settings],
    }
    # One line for each file: two branches that add different files then merge.
    text = yaml.safe_dump(values, sort_keys=False, default_flow_style=None, width=100_000, allow_unicode=True)
    return (_HEAD + text).encode("utf-8", "surrogateescape")


def load(data: bytes) -> Manifest:
    """Return the manifest; ``ContentInvalid`` when it is broken, newer than us or names places outside."""
    import yaml

    try:
        values = yaml.safe_load(data)
        version = values["version"]
        if version != VERSION:
            raise ContentInvalid(f"{PATH} has version {version}.", remedy="Upgrade agentops-kit, then try again.")
        manifest = _manifest(values)
    except (yaml.YAMLError, UnicodeDecodeError, TypeError, KeyError, ValueError, AttributeError) as error:
        message = f"{PATH} does not load ({type(error).__name__})."
        raise ContentInvalid(message, remedy=f"Restore it, for example with `git checkout -- {PATH}`.") from error
    for path in _paths(manifest):
        _require_inside(path)
    return manifest


def named(data: bytes) -> frozenset[str]:
    """Return the paths of the files and settings that a manifest's bytes list; none when it does not load."""
    try:
        listed = load(data)
    except ContentInvalid:
        return frozenset()
    return frozenset((*(one.path for one in listed.files), *(one.path for one in listed.settings)))


def _plain(value: Owned | Record) -> dict[str, Any]:
    said = {field.name: getattr(value, field.name) for field in fields(value)}
    return {key: _listed(one) for key, one in said.items()}


def _listed(value: Any) -> Any:
    return [_listed(one) for one in value] if isinstance(value, tuple) else value


def _manifest(values: dict[str, Any]) -> Manifest:
    return Manifest(
        tool=str(values["tool"]),
        profiles=tuple(values["profiles"]),
        assistants=tuple(values["assistants"]),
        files=tuple(Owned(**one) for one in values["files"]),
        folders=tuple(values["folders"]),
        settings=tuple(_record(one) for one in values["settings"]),
        config=values["config"],
    )


def _record(values: dict[str, Any]) -> Record:
    places = tuple((int(at), int(length)) for at, length in values.pop("insertions"))
    lists: dict[str, Any] = {name: tuple(values.pop(name, ())) for name in ("made", "commands", "own")}
    return Record(insertions=places, **lists, **values)


def _paths(manifest: Manifest) -> Iterator[str]:
    yield from (one.path for one in manifest.files)
    yield from (one.path for one in manifest.settings)
    yield from manifest.folders


def _require_inside(path: str) -> None:
    """Refuse a list that somebody's commit made us delete things with."""
    parts = path.split("/")
    if path.startswith("/") or not {"", ".", "..", ".git"}.isdisjoint(parts):
        message = f"{PATH} names {path!r}, which is no place of ours."
        raise ContentInvalid(message, remedy="Restore the file from a commit you trust.")
