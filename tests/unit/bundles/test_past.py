from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.bundles import past
from agentops_kit.bundles.pasts import message
from agentops_kit.ids import CommitId
from agentops_kit.memory.git import Commit
from agentops_kit.text.rank import Tallier

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agentops_kit.bundles.past import Past

PARENT = (CommitId("f" * 40),)


def commit(number: int, subject: str, *files: str, body: str = "") -> Commit:
    return Commit(CommitId(f"{number:040x}"), PARENT, "Ada", "2026-01-02T03:04:05+00:00", subject, body, files)


def read(log: Sequence[Commit], paths: Mapping[str, int]) -> Past:
    tallier = Tallier(WEIGHTS)
    return past.read(log, [tallier.tally(message(one)) for one in log], paths, WEIGHTS)


LOG = (
    commit(1, "Save research", ".agentops/bundles/token.md"),
    commit(2, "Refresh the token early", "auth.py", "clock.py"),
    commit(3, "Tidy", "auth.py", "README.md", body="also the token"),
    commit(4, "Token everywhere", *(f"f{number}.py" for number in range(100))),
    commit(5, "Other", "other.py"),
)
PATHS = {"auth.py": 0, "clock.py": 1, "f1.py": 2, "other.py": 3}
WEIGHTS = {"token": 1.0, "refresh": 1.0}
PAST = read(LOG, PATHS)
TOUCHES = PAST.touches()


def test_our_own_commits_are_no_past() -> None:
    assert PAST.commits[0].subject == "Refresh the token early"


def test_files_inherit_from_the_commits_that_changed_them_but_not_from_sweeping_ones() -> None:
    similar = past.per_file(PAST, TOUCHES, 4)["similar"]
    assert similar[0] > similar[1] > 0
    assert similar[2:] == [0.0, 0.0]


def test_a_file_knows_how_often_and_how_lately_it_changed() -> None:
    columns = past.per_file(PAST, TOUCHES, 4)
    assert columns["touched"][0] > columns["touched"][1] > columns["touched"][2] == 0.0
    assert columns["last"][0] > columns["last"][3] > 0


def test_the_messages_of_a_files_commits_are_one_document() -> None:
    tally = past.messages(PAST, TOUCHES, 4)[0]
    assert tally.terms == {"token": 3, "refresh": 2}


def test_files_that_change_together_are_known_and_a_first_commit_joins_nothing() -> None:
    together = PAST.together({0: 1.0})
    assert together[1] > 0
    assert together[0] == 0
    assert 2 not in together
    first = read([commit(9, "Start", "auth.py", "clock.py")._replace(parents=())], PATHS)
    assert first.together({0: 1.0}) == {}


def test_a_moved_file_keeps_its_past() -> None:
    log = (commit(1, "Move it", "src/auth.py", "auth.py"), commit(2, "Refresh the token", "auth.py"))
    moved = read(log, {"src/auth.py": 0})
    assert moved.changed == ((0,), (0,))
