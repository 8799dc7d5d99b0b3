from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from agentops_kit.bundles.evaluation import trial
from agentops_kit.bundles.evaluation.plot import picture
from agentops_kit.errors import InputInvalid
from agentops_kit.memory.git import Repo
from tests.support.trees import commit_all, snapshot, write_tree

if TYPE_CHECKING:
    from pathlib import Path

PARTS = ("billing", "shipping", "search", "login")


@pytest.fixture
def repo(repo_dir: Path) -> Repo:
    for part in PARTS:
        write_tree(repo_dir, {f"src/{part}.py": f"def {part}_total(items):\n    return len(items)\n"})
    commit_all(repo_dir, "feat: start")
    for part in PARTS:
        write_tree(repo_dir, {f"src/{part}.py": f"def {part}_total(items):\n    return sum(items)\n"})
        commit_all(repo_dir, f"fix: the total of {part} adds items up")
    return Repo.open(repo_dir)


def test_both_methods_are_measured_at_each_budget_and_nothing_is_touched(repo: Repo) -> None:
    before = snapshot(repo.root)

    report = trial.run(repo, 4, (600, 1200), "o200k_base")

    assert report.cases == 4
    assert set(report.tried) == {(method, budget) for method in (trial.OURS, trial.PLAIN) for budget in (600, 1200)}
    assert report.mean(trial.OURS, 1200, "f@1").value == 1.0
    assert report.mean(trial.OURS, 1200, "line").value == 1.0
    assert snapshot(repo.root) == before


def test_the_maker_sees_no_later_commit(repo: Repo) -> None:
    report = trial.run(repo, 1, (2000,), "o200k_base")

    (row, _) = report.rows
    assert row.case.query.startswith("fix: the total of")
    assert row.shares["line"] == 1.0  # the line as it stood before; a later tree no longer has it


def test_a_report_is_data_and_a_picture(repo: Repo) -> None:
    report = trial.run(repo, 2, (600,), "o200k_base")

    data = trial.as_data(report)
    drawn = picture(report)

    assert data["cases"] == 2
    assert ET.fromstring(drawn).tag.endswith("svg")


def test_a_repository_without_cases_is_refused(repo_dir: Path) -> None:
    with pytest.raises(InputInvalid, match="no fix or feature commit"):
        trial.run(Repo.open(repo_dir), 3, (600,), "o200k_base")
