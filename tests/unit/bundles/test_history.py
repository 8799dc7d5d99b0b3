from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.bundles import past
from agentops_kit.bundles.history import explore
from agentops_kit.bundles.pasts import message
from agentops_kit.ids import CommitId
from agentops_kit.memory.git import Commit
from agentops_kit.text.rank import Tallier
from agentops_kit.text.words import query

if TYPE_CHECKING:
    from agentops_kit.bundles.findings import CommitPick


def commit(number: int, subject: str, *files: str, body: str = "") -> Commit:
    parents = (CommitId("f" * 40),)
    return Commit(CommitId(f"{number:040x}"), parents, "Ada", "2026-01-02T03:04:05+00:00", subject, body, files)


LOG = (
    commit(1, "Save research", ".agentops/bundles/token.md"),
    commit(2, "Refresh the token early", "auth.py", "clock.py"),
    commit(3, "Tidy", "auth.py", "README.md", body="also the token"),
    commit(5, "Other", "other.py"),
)


def picks(task: str) -> tuple[CommitPick, ...]:
    weights = query(task).weight_of
    tallier = Tallier(weights)
    return explore(past.read(LOG, [tallier.tally(message(one)) for one in LOG], {}, weights))


def test_commits_that_speak_of_the_task_come_first_and_ours_are_left_out() -> None:
    assert [pick.commit.subject for pick in picks("token refresh")] == ["Refresh the token early", "Tidy"]


def test_nothing_in_common_picks_nothing() -> None:
    assert picks("zebra") == ()
