from __future__ import annotations

from agentops_kit.bundles.history import explore
from agentops_kit.ids import CommitId
from agentops_kit.memory.git import Commit
from agentops_kit.text.words import query

PARENT = (CommitId("f" * 40),)


def commit(number: int, subject: str, *files: str, body: str = "") -> Commit:
    return Commit(CommitId(f"{number:040x}"), PARENT, "Ada", "2026-01-02T03:04:05+00:00", subject, body, files)


LOG = (
    commit(1, "Save research", ".agentops/bundles/token.md"),
    commit(2, "Refresh the token early", "auth.py", "clock.py"),
    commit(3, "Tidy", "auth.py", "README.md", body="also the token"),
    commit(4, "Token everywhere", *(f"f{number}.py" for number in range(100))),
    commit(5, "Other", "other.py"),
)
PAST = explore(LOG, query("token refresh"))


def test_commits_that_speak_of_the_task_come_first_and_ours_are_left_out() -> None:
    assert [pick.commit.subject for pick in PAST.picks()] == ["Refresh the token early", "Token everywhere", "Tidy"]


def test_files_inherit_from_the_commits_that_touched_them_but_not_from_sweeping_ones() -> None:
    touched = PAST.touched()
    assert max(touched, key=lambda path: touched[path]) == "auth.py"
    assert set(touched) == {"auth.py", "clock.py", "README.md"}


def test_files_that_change_together_are_known() -> None:
    together = PAST.together({"auth.py": 1.0})
    assert together["clock.py"] > 0
    assert together["auth.py"] == 0
    assert "f1.py" not in together


def test_a_first_commit_joins_nothing() -> None:
    first = commit(9, "Start", "a.py", "b.py")._replace(parents=())
    assert explore([first], query("start")).together({"a.py": 1.0}) == {}
