from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.phases import lifecycle
from agentops_kit.phases.record import sha256
from tests.support import runs, trees

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "ghp_" + "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5"


def test_no_secret_of_task_or_source_reaches_a_run_or_its_research(repo_dir: Path) -> None:
    trees.write_tree(repo_dir, {"src/app.py": f'def greet(name):\n    token = "{SECRET}"\n    return name\n'})
    trees.commit_all(repo_dir, "feat: greet")
    start = trees.git(repo_dir, "rev-parse", "HEAD")

    opened = lifecycle.research(runs.desk_at(repo_dir), f"Why does greet need {SECRET}?")

    assert opened.bundle is not None
    assert "def greet" in opened.bundle.body
    assert any("of the task" in sentence for sentence in opened.told)
    assert any("of the text" in sentence for sentence in opened.told)
    assert SECRET not in str(opened.told)
    assert SECRET not in trees.git(repo_dir, "log", "-p", f"{start}..HEAD")
    assert SECRET[4:].lower() not in opened.run.id


def test_approving_takes_a_secret_out_of_what_was_filled_in(repo_dir: Path) -> None:
    trees.write_tree(repo_dir, runs.SOURCE)
    trees.commit_all(repo_dir, "feat: greet")
    desk = runs.desk_at(repo_dir)
    run = runs.in_research(desk)
    path = repo_dir / run.artefacts["research"]
    path.write_text(path.read_text("utf-8") + f"\nThe key is {SECRET}.\n", "utf-8")

    approved = lifecycle.approve(desk, "terminal")

    assert SECRET not in path.read_text("utf-8")
    approval = approved.approval("research")
    assert approval is not None
    assert approval.sha256 == sha256(path.read_bytes())
    lifecycle.plan(desk, "Greet politely")
