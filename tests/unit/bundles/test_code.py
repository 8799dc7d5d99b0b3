from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from agentops_kit.bundles import code, index, signals
from agentops_kit.memory.git import Repo
from agentops_kit.text.words import query
from tests.support.trees import commit_all, make_repo, write_tree

if TYPE_CHECKING:
    from agentops_kit.bundles.findings import FilePick, Passage

AUTH = '''\
"""Who is asking."""
import time

TOKEN_LIFE = 60


class TokenStore:
    """Keeps tokens."""

    def refresh_token(self, token):
        """Make the token live longer."""
        return token.renewed(time.time() + TOKEN_LIFE)

    def forget(self, user):
        del self.users[user]


def unrelated(a):
    return a + 1
'''
FILES: dict[str, str | bytes] = {
    "app/auth.py": AUTH,
    "app/plain.py": "def plain():\n    return 'token'\n",
    "app/stored.py": "x = 1\n",
    "app/other.py": "def other():\n    return 2\n",
    "app/many.py": "def long(token):\n" + "".join(f"    token_{number} = {number}\n" for number in range(500)),
    "tests/test_auth.py": AUTH + "# token refresh token refresh\n" * 5,
}


@pytest.fixture(scope="session")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    root = make_repo(tmp_path_factory.mktemp("code") / "app", FILES)
    write_tree(root, {"app/auth.py": AUTH + "# one\n", "app/stored.py": "x = 2\n"})
    commit_all(root, "Keep it")
    return Repo.open(root)


def found(repo: Repo, task: str) -> tuple[tuple[FilePick, ...], tuple[Passage, ...]]:
    wanted = query(task)
    return index.use(repo, repo.require_head(), lambda held: code.explore(held, wanted, signals.read(held, wanted)))


def picked(repo: Repo, task: str) -> list[tuple[str, str]]:
    return [(pick.file.path, pick.why) for pick in found(repo, task)[0]]


def test_the_file_that_defines_what_the_task_names_comes_first_and_before_its_test(repo: Repo) -> None:
    picks = picked(repo, "refresh_token loses the token")
    assert picks[0][0] == "app/auth.py"
    assert picks[0][1] in {"named", "defines"}


def test_a_task_about_tests_finds_the_test(repo: Repo) -> None:
    assert "tests/test_auth.py" in [path for path, _ in picked(repo, "tests of the token refresh")][:2]


def test_a_path_in_the_task_is_followed(repo: Repo) -> None:
    assert picked(repo, "what is in app/plain.py?")[0] == ("app/plain.py", "named")


def test_nothing_in_common_picks_nothing(repo: Repo) -> None:
    assert found(repo, "zebra crossing") == ((), ())


def test_the_definition_that_is_meant_fits_best(repo: Repo) -> None:
    pick = found(repo, "refresh_token loses the token")[0][0]
    fits = dict(zip([one.name for one in pick.definitions], pick.fits, strict=True))
    assert max(fits, key=lambda name: fits[name]) == "refresh_token"


def test_passages_of_a_file_do_not_overlap_and_are_short(repo: Repo) -> None:
    passages = [one for one in found(repo, "token")[1] if one.file.path == "app/many.py"]
    spans = sorted((one.first, one.last) for one in passages)
    assert all(left[1] < right[0] for left, right in pairwise(spans))
    assert max(last - first for first, last in spans) < 12


def test_the_same_question_gives_the_same_answer(repo: Repo) -> None:
    assert found(repo, "token life") == found(repo, "token life")
