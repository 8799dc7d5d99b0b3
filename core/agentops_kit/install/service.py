"""Installing and uninstalling, as functions of plain values: prepare a plan, then execute it."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import agentops_kit
from agentops_kit.assistants import base
from agentops_kit.githooks import setup
from agentops_kit.install import apply, manifest, plan, settings, snapshot, uninstall
from agentops_kit.install.actions import Action, InstallPlan
from agentops_kit.install.plan import Desired
from agentops_kit.install.settings import Wish
from agentops_kit.ports import RenderedFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from agentops_kit.install.actions import Kind
    from agentops_kit.install.manifest import Manifest
    from agentops_kit.memory.git import Repo

POINTER = "agentops/kit"
"""Where a clone keeps the way to this machine's kit, in the git directory its worktrees share."""


@dataclass(frozen=True)
class InstallResult:
    """What was done: the plan's own actions; ``recovered`` is "old" or "new" when a crash was mended first."""

    plan: InstallPlan
    recovered: str = ""

    @property
    def changed(self) -> bool:
        """Whether anything was written."""
        return bool(self.plan.changes)


def installed(repo: Repo) -> Manifest | None:
    """Return what is installed in a workspace, None when nothing is; ``ContentInvalid`` for a broken list."""
    path = repo.root / manifest.PATH
    return manifest.load(path.read_bytes()) if path.is_file() else None


def desired(rendered: Iterable[RenderedFile], profiles: Sequence[str], assistants: Sequence[str]) -> Desired:
    """Return rendered content together with what each assistant needs to call us."""
    modules = [base.load(name) for name in assistants]
    shims = [
        RenderedFile(one.SHIM, _hook("agentops.sh"), executable=True, owner="core", name="hook:shim") for one in modules
    ]
    for one in modules:
        rendered = one.equip(rendered)
    shims.append(RenderedFile(setup.SHIM, _hook("git.sh"), executable=True, owner="core", name="hook:git"))
    files = tuple(sorted([*rendered, *shims], key=lambda file: file.path))
    besides = {file.path: place for file in files for one in modules if (place := one.beside(file.path))}
    wishes = tuple(Wish(one.SETTINGS, one.settings(), one.COMMANDS) for one in modules)
    return Desired(files, tuple(profiles), tuple(assistants), wishes, agentops_kit.__version__, besides)


def prepare(repo: Repo, wanted: Desired, *, git_hooks: str = "auto") -> InstallPlan:
    """Return what installing would do, exactly; mends an earlier crash first, and writes nothing else.

    ``git_hooks`` says who calls the checks of a commit: pre-commit, plain, none, or auto for what is found.
    """
    apply.recover(repo)
    before = installed(repo)
    wanted = replace(wanted, wishes=(*wanted.wishes, *_where_heard(repo.root, wanted)))
    seen = snapshot.take(repo.root, wanted.paths(before))
    decided = plan.decide(seen, wanted, before)
    hooks = setup.prepare(repo, git_hooks, _hook("chain.sh"))
    return InstallPlan((*decided.actions, _pointed(repo), *hooks.actions), (*decided.notes, *hooks.notes))


def execute(repo: Repo, prepared: InstallPlan) -> InstallResult:
    """Do what a plan says, all of it or nothing; see ``apply.perform`` for what it raises."""
    recovered = apply.recover(repo)
    apply.perform(repo, prepared)
    return InstallResult(prepared, recovered)


def remove(repo: Repo, *, purge: bool = False, dry_run: bool = False) -> InstallResult:
    """Uninstall; an empty plan when nothing is installed. ``purge`` takes runs, bundles and learnings too."""
    recovered = apply.recover(repo)
    before = installed(repo)
    actions: tuple[Action, ...] = ()
    if before is not None:
        made = _made(repo.root) if purge else {}
        seen = snapshot.take(repo.root, uninstall.paths(before, made))
        actions = uninstall.decide(seen, before, purge=made).actions
    last = not any((root / manifest.PATH).is_file() for root in _other_worktrees(repo))
    hooks = setup.remove(repo, everywhere=last)
    prepared = InstallPlan((*actions, *_unpointed(repo, last=last), *hooks.actions))
    if not dry_run:
        apply.perform(repo, prepared)
    return InstallResult(prepared, recovered)


def forget(repo: Repo) -> None:
    """Remove this worktree's local state, and what its clone's worktrees share once none of them is installed."""
    shared = repo.common_dir / "agentops"
    if not (repo.common_dir / POINTER).exists():
        shutil.rmtree(shared, ignore_errors=True)
    if repo.state_dir != shared:
        shutil.rmtree(repo.state_dir, ignore_errors=True)
        return
    for name in ("state.json", "objects", "sessions", "memory", "hook-errors.log"):
        path = shared / name
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def pointer() -> bytes:
    """Return the two lines that lead a shim to this kit: the interpreter, and the folder that holds the package."""
    package = Path(agentops_kit.__file__).absolute().parent.parent  # as named: an upgrade moves the link below it
    return f"{sys.executable}\n{package}\n".encode("utf-8", "surrogateescape")


def _hook(name: str) -> bytes:
    from agentops_kit.content.library import shipped

    return (shipped() / "hooks" / name).read_bytes()


def _where_heard(root: Path, wanted: Desired) -> Iterator[Wish]:
    """Wish for the hooks a second time where the client would skip the first file, because it is not plain JSON."""
    for wish, name in zip(wanted.wishes, wanted.assistants, strict=True):
        seen = snapshot.look(root / wish.path)
        if seen.kind == "file" and seen.data.strip() and not settings.plain(seen.data):
            yield wish._replace(path=base.load(name).LOCAL_SETTINGS)


def _pointed(repo: Repo) -> Action:
    seen = snapshot.look(repo.common_dir / POINTER)
    mask = snapshot.umask()
    wanted = snapshot.Seen("file", pointer(), seen.mode or 0o666 & ~mask)
    kind: Kind = "create" if seen.kind == "absent" else "keep-unchanged" if seen == wanted else "replace-own"
    return Action(kind, POINTER, "leads this clone's hooks to the kit", seen, wanted, base="git")


def _unpointed(repo: Repo, *, last: bool) -> list[Action]:
    """Take the pointer away, unless another worktree of this clone still needs it."""
    seen = snapshot.look(repo.common_dir / POINTER)
    if seen.kind == "absent" or not last:
        return []
    return [Action("remove-own", POINTER, "uninstall", seen, base="git")]


def _other_worktrees(repo: Repo) -> list[Path]:
    lines = repo.run("worktree", "list", "--porcelain", "-z").split(b"\0")
    roots = [Path(os.fsdecode(line.removeprefix(b"worktree "))) for line in lines if line.startswith(b"worktree ")]
    return [root for root in roots if root.resolve() != repo.root]


def _made(root: Path) -> dict[str, None]:
    """Return the files people made with the kit, relative to the workspace."""
    found: dict[str, None] = {}
    for work in uninstall.WORK:
        for folder, folders, files in os.walk(root / work):
            here = Path(folder).relative_to(root).as_posix()
            links = [name for name in folders if (Path(folder) / name).is_symlink()]
            found |= dict.fromkeys(f"{here}/{name}" for name in (*files, *links))
    return found
