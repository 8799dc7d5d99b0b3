from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agentops_kit.bundles.evaluation.cases import Changed, Named, cases, query
from agentops_kit.memory.git import Repo
from tests.support.trees import commit_all, write_tree

if TYPE_CHECKING:
    from pathlib import Path

LOGIN = "def login(name):\n    return name == 'root'\n\n\ndef logout(name):\n    return True\n"


@pytest.fixture
def repo(repo_dir: Path) -> Repo:
    write_tree(repo_dir, {"src/login.py": LOGIN, "tests/test_login.py": "assert True\n", "README.md": "# Login\n"})
    commit_all(repo_dir, "feat: start with a login")
    return Repo.open(repo_dir)


def change(repo: Repo, message: str, files: dict[str, str]) -> None:
    write_tree(repo.root, files)
    commit_all(repo.root, message)


def test_a_fix_is_a_case_with_its_files_definitions_and_lines(repo: Repo) -> None:
    change(repo, "fix: let nobody log in as root (#12)", {"src/login.py": LOGIN.replace("'root'", "'me'")})

    (case,) = cases(repo, 5)

    assert case.query == "fix: let nobody log in as root"
    assert case.files == ("src/login.py",)
    assert case.definitions == (Named("src/login.py", "def login(name):"),)
    assert case.lines == (Changed("src/login.py", "return name == 'root'"),)
    assert case.parent != case.commit


@pytest.mark.parametrize(
    ("message", "files"),
    [
        ("fix: repair the tests of the login", {"tests/test_login.py": "assert not False\n"}),
        ("fix: spell the readme right everywhere", {"README.md": "# Log in\n"}),
        ("feat: add a second module for people", {"src/people.py": "def people():\n    return []\n"}),
        ("bump to the newest release", {"src/login.py": LOGIN.replace("True", "False")}),
        ("fix: it", {"src/login.py": LOGIN.replace("True", "None")}),
    ],
)
def test_commits_without_a_known_answer_are_no_cases(repo: Repo, message: str, files: dict[str, str]) -> None:
    change(repo, message, files)

    assert cases(repo, 5) == ()


def test_cases_are_spread_over_the_history(repo: Repo) -> None:
    for number in range(12):
        change(repo, f"fix: handle the case where it says {number}", {"src/login.py": LOGIN + f"VALUE = {number}\n"})

    found = cases(repo, 4)

    ids = [commit.id for commit in repo.log()]
    places = [ids.index(case.commit) for case in found]
    assert len(found) == 4
    assert places == sorted(places)
    assert places[-1] - places[0] >= 6


@pytest.mark.parametrize(
    ("message", "left"),
    [
        ("Fix crash in src/app/main.py (#441)", "Fix crash in"),
        ("Support 3 retries\n\nCloses #7\nSigned-off-by: A <a@example.org>", "Support retries"),
        ("Handle https://example.org/x timeouts", "Handle timeouts"),
        ("Keep\n\n\n\nparagraphs", "Keep\n\nparagraphs"),
    ],
)
def test_a_query_gives_no_answer_away(message: str, left: str) -> None:
    assert query(message) == left
