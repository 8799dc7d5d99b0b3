"""Installing and uninstalling, as functions of plain values: prepare a plan, then execute it."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import agentops_kit
from agentops_kit.assistants import base
from agentops_kit.githooks import setup
from agentops_kit.install import apply, copies, heal, ignored, manifest, plan, snapshot, uninstall, upgrade
from agentops_kit.install.actions import Action, InstallPlan
from agentops_kit.install.manifest import Manifest
from agentops_kit.install.plan import Desired
from agentops_kit.ports import RenderedFile

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from agentops_kit.install.actions import Kind
    from agentops_kit.install.threeway import Choice
    from agentops_kit.memory.git import Repo
    from agentops_kit.ports import Wish

HOME = ".agentops"
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
    if not path.is_file():
        return None
    return heal.load(path.read_bytes(), lambda owned: owned.is_in(snapshot.look(repo.root / owned.path)))


def desired(rendered: Iterable[RenderedFile], profiles: Sequence[str], assistants: Sequence[str]) -> Desired:
    """Return rendered content together with what each assistant needs to call us."""
    modules = [base.load(name) for name in assistants]
    hooks = {file.path: file for one in modules for file in one.hooks()}
    for one in modules:
        rendered = one.equip(rendered)
    shim = RenderedFile(setup.SHIM, _hook("git.sh"), executable=True, owner="core", name="hook:git")
    files = tuple(sorted([*rendered, *hooks.values(), shim], key=lambda file: file.path))
    besides = {file.path: place for file in files for one in modules if (place := one.beside(file.path))}
    return Desired(
        files,
        tuple(profiles),
        tuple(assistants),
        base.wishes(assistants, lambda _: None),
        agentops_kit.__version__,
        besides,
    )


def prepare(
    repo: Repo, wanted: Desired, *, git_hooks: str = "auto", choices: Mapping[str, Choice] | None = None
) -> InstallPlan:
    """Return what installing would do, exactly; mends an earlier crash first, and writes nothing else.

    ``git_hooks`` says who calls the checks of a commit: pre-commit, plain, none, or auto for what is found.
    ``choices`` makes it an upgrade, which merges what the user edited: what a person says, by path, about the
    files that cannot be merged. ``InputInvalid`` for a choice about another file.
    """
    apply.recover(repo)
    before = installed(repo)
    wanted = replace(wanted, wishes=wishes(repo.root, wanted.assistants))
    seen = snapshot.take(repo.root, wanted.paths(before))
    merges = None
    if choices is not None:
        edited = plan.edited(seen, wanted, before) if before else ()
        merges = upgrade.merges(repo, edited, choices)
    decided = plan.decide(seen, wanted, before, merges)
    hooks = setup.prepare(repo, git_hooks, _hook("chain.sh"))
    kept = upgrade.backups(repo, decided.actions, before) if before and choices is not None else []
    actions = (*kept, *decided.actions, _pointed(repo), *hooks.actions)
    return replace(decided, actions=actions, notes=(*decided.notes, *hooks.notes, *ignored.notes(repo, decided)))


def execute(repo: Repo, prepared: InstallPlan) -> InstallResult:
    """Do what a plan says, all of it or nothing; see ``apply.perform`` for what it raises."""
    recovered = apply.recover(repo)
    prepared.require_allowed()
    copies.keep(repo, prepared.shipped)
    apply.perform(repo, prepared)
    return InstallResult(prepared, recovered)


def remove(repo: Repo, *, purge: bool = False, dry_run: bool = False) -> InstallResult:
    """Uninstall; an empty plan when nothing is installed.

    ``purge`` takes runs, bundles and learnings too, also those that an earlier uninstall left.
    """
    recovered = apply.recover(repo)
    made = _made(repo.root) if purge else {}
    before = installed(repo) or (Manifest(agentops_kit.__version__, (), (), (), (HOME,)) if made else None)
    actions: tuple[Action, ...] = ()
    if before is not None:
        seen = snapshot.take(repo.root, uninstall.paths(before, made))
        actions = uninstall.decide(seen, before, purge=made).actions
    last = not any((root / manifest.PATH).is_file() for root in _other_worktrees(repo))
    hooks = setup.remove(repo, everywhere=last)
    stays = _stays(repo.root, {action.path for action in actions}) if before else ()
    prepared = InstallPlan((*actions, *_unpointed(repo, last=last), *hooks.actions), stays)
    if not dry_run:
        apply.perform(repo, prepared)
    return InstallResult(prepared, recovered)


def forget(repo: Repo, *, purge: bool = False) -> Path | None:
    """Remove this worktree's local state, and what its clone's worktrees share once none of them is installed.

    Backups of the user's texts stay unless ``purge``; return their folder if there is one.
    """
    shared, kept = repo.common_dir / "agentops", repo.common_dir / upgrade.BACKUPS
    if not (repo.common_dir / POINTER).exists():
        _clear(shared, {one.name for one in _listed(shared) if purge or one != kept})
    if repo.state_dir != shared:
        shutil.rmtree(repo.state_dir, ignore_errors=True)
    else:
        _clear(shared, {"state.json", "objects", "sessions", "memory", "hook-errors.log"})
    return kept if kept.exists() else None


def _listed(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _clear(folder: Path, names: Collection[str]) -> None:
    """Remove some of a folder's contents, and the folder once it is empty."""
    for name in names:
        path = folder / name
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        folder.rmdir()


def pointer() -> bytes:
    """Return the two lines that lead a shim to this kit: the interpreter, and the folder that holds the package."""
    package = Path(agentops_kit.__file__).absolute().parent.parent  # as named: an upgrade moves the link below it
    return f"{sys.executable}\n{package}\n".encode("utf-8", "surrogateescape")


def _hook(name: str) -> bytes:
    from agentops_kit.content.library import shipped

    return (shipped() / "hooks" / name).read_bytes()


def wishes(root: Path, assistants: Sequence[str]) -> tuple[Wish, ...]:
    """Return what goes into the user's files, which depends on what stands there.

    Where theirs is a link to a file of the workspace (``AGENTS.md`` to ``CLAUDE.md``), ours goes into that file.
    """

    def read(path: str) -> bytes | None:
        seen = snapshot.look(root / snapshot.follow(root, path))
        return seen.data if seen.kind == "file" else None

    wanted = base.wishes(assistants, read)
    taken = {wish.path for wish in wanted}
    found = []
    for wish in wanted:
        place = snapshot.follow(root, wish.path)
        if place in taken:
            found.append(wish)
        else:
            taken.add(place)
            found.append(wish._replace(path=place, why=f"{wish.why}; {wish.path} is a link to it"))
    return tuple(found)


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


def _stays(root: Path, told: Collection[str]) -> tuple[str, ...]:
    """Return one sentence with what else lies in our folder and stays; ``told`` are the paths spoken of already."""
    inside = (path.relative_to(root / HOME) for path in (root / HOME).rglob("*") if not path.is_dir())
    names = sorted({path.parts[0] for path in inside if f"{HOME}/{path.as_posix()}" not in told})
    return (f"What you made with the kit stays in {HOME}: {', '.join(names)}.",) if names else ()


def _made(root: Path) -> dict[str, None]:
    """Return the files people made with the kit, relative to the workspace."""
    found: dict[str, None] = {}
    for work in uninstall.WORK:
        for folder, folders, files in os.walk(root / work):
            here = Path(folder).relative_to(root).as_posix()
            links = [name for name in folders if (Path(folder) / name).is_symlink()]
            found |= dict.fromkeys(f"{here}/{name}" for name in (*files, *links))
    return found
