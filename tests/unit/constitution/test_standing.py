from __future__ import annotations

from dataclasses import replace

import pytest

from agentops_kit.constitution import standing
from agentops_kit.ids import TreeId
from agentops_kit.phases.record import Amendment, Approval, Event, Run, sha256
from tests.support import records
from tests.support.records import TREE
from tests.support.runs import PLAN

DATA = PLAN.encode()
APPROVAL = Approval("plan", ".agentops/bundles/r-plan.md", sha256(DATA), "Ada <ada@x>", "2026-11-21", "terminal")
RUN = records.run(artefacts={"plan": ".agentops/bundles/r-plan.md"}, approvals=(APPROVAL,))
PROOF = records.evidence("grep -c '!' src/app.py", expected="exit 0, prints `1`")
CLOSED = replace(RUN, phase="done", evidence=(PROOF,), history=(Event("t", "closed", "Ada", f"tree {TREE[:12]}"),))


def outside(run: Run, *paths: str, plan: bytes | None = DATA) -> list[str]:
    return [one.check for one in standing.outside(standing.standing(run, plan), paths)]


def test_the_approved_plan_names_what_may_be_committed() -> None:
    amended = replace(RUN, amendments=(Amendment("docs/", "Ada", "t"),))

    assert outside(RUN, "src/app.py") == []
    assert outside(RUN, "src/app.py", "src/other.py", "docs/a.md") == ["plan-scope", "plan-scope"]
    assert outside(amended, "docs/deep/a.md") == []


@pytest.mark.parametrize("phase", ["research", "plan"])
def test_before_a_plan_is_approved_no_work_is_committed(phase: str) -> None:
    [found] = standing.outside(standing.standing(replace(RUN, phase=phase), None), ["src/app.py"])  # type: ignore[arg-type]

    assert (found.check, found.path) == ("plan-scope", "src/app.py")
    assert phase in found.message


@pytest.mark.parametrize(
    ("run", "plan", "why"),
    [
        (RUN, DATA + b"edited\n", "was edited after Ada <ada@x> approved it"),
        (RUN, None, "that Ada <ada@x> approved is missing"),
        (replace(RUN, approvals=()), DATA, "was not approved"),
    ],
)
def test_a_plan_that_is_not_the_approved_one_allows_nothing(run: Run, plan: bytes | None, why: str) -> None:
    stand = standing.standing(run, plan)

    assert outside(run, "src/app.py", plan=plan) == ["plan-scope"]
    assert [why in one.message for one in standing.unapproved(stand)] == [True]


@pytest.mark.parametrize("run", [replace(RUN, phase="quick", workflow="quick", approvals=()), CLOSED])
def test_a_quick_or_closed_run_fences_no_commit(run: Run) -> None:
    assert outside(run, "anything.py", plan=None) == []


def test_a_quick_run_needs_no_plan_to_be_done() -> None:
    quick = replace(CLOSED, workflow="quick", approvals=())

    assert not list(standing.unapproved(standing.standing(quick, None)))


def test_the_kits_own_records_are_no_work() -> None:
    paths = (".agentops/runs/r.yaml", ".claude/settings.json", "src/app.py", ".agentopsx/a")

    assert standing.sources(paths, {".claude/settings.json"}) == ("src/app.py", ".agentopsx/a")


def test_a_run_closed_on_its_evidence_is_proven() -> None:
    assert not list(standing.unproven(standing.standing(CLOSED, DATA)))


@pytest.mark.parametrize(
    "run",
    [
        replace(CLOSED, evidence=()),
        replace(CLOSED, evidence=(replace(PROOF, met=False),)),
        replace(CLOSED, evidence=(replace(PROOF, tree=TreeId("b" * 40)),)),
        replace(CLOSED, evidence=(replace(PROOF, void="it changed files"),)),
        replace(CLOSED, evidence=(replace(PROOF, command="true"),)),
        replace(CLOSED, history=()),
    ],
    ids=["no evidence", "failed", "other tree", "void", "other command", "never closed"],
)
def test_a_run_that_only_says_it_is_done_is_named(run: Run) -> None:
    found = list(standing.unproven(standing.standing(run, DATA)))

    assert found
    assert {one.check for one in found} == {"run-proven"}


def test_evidence_on_other_files_is_stale() -> None:
    assert [one.level for one in standing.stale(CLOSED, ["src/app.py"])] == ["error"]
    assert [one.level for one in standing.stale(CLOSED, None)] == ["warning"]
    assert not list(standing.stale(CLOSED, []))


@pytest.mark.parametrize(
    ("note", "path", "accepted"),
    [
        ("src/a.py, src/b.py", "src/b.py", True),
        ("they were mine; src/a.py", "src/a.py", True),
        ("src/a.py", "src/b.py", False),
        (", ".join(f"f{n}" for n in range(20)), "src/b.py", True),
    ],
)
def test_what_a_person_accepted_is_remembered(note: str, path: str, accepted: bool) -> None:
    run = replace(RUN, history=(Event("t", "changes accepted", "Ada", note),))

    assert standing.accepted(run, path) is accepted


def test_without_a_run_that_is_required_every_work_path_is_named() -> None:
    assert [one.path for one in standing.required(["a", "b"])] == ["a", "b"]


def test_the_plan_is_the_approved_file_or_the_one_that_waits() -> None:
    assert standing.plan_file(RUN) == standing.plan_file(replace(RUN, approvals=())) == ".agentops/bundles/r-plan.md"
    assert standing.plan_file(replace(RUN, approvals=(), artefacts={})) == ""
