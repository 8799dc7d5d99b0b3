"""Whether the files that hooks are made of stand where they belong, as this version of the kit ships them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.assistants import base
from agentops_kit.content.library import shipped
from agentops_kit.githooks import setup
from agentops_kit.install import snapshot
from agentops_kit.install.doctor import clients
from agentops_kit.install.doctor.finding import Finding
from agentops_kit.ports import RenderedFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agentops_kit.assistants.base import Assistant
    from agentops_kit.install.manifest import Manifest
    from agentops_kit.memory.git import Repo

_AGAIN = "Run `agentops install` again."
_BARE = b"---\nname: x\n---\n"


def examine(repo: Repo, installed: Manifest) -> Iterator[Finding]:
    """Look at every shim, and at what each assistant's settings, commands and agents register."""
    yield _shim(repo, setup.SHIM, "git.sh")
    for name in installed.assistants:
        assistant, client = base.load(name), clients.load(name)
        if client is None:
            detail = "no hook of theirs is known to us; git's hooks and the command line hold the gates"
            yield Finding(assistant.TITLE, ok=True, detail=detail, part="files")
            continue
        yield _shim(repo, assistant.SHIM, "agentops.sh")
        yield from _registered(repo, client, _edited(repo, assistant, installed))
        yield _shared(repo, (setup.SHIM, assistant.SHIM, *_sources(repo, client)))


def _shim(repo: Repo, path: str, source: str) -> Finding:
    seen = snapshot.look(repo.root / path)
    if seen.kind == "absent":
        return Finding(path, ok=False, detail="the script is missing", fix=_AGAIN, part="files")
    if seen.kind == "file" and not seen.mode & 0o100:
        return Finding(path, ok=False, detail="the script is not executable", fix=_AGAIN, part="files")
    if seen.data != (shipped() / "hooks" / source).read_bytes():
        fix = f"Run `agentops install --upgrade`. If it was edited, delete {path} before."
        return Finding(path, ok=False, detail="not the text of this version: older, or edited", fix=fix, part="files")
    return Finding(path, ok=True, detail="executable, and the text of this version", part="files")


def _edited(repo: Repo, assistant: Assistant, installed: Manifest) -> tuple[RenderedFile, ...]:
    """Return what an assistant puts into a file so that it calls us, for each installed file that is another now."""
    others = (one for one in installed.files if snapshot.look(repo.root / one.path).sha256 != one.sha256)
    bare = (RenderedFile(one.path, _BARE, one.executable, one.owner, one.name) for one in others)
    return tuple(file for file in assistant.equip(bare) if file.content != _BARE)


def _registered(repo: Repo, client: clients.Client, placed: Sequence[RenderedFile]) -> Iterator[Finding]:
    lost = client.lacking(repo.root, placed)
    for path, reason in client.unread(repo.root).items():
        detail = f"{reason}; {client.TITLE} skips the whole file"
        fix = "Take out comments and trailing commas." if lost else ""
        yield Finding(path, not lost, detail if lost else f"{detail}, and finds our hooks in another", fix, "files")
    name = f"{client.TITLE}: registered"
    for sentence in lost:
        yield Finding(name, ok=False, detail=sentence, fix=_AGAIN, part="files")
    if not lost:
        hooks = client.loaded(repo.root, below=False)
        events = ", ".join(dict.fromkeys(one.event for one in hooks))
        where = ", ".join(dict.fromkeys(one.source for one in hooks))
        carrying = {one.source for one in client.loaded(repo.root, below=True)} - {one.source for one in hooks}
        brought = f"; {len(carrying)} commands and agents bring theirs along" if carrying else ""
        detail = f"{events} in {where}{brought}"
        yield Finding(name, ok=True, detail=detail, part="files")


def _sources(repo: Repo, client: clients.Client) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(hook.source for below in (False, True) for hook in client.loaded(repo.root, below=below))
    )


def _shared(repo: Repo, paths: Sequence[str]) -> Finding:
    """Say whether git carries the hooks to linked worktrees and other clones."""
    data = "\0".join(paths).encode("utf-8", "surrogateescape")
    _, output, _ = repo.attempt("check-ignore", "-z", "--stdin", data=data)
    ignored = [one for one in output.decode("utf-8", "surrogateescape").split("\0") if one]
    if ignored:
        detail = f"ignored by git: {', '.join(ignored[:3])}{' …' if len(ignored) > 3 else ''}"  # noqa: PLR2004 - a line
        fix = f"Take the rule out of .gitignore (`git check-ignore -v {ignored[0]}` names it), then commit them."
        return Finding(
            "shared by git", ok=False, detail=f"{detail}; worktrees and clones lack it", fix=fix, part="files"
        )
    held = set(repo.run("ls-files", "-z").decode("utf-8", "surrogateescape").split("\0"))
    loose = [one for one in paths if one not in held]
    if loose:
        detail = f"{len(loose)} of {len(paths)} files are not committed yet; worktrees and clones lack them"
        return Finding("shared by git", ok=True, detail=detail, part="files")
    return Finding("shared by git", ok=True, detail=f"all {len(paths)} files of hooks are tracked", part="files")
