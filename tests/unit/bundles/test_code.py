from __future__ import annotations

from itertools import pairwise

from agentops_kit.bundles import code, history
from agentops_kit.bundles.corpus import File
from agentops_kit.ids import BlobId, CommitId
from agentops_kit.memory.git import Commit
from agentops_kit.text.words import query

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


def source(path: str, text: str) -> File:
    return File(path, BlobId("0" * 40), text, "code")


FILES = (
    source("app/auth.py", AUTH),
    source("app/plain.py", "def plain():\n    return 'token'\n"),
    source("app/stored.py", "x = 1\n"),
    source("tests/test_auth.py", AUTH + "# token refresh token refresh\n" * 5),
)
LOG = (
    Commit(
        CommitId("a" * 40),
        (CommitId("b" * 40),),
        "Ada",
        "2026-01-02T03:04:05+00:00",
        "Fix",
        "",
        ("app/auth.py", "app/stored.py"),
    ),
)


def picked(task: str) -> list[tuple[str, str]]:
    wanted = query(task)
    picks = code.choose(code.explore(FILES, wanted), history.explore(LOG, wanted), wanted)
    return [(pick.file.path, pick.why) for pick in picks]


def test_the_file_that_defines_what_the_task_names_comes_first_before_its_test() -> None:
    found = picked("refresh_token loses the token")
    assert [path for path, _ in found][:2] == ["app/auth.py", "tests/test_auth.py"]
    assert found[0] == ("app/auth.py", "named")


def test_a_task_about_tests_finds_the_test_first() -> None:
    assert picked("tests of the token refresh")[0][0] == "tests/test_auth.py"


def test_a_path_in_the_task_is_followed() -> None:
    assert picked("what is in app/plain.py?")[0] == ("app/plain.py", "named")


def test_a_file_that_changes_with_the_best_one_is_picked_for_that() -> None:
    assert ("app/stored.py", "co-change") in picked("token refresh")


def test_nothing_in_common_picks_nothing() -> None:
    assert picked("zebra crossing") == []


def test_passages_are_whole_definitions_and_the_best_is_the_one_meant() -> None:
    wanted = query("refresh_token loses the token")
    signals = code.explore(FILES, wanted)
    picks = code.choose(signals, history.explore((), wanted), wanted)
    first = code.passages(picks, wanted, signals)[0]
    assert (first.file.path, first.title, first.why) == ("app/auth.py", "refresh_token", "defines")
    assert first.text.strip().startswith("def refresh_token")
    assert "def forget" not in first.text


def test_passages_of_a_file_do_not_overlap_and_a_long_one_is_cut() -> None:
    body = "".join(f"    token_{number} = {number}\n" for number in range(500))
    wanted = query("token")
    signals = code.explore([source("a.py", f"def long():\n{body}\n\n\nclass B:\n    token = 1\n")], wanted)
    found = code.passages(code.choose(signals, history.explore((), wanted), wanted), wanted, signals)
    spans = sorted((passage.first, passage.last) for passage in found)
    assert all(left[1] < right[0] for left, right in pairwise(spans))
    assert max(last - first for first, last in spans) < 60
