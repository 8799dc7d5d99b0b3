"""Install and uninstall over copies of real projects' files in several languages, with history."""

from __future__ import annotations

import importlib.util
import shutil
import sysconfig
from pathlib import Path

import pytest

from agentops_kit.install import validate
from agentops_kit.memory.git import Repo
from tests.support import installing, trees

SETTINGS = '// shared\n{\n\t"permissions": {"allow": ["Bash(make:*)"]}, // build\n\t"env": {"A": "1",},\n}'


def package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0])


def sources() -> dict[str, tuple[Path, str]]:
    """Return folders that are on every machine that runs the tests: name → (folder, a pattern of its language)."""
    standard = Path(sysconfig.get_paths()["stdlib"])
    found = {
        "python": (standard / "email", "*.py"),
        "c": (Path(sysconfig.get_paths()["include"]), "*.h"),
        "html": (standard / "pydoc_data", "*"),
        "javascript": (package("coverage") / "htmlfiles", "*.js"),
        "rest-and-types": (package("hypothesis") / "vendor", "*"),
        "python-app": (package("rich"), "*.py"),
        "css": (package("coverage") / "htmlfiles", "*.scss"),
        "shell": (package("virtualenv") / "activation", "*"),
    }
    return {name: (folder, pattern) for name, (folder, pattern) in found.items() if any(folder.rglob(pattern))}


@pytest.fixture(params=sorted(sources()))
def real(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return a repository with three commits of a real project's files and a work tree that is not clean."""
    name = str(request.param)
    folder, _ = sources()[name]
    root = tmp_path / name
    shutil.copytree(folder, root, ignore=shutil.ignore_patterns("__pycache__", "*.so", ".git"))
    trees.git(root, "init", "--quiet")
    names = sorted(path.name for path in root.iterdir())
    for part in (names[::3], names[1::3], names[2::3]):
        if part:
            trees.git(root, "add", "--", *part)
            trees.git(root, "commit", "--quiet", "--allow-empty", "--message", f"Add {part[0]}")
    trees.write_tree(
        root, {".claude/settings.json": SETTINGS, ".claude/commands/plan.md": "ours already\r\n", "wip.txt": "half\n"}
    )
    trees.git(root, "add", "wip.txt")
    return root


def test_there_are_at_least_five_real_projects() -> None:
    assert len(sources()) >= 5


def test_a_real_project_comes_back_byte_for_byte(real: Path) -> None:
    before = trees.snapshot(real)
    index = (real / ".git/index").read_bytes()

    installing.install(real)
    again = installing.install(real)
    findings = validate.validate(Repo.open(real))
    installing.uninstall(real)

    assert not again.changed
    assert findings == ()
    assert trees.snapshot(real) == before
    assert (real / ".git/index").read_bytes() == index
    assert trees.git(real, "fsck", "--strict", "--no-progress") == ""
