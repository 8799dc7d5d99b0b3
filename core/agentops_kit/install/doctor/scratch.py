"""A copy of the workspace's hooks to try them in, made for the purpose and removed: nothing of the user's is touched.

Its path has spaces and an umlaut; it has a subfolder and a linked worktree, each with a run in phase research under
strict enforcement. The hooks are the workspace's own, byte for byte, without those of other programs.
"""

from __future__ import annotations

import shlex
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agentops_kit.content import config
from agentops_kit.githooks import setup
from agentops_kit.ids import RunId
from agentops_kit.install import manifest, service
from agentops_kit.install.doctor.fire import Shot, fire
from agentops_kit.memory.git import Repo
from agentops_kit.phases import machine, store
from agentops_kit.phases.desk import Desk
from agentops_kit.phases.machine import Facts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from agentops_kit.phases.record import Run

_SHARED = (".gitignore", ".gitattributes", setup.SHIM, manifest.PATH)
_CONFIG = "enforcement: strict\n"
ARTEFACT = ".agentops/bundles/doctor.md"


@dataclass(frozen=True)
class Place:
    """Where hooks are fired: a folder, and the work tree that it is in."""

    name: str
    folder: Path
    repo: Repo

    @property
    def below(self) -> bool:
        """Whether a session would start below the root."""
        return self.folder != self.repo.root


@dataclass(frozen=True)
class Scratch:
    """The copy, the folder around it, the places in it, and its run."""

    repo: Repo
    around: Path
    places: tuple[Place, ...]
    run: Run

    @property
    def hooks(self) -> Path:
        """The folder git takes hooks from, in every place."""
        return self.repo.common_dir / "hooks"


@contextmanager
def copied(repo: Repo, paths: Iterable[str], more: Mapping[str, str]) -> Iterator[Scratch]:
    """Make the copy with these paths of the workspace and ``more`` files, and remove it at the end."""
    with tempfile.TemporaryDirectory(prefix="agentops doctor ü ") as folder:
        around = Path(folder).resolve()
        copy = _copy(repo, around / "work tree", paths, {**more, config.PATH: _CONFIG})
        linked = around / "linked tree"
        fire(Shot(f"git worktree add -q -b linked {shlex.quote(str(linked))}", b"", copy.root))
        other = Repo.open(linked)
        run, _ = _start(copy), _start(other)
        inner = copy.root / "sub folder"
        inner.mkdir()
        places = (Place("root", copy.root, copy), Place("subfolder", inner, copy), Place("worktree", linked, other))
        yield Scratch(copy, around, places, run)


def _copy(repo: Repo, root: Path, paths: Iterable[str], texts: Mapping[str, str]) -> Repo:
    copy = Repo.create(root)
    hooks = copy.common_dir / "hooks"
    shutil.rmtree(hooks, ignore_errors=True)
    hooks.mkdir()
    copy.run("config", "core.hooksPath", str(hooks))  # a person's own setting would lead elsewhere
    for name in (*_SHARED, *paths):
        if (repo.root / name).is_dir():
            shutil.copytree(repo.root / name, root / name, symlinks=True)
        else:
            _copy_file(repo.root / name, root / name)
    _copy_file(repo.common_dir / "info" / "exclude", copy.common_dir / "info" / "exclude")
    _copy_file(repo.common_dir / service.POINTER, copy.common_dir / service.POINTER)
    for name, text in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    copy.run("add", "--all")
    copy.run("commit", "-q", "--no-verify", "--allow-empty", "-m", "chore: scratch")
    return copy


def _copy_file(source: Path, target: Path) -> None:
    if source.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


def _start(repo: Repo) -> Run:
    """Start a run in phase research, without exploring."""
    desk = Desk(repo, config.load(repo.root))
    facts = Facts(desk.at(), repo.identity(), repo.fingerprint())
    name = RunId(f"{desk.at()[:10]}-doctor-{repo.branch()}")
    run = machine.start(name, "doctor", facts, branch=repo.branch(), enforcement="strict")
    store.save(repo, desk.config, run, "chore(agentops): doctor")
    return run
