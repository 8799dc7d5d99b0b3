from __future__ import annotations

import pytest

from agentops_kit.ids import CommitId, TreeId
from agentops_kit.phases.checkpoint import Came, Comparison, Present, compare
from agentops_kit.phases.record import Checkpoint

POINT = Checkpoint(CommitId("c" * 40), "main", TreeId("t"), ("kept.py",), "10:00")


def present(**facts: object) -> Present:
    same: dict[str, object] = {
        "commit": POINT.commit,
        "branch": "main",
        "staged": ("kept.py",),
        "came": (),
        "changed": (),
        "allowed": lambda path: path == "planned.py",
    }
    return Present(**{**same, **facts})  # type: ignore[arg-type]


def came(*files: str, subject: str = "Fix it") -> Came:
    return Came("d" * 40, "Grace", subject, files)


def test_an_unchanged_work_tree_fits() -> None:
    assert compare(POINT, present()) == Comparison((), ())


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"branch": "other"}, "on branch main, and you are on branch other: `git switch main` goes back"),
        ({"branch": None}, "and you are on a detached HEAD"),
        ({"commit": "e" * 40, "came": None}, "no longer below HEAD eeeeeeeeeeee"),
        ({"commit": "d" * 40, "came": (came("other.py"),)}, "dddddddddddd “Fix it” by Grace"),
        ({"commit": "d" * 40, "came": (came("planned.py", "other.py"),)}, "Commits came in"),
        ({"commit": "d" * 40, "came": (came(),)}, "Commits came in"),
        ({"changed": ("other.py", "planned.py")}, "may not change: other.py."),
        ({"staged": ("kept.py", "other.py")}, "Staged: now also other.py."),
    ],
)
def test_a_mismatch_is_said_in_words(facts: dict[str, object], says: str) -> None:
    assert says in " ".join(compare(POINT, present(**facts)).differs)


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"changed": ("planned.py",)}, "Work of this phase since the checkpoint: planned.py."),
        ({"commit": "d" * 40, "came": (came("planned.py"),)}, "Work of this phase was committed"),
        ({"staged": ("kept.py", "planned.py")}, "Staged: now also planned.py."),
        ({"staged": ()}, "Staged: no longer kept.py."),
    ],
)
def test_the_phases_own_work_fits(facts: dict[str, object], says: str) -> None:
    found = compare(POINT, present(**facts))
    assert says in " ".join(found.fits)
    assert found.differs == ()


def test_the_kits_own_commits_are_not_told() -> None:
    memory = came(".agentops/runs/r.yaml", subject="chore(agentops): evidence")
    assert compare(POINT, present(commit="d" * 40, came=(memory,))) == Comparison((), ())


def test_many_are_counted_not_listed() -> None:
    commits = tuple(Came(f"{number}" * 40, "Grace", "x", ("o.py",)) for number in range(8))
    said = compare(POINT, present(commit="d" * 40, came=commits, changed=tuple("abcdefgh"))).differs
    assert "and 3 more" in said[0]
    assert said[1].endswith("a, b, c, d, e and 3 more.")
