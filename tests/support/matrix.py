"""One workspace's way through the installer: fresh, again, edited, conflicting, upgraded, uninstalled.

Each stage compares trees by hash and raises AssertionError for a byte that is not as it should be.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from agentops_kit.errors import InstallRefused
from agentops_kit.install import manifest, service, validate
from agentops_kit.memory.git import Repo
from tests.support import trees

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.install.plan import Desired
    from agentops_kit.install.service import InstallResult
    from agentops_kit.ports import RenderedFile
    from tests.support.trees import State

_OURS = "A line that the next version has.\n"
_THEIRS = "A line of the user's.\n"


def newer(desired: Desired) -> Desired:
    """Return what a next version might ship: a line at the end of every text, one file more, and one less."""
    texts = [file for file in desired.files if file.path.endswith(".md")]
    gone = texts[0].path
    changed = [_with_line(file) for file in desired.files if file.path != gone]
    more = texts[1]._replace(path=texts[1].path.rsplit("/", 1)[0] + "/agentops-brand-new.md", name="command:brand-new")
    return replace(desired, files=tuple(sorted([*changed, more])), tool="9.9.9")


def _with_line(file: RenderedFile) -> RenderedFile:
    return file._replace(content=file.content + _OURS.encode()) if file.path.endswith(".md") else file


@dataclass
class Way:
    """A workspace on its way; ``shared`` are the user's files that an install adds lines to."""

    root: Path
    desired: Desired
    before: dict[str, State] = field(init=False)
    shared: set[str] = field(init=False, default_factory=set)
    edited: dict[str, str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.before = trees.snapshot(self.root)

    @property
    def repo(self) -> Repo:
        return Repo.open(self.root)

    def go(self) -> bool:
        """Walk all of it; False when the install refused, which has to leave no trace."""
        if not self.fresh():
            return False
        self.again()
        self.edit()
        self.conflicting()
        self.upgraded()
        self.uninstalled()
        return True

    def fresh(self) -> bool:
        plan = service.prepare(self.repo, self.desired)
        assert trees.snapshot(self.root) == self.before, "a plan wrote something"
        try:
            service.execute(self.repo, plan)
        except InstallRefused:
            assert plan.refusals
            assert trees.snapshot(self.root) == self.before, "a refused install wrote something"
            return False
        after = trees.snapshot(self.root)
        promised = {action.path for action in plan.changes if action.base == "workspace"}
        changed = {path for path in self.before.keys() | after.keys() if self.before.get(path) != after.get(path)}
        assert changed == promised, "a plan promised something else"
        self.shared = {path for path in changed if path in self.before and self.before[path].content}
        known = {record.path for record in self._listed().settings} | {
            ".pre-commit-config.yaml",
            ".agentops/config.yaml",
        }
        assert self.shared <= known, "a file of the user's was changed"
        assert validate.validate(self.repo) == ()
        return True

    def again(self) -> None:
        before = trees.snapshot(self.root)
        assert not self._install(self.desired).changed
        assert trees.snapshot(self.root) == before

    def edit(self) -> None:
        """Edit three texts of ours: on top, which merges with what comes; at the end, which cannot; all of it."""
        coming = {file.path for file in newer(self.desired).files}
        owned = [one.path for one in self._listed().files if one.path.endswith(".md")]
        texts = [path for path in owned if path in coming or path not in {file.path for file in self.desired.files}]
        for number, path in enumerate(texts[:3]):
            text = (self.root / path).read_text(encoding="utf-8")
            new = (self._on_top(text), text + _THEIRS, _THEIRS * 3)[number]
            (self.root / path).write_text(new, encoding="utf-8")
            self.edited[path] = new
        self._install(self.desired)
        assert self._texts() == self.edited, "an install changed what the user edited"

    def conflicting(self) -> None:
        """Meet the next version with a plain install: every edit stays."""
        self._install(newer(self.desired))
        assert self._texts() == self.edited, "an install changed what the user edited"

    def upgraded(self) -> None:
        result = self._upgrade(newer(self.desired))
        for path, text in self._texts().items():
            assert _THEIRS in text, f"a line of the user's is lost in {path}"
        merged, conflicts = ({action.path for action in result.plan.of(kind)} for kind in ("merge", "conflict"))
        assert merged | conflicts == set(self.edited)
        for action in result.plan.of("backup"):
            kept = (self.repo.common_dir / action.path).read_text(encoding="utf-8")
            assert kept in {*self.edited.values()}
        assert not self._upgrade(newer(self.desired)).changed, "a second upgrade changed something"

    def uninstalled(self) -> None:
        """What the user edited stays, everything else is as it was."""
        kept = {path: state for path, state in trees.snapshot(self.root).items() if path in self.edited}
        folders = {"/".join(path.split("/")[:count]) for path in kept for count in range(1, path.count("/") + 1)}
        service.remove(self.repo)
        left = trees.snapshot(self.root)
        expected = {**self.before, **kept}
        assert {path: left.get(path) for path in expected} == expected
        assert left.keys() - expected.keys() <= folders
        assert service.installed(self.repo) is None

    def _on_top(self, text: str) -> str:
        head, _, rest = text.partition("\n")
        return f"{head}\n{_THEIRS}{rest}" if head != "---" else text.replace("\n---\n", f"\n---\n{_THEIRS}", 1)

    def _install(self, desired: Desired) -> InstallResult:
        return service.execute(self.repo, service.prepare(self.repo, desired))

    def _upgrade(self, desired: Desired) -> InstallResult:
        return service.execute(self.repo, service.prepare(self.repo, desired, choices={}))

    def _texts(self) -> dict[str, str]:
        return {path: (self.root / path).read_text(encoding="utf-8") for path in self.edited}

    def _listed(self) -> manifest.Manifest:
        listed = service.installed(self.repo)
        assert listed is not None
        return listed
