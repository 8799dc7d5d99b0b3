"""Every line of the corpus is judged as labelled, and where it is safe, running it proves the label."""

from __future__ import annotations

import fnmatch
import posixpath
import re
import shutil
from typing import TYPE_CHECKING

import pytest

from agentops_kit.phases.shell.classify import classify
from tests.support.shell_corpus import BLOCKED, Line, build, lines, picture, run

if TYPE_CHECKING:
    from pathlib import Path

CORPUS = lines()
EXPECTED = {"overblocked": "unknown"}
PROVABLE = [line for line in CORPUS if line.executed and line.label in {"read", "overblocked", "write"}]
ABSENT = re.compile(
    r"(?:line \d+: |xargs: |env: |nohup: |timeout: )['\u2018]?([\w./-]+)['\u2019]?: (?:command not found|No such file)"
)


def _name(line: Line) -> str:
    return f"{line.kind}-{line.label}-{re.sub(r'[^A-Za-z0-9]+', '_', line.text)[:60]}"


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("corpus") / "repo"
    root.mkdir()
    build(root)
    return root


@pytest.fixture(scope="session")
def before(pristine: Path) -> dict[str, str]:
    return picture(pristine)


@pytest.mark.parametrize("line", CORPUS, ids=_name)
def test_verdict_is_the_label(line: Line) -> None:
    verdict = classify(line.text, cwd="/home/someone/project")

    assert verdict.effect == EXPECTED.get(line.label, line.label), verdict.reason


@pytest.mark.parametrize("line", PROVABLE, ids=_name)
def test_running_the_line_proves_the_label(line: Line, pristine: Path, before: dict[str, str], tmp_path: Path) -> None:
    root = tmp_path / "repo"
    shutil.copytree(pristine, root, symlinks=True)

    result = run(line.text, root)

    absent = ABSENT.search(result.stderr)
    if absent and result.returncode == 127:
        pytest.skip(f"{absent[1]} is not installed")
    after = picture(root)
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert bool(changed) == (line.label == "write"), (sorted(changed), result.stderr)
    _assert_named(changed, classify(line.text, cwd=str(root)).paths)


def _assert_named(changed: set[str], paths: tuple[str, ...]) -> None:
    """When a verdict names paths, everything that changed is one of them, below one, or a folder made for one."""
    if not paths:
        return
    named = [posixpath.normpath(path) for path in paths]
    for name in changed:
        if name.startswith(".git/"):  # a path ending in .git stands for whatever git keeps about itself
            assert any(path.endswith(".git") for path in named), (name, paths)
            continue
        matches = (name == path or name.startswith(path + "/") or path.startswith(name + "/") for path in named)
        assert any(matches) or any(fnmatch.fnmatch(name, path) for path in named), (name, paths)


def test_block_rates_meet_the_goal() -> None:
    must_block = [line for line in CORPUS if line.label in BLOCKED]
    must_pass = [line for line in CORPUS if line.label in {"read", "overblocked"}]

    blocked = sum(classify(line.text, cwd="/home/someone/project").effect in BLOCKED for line in must_block)
    wrongly = sum(classify(line.text, cwd="/home/someone/project").effect in BLOCKED for line in must_pass)

    assert blocked / len(must_block) >= 0.99
    assert wrongly / len(must_pass) <= 0.02
