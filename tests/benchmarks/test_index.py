"""The measuring program runs and records; what it measured is judged by a person, not by a busy machine."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.benchmarks import index
from tests.support import source, trees

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.benchmark


def test_the_program_measures_and_records(repo_dir: Path, tmp_path: Path) -> None:
    trees.write_tree(repo_dir, {f"part{number}.py": index.source(number) for number in range(5)})
    trees.commit_all(repo_dir, "Parts")
    kept = repo_dir / ".git" / "agentops" / "cache" / "kept"
    kept.parent.mkdir(parents=True)
    kept.touch()
    evidence = tmp_path / "evidence"
    program = [sys.executable, "-m", "tests.benchmarks.index", str(repo_dir), "--synthetic", "40", "--rounds", "1"]

    done = subprocess.run([*program, "--write", str(evidence)], cwd=source.ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    facts = json.loads((evidence / "index.json").read_text(encoding="utf-8"))
    assert facts["figures"][0]["files"] == 6
    assert facts["figures"][0]["first_by_tiktoken"] > 0
    assert min(facts["figures"][0][name] for name in ("first_make", "warm_make")) > 0
    assert facts["large"]["files"] == 40
    assert facts["large"]["peak_megabytes"] > 1
    assert (evidence / "index.md").read_text(encoding="utf-8") in done.stdout
    assert [path.name for path in kept.parent.iterdir()] == ["kept"]


def test_stop_words_are_no_keywords() -> None:
    assert (
        index.keywords("Retry when the server times out: retry, `set_timeout`")
        == "retry server set_timeout times".split()
    )


def test_where_ripgrep_lacks_the_table_says_so() -> None:
    assert (index.by(0.0), index.by(0.254)) == ("no rg", "0.25×")


def test_a_median_of_nothing_is_nothing() -> None:
    assert (index.median([]), index.median([3.0, 1.0, 2.0])) == (0.0, 2.0)
