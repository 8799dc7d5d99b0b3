"""A workflow's phases in a workspace: explorers, the acts behind the commands, gates, and a person's share."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from agentops_kit.phases import lifecycle, store
from agentops_kit.phases.lifecycle import Desk
from agentops_kit.workflows import load, submission
from agentops_kit.workflows.headless import acts, bound, brief, gate, person, waiting
from agentops_kit.workflows.history.record import Done, Key
from agentops_kit.workflows.steps import explore
from agentops_kit.workflows.steps.base import Outcome, StepFailed, StepWaits
from tests.support import flows, jobs, runs, source, trees

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops_kit.workflows.steps.base import Job

FLOW = jobs.flow(
    jobs.step(id="research/code", kind="persona", persona="code-explorer"),
    jobs.step(id="research/merge", kind="command", command="research"),
    jobs.step(id="plan/write", kind="command", command="plan"),
    jobs.step(id="implement/close", kind="command", command="implement"),
)
QUICK = jobs.flow(jobs.step(id="change", kind="command", command="quick"))


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return repositories brought to a stage once; tests work on copies."""
    return {"root": tmp_path_factory.mktemp("stages")}


def staged(stages: dict[str, Path], stage: str, make: Callable[[Path], object]) -> Path:
    """Return the repository of a stage, made when it is first asked for."""
    if stage not in stages:
        made = stages["root"] / stage
        make(made)
        stages[stage] = made
    return stages[stage]


def begin(root: Path) -> None:
    trees.make_repo(root, runs.SOURCE)


def research_approved(root: Path) -> None:
    begin(root)
    lifecycle.approve(Desk.open(root), "terminal", run=do(job_at(root, "research", phase="research"))["run"])


def plan_approved(root: Path) -> None:
    research_approved(root)
    desk = Desk.open(root)
    runs.fill_plan(desk, lifecycle.plan(desk).run)
    lifecycle.approve(desk, "terminal")


@pytest.fixture
def root(request: pytest.FixtureRequest, tmp_path: Path, stages: dict[str, Path]) -> Path:
    """Return a repository at the stage its test is marked with by a fixture of that name."""
    wanted = [name for name in ("research_done", "plan_done") if name in request.fixturenames]
    make = {"research_done": research_approved, "plan_done": plan_approved}
    stage = wanted[0] if wanted else "begun"
    made = staged(stages, stage, make.get(stage, begin))
    return Path(shutil.copytree(made, tmp_path / "a repo"))


@pytest.fixture
def research_done(root: Path) -> str:
    """Return the run whose research is approved."""
    return store.names(Desk.open(root).repo)[0]


@pytest.fixture
def plan_done(root: Path) -> str:
    """Return the run whose plan is approved."""
    return store.names(Desk.open(root).repo)[0]


@pytest.fixture
def desk(root: Path) -> Desk:
    return runs.desk_at(root)


def job_at(root: Path, name: str, kind: str = "command", phase: str = "", provider: str = "", **more: Any) -> Job:
    settings = more.pop("settings", {"command": name} if kind == "command" else {"persona": name})
    step = replace(jobs.step(id=f"{phase}/{name}", kind=kind, **settings), phase=phase)
    made = jobs.job(step, provider=provider, workspace=root, workflow=more.pop("workflow", FLOW), **more)
    inputs = {"task": runs.TASK, **dict(made.inputs)}
    return replace(made, inputs=inputs, means=replace(made.means, phases=True))


async def nobody(job: Job) -> Outcome:
    raise AssertionError(job)


def saying(text: str) -> Any:
    async def ask(job: Job) -> Outcome:
        ask.asked.append(job.settings["prompt"])  # type: ignore[attr-defined]
        return Outcome(text, model="m")

    ask.asked = []  # type: ignore[attr-defined]
    return ask


def do(job: Job, ask: Any = nobody) -> Any:
    assert acts.takes(job)
    return asyncio.run(acts.run(job, ask)).output


# -- explorers -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("persona", "says"), [("code-explorer", 'return "hello'), ("doc-explorer", "# Greeting")])
def test_an_explorer_finds_without_a_model(root: Path, persona: str, says: str) -> None:
    job = job_at(root, persona, "persona")

    assert explore.takes(job)
    found = asyncio.run(explore.run(job)).output

    assert says in found["text"]
    assert found["commit"] == trees.git(root, "rev-parse", "HEAD")
    assert found == asyncio.run(explore.run(job)).output


def test_the_history_explorer_names_commits(root: Path) -> None:
    trees.write_tree(root, {"src/app.py": "greet = 1\n"})
    trees.commit_all(root, "Build the greeting from greet")

    found = asyncio.run(explore.run(job_at(root, "history-explorer", "persona"))).output

    assert "Build the greeting from greet" in found["text"]


def test_an_explorer_step_names_its_explorer(root: Path) -> None:
    job = job_at(root, "x", "explore", settings={"explorer": "documents", "task": "greeting", "budget": 1000})

    assert asyncio.run(explore.run(job)).output["sources"] == ["docs/greeting.md"]


def test_an_explorer_with_a_model_is_asked() -> None:
    job = jobs.job(jobs.step(kind="persona", persona="code-explorer"), provider="scripted")

    assert not explore.takes(job)
    assert not explore.takes(jobs.job(jobs.step(kind="persona", persona="spec-architect"), provider=""))


@pytest.mark.parametrize(
    ("settings", "inputs", "says"),
    [
        ({"explorer": "stars"}, {"task": "x"}, "no explorer 'stars'"),
        ({"explorer": "code"}, {"task": " "}, "task is empty"),
        ({"explorer": "code", "budget": 3}, {"task": "x"}, "budget of 3"),
    ],
)
def test_what_no_explorer_can_do_is_said(
    root: Path, settings: dict[str, Any], inputs: dict[str, Any], says: str
) -> None:
    job = replace(job_at(root, "x", "explore", settings=settings), inputs=inputs)

    with pytest.raises(StepFailed, match=says) as refused:
        asyncio.run(explore.run(job))
    assert refused.value.kind == "invalid"


# -- research ------------------------------------------------------------------------------------


def test_research_without_a_model_commits_what_agentops_research_does(root: Path, desk: Desk) -> None:
    facts = do(job_at(root, "research", phase="research"))

    run = store.read(desk.repo, facts["run"])
    assert run.phase == "research"
    assert run.history[0].note == bound.mark("run-1")
    assert trees.git(root, "log", "-1", "--format=%s") == f"chore(agentops): research {run.id}"
    assert facts["bundle"] == run.artefacts["research"]
    assert facts["sources"] == ["src/app.py", "docs/greeting.md"]


def test_research_twice_is_one_run(root: Path, desk: Desk) -> None:
    first = do(job_at(root, "research", phase="research"))
    again = do(job_at(root, "research", phase="research"))

    assert again["run"] == first["run"]
    assert store.names(desk.repo) == [first["run"]]


def test_a_model_fills_the_open_sections_of_the_research(root: Path, desk: Desk) -> None:
    ask = saying("## Answer\nIt adds (src/app.py:3).\n\n## Constraints\nNone said.\n")

    facts = do(job_at(root, "research", phase="research", provider="scripted"), ask)

    assert "It adds (src/app.py:3)." in facts["text"]
    assert "[fill: the answer" not in facts["text"]
    assert "[fill: what only a person" in facts["text"]
    assert "## Where" in ask.asked[0]
    assert trees.git(root, "status", "--porcelain") == ""
    assert lifecycle.approve(desk, "terminal", run=facts["run"]).approval("research")


def test_approved_research_is_not_overwritten(root: Path, desk: Desk) -> None:
    facts = do(job_at(root, "research", phase="research"))
    lifecycle.approve(desk, "terminal", run=facts["run"])

    again = do(job_at(root, "research", phase="research", provider="scripted"), saying("Other words."))

    assert "Other words." not in again["text"]


def test_research_without_a_task_is_refused(root: Path) -> None:
    job = replace(job_at(root, "research", phase="research"), inputs={})

    with pytest.raises(StepFailed, match="--input task"):
        do(job)


# -- gates and persons ---------------------------------------------------------------------------


def decided(job: Job) -> Any:
    assert gate.takes(job)
    return asyncio.run(gate.run(job)).output


def test_a_gate_waits_for_the_person_and_opens(root: Path, desk: Desk) -> None:
    run = do(job_at(root, "research", phase="research"))["run"]
    waiting = job_at(root, "research/gate", "gate", phase="research", settings={})
    with pytest.raises(StepWaits, match=f"agentops approve --run {run}; then: agentops runs resume run-1"):
        decided(waiting)

    lifecycle.approve(desk, "terminal", run=run, note="fine")

    assert decided(waiting)["note"] == "fine"
    lifecycle.plan(desk, run=run)
    assert decided(waiting)["by"] == "Ada Example <ada@example.invalid>"


def test_the_gate_behind_an_open_plan_names_its_lacks(root: Path, desk: Desk, research_done: str) -> None:
    run = research_done
    lifecycle.plan(desk, run=run)

    with pytest.raises(StepWaits, match=r"A slot is open: .* Approve it with: agentops approve --run"):
        decided(job_at(root, "plan/gate", "gate", phase="plan", settings={}))


def test_a_gate_in_a_clone_without_the_run_waits(root: Path) -> None:
    with pytest.raises(StepWaits, match="check out the branch that holds it"):
        decided(job_at(root, "g", "gate", phase="research", settings={}))


def test_gates_of_other_workflows_are_not_the_workspaces(root: Path) -> None:
    other = jobs.flow(jobs.step(id="x", kind="command", command="spec"))

    assert not gate.takes(job_at(root, "g", "gate", phase="spec", settings={}))
    assert not gate.takes(job_at(root, "g", "gate", phase="plan", settings={}, workflow=other))
    assert not acts.takes(job_at(root, "plan", workflow=other))
    assert not acts.takes(jobs.job(jobs.step(kind="command", command="research")))


def test_without_a_model_a_person_writes_the_plan(root: Path, desk: Desk, research_done: str) -> None:
    run = research_done
    job = job_at(root, "spec-architect", "persona", phase="plan")
    assert person.takes(job)
    with pytest.raises(StepWaits, match="No model and no assistant is given: write the plan"):
        asyncio.run(person.run(job))
    with pytest.raises(StepWaits, match="It lacks: A slot is open"):
        asyncio.run(person.run(job))

    runs.fill_plan(desk, store.read(desk.repo, run))
    lifecycle.approve(desk, "terminal", run=run)

    assert asyncio.run(person.run(job)).output["artefact"] == f".agentops/bundles/{run}-plan.md"
    assert do(job_at(root, "plan", phase="plan"))["lacks"] == []


def test_without_a_model_a_person_makes_the_changes(root: Path, desk: Desk, plan_done: str) -> None:
    job = job_at(root, "change-executor", "persona", phase="implement")
    with pytest.raises(StepWaits, match=r"make the changes of .*-plan\.md"):
        asyncio.run(person.run(job))

    trees.git(root, "apply", str(trees.write_tree(root.parent, {"d.patch": runs.DIFF}) / "d.patch"))

    assert asyncio.run(person.run(job)).output["changed"] == ["src/app.py"]
    closed = do(job_at(root, "implement", phase="implement"))
    assert closed["evidence"] == [{"command": "grep -c '!' src/app.py", "exit": 0, "holds": True}]
    assert asyncio.run(person.run(job)).output["changed"] == ["src/app.py"]
    assert do(job_at(root, "implement", phase="implement"))["bundle"] == closed["bundle"]


def test_a_persons_step_with_a_model_is_the_models(root: Path) -> None:
    assert not person.takes(job_at(root, "spec-architect", "persona", phase="plan", provider="scripted"))
    assert not person.takes(job_at(root, "drift-auditor", "persona", phase="research"))


# -- plan and implement with a model -------------------------------------------------------------


def test_a_model_fills_the_plan(root: Path, desk: Desk, research_done: str) -> None:

    facts = do(job_at(root, "plan", phase="plan", provider="scripted"), saying(f"```markdown\n{runs.PLAN}```\n"))

    assert facts["lacks"] == []
    assert "### 1. src/app.py:3" in facts["text"]
    assert lifecycle.approve(desk, "terminal").approval("plan")


@pytest.mark.parametrize("said", ["Fix authentication.", "# Plan\n\n## Changes\n\nFix authentication.\n"])
def test_a_plan_without_substance_is_refused_at_the_gate(root: Path, desk: Desk, said: str, research_done: str) -> None:

    facts = do(job_at(root, "plan", phase="plan", provider="scripted"), saying(said))

    assert facts["lacks"]
    with pytest.raises(StepWaits):
        decided(job_at(root, "plan/gate", "gate", phase="plan", settings={}))


def test_a_persons_plan_is_not_overwritten(root: Path, desk: Desk, research_done: str) -> None:
    run = research_done
    opened = lifecycle.plan(desk, run=run).run
    runs.fill_plan(desk, opened, runs.PLAN.replace("low", "[fill: level]"))
    runs.fill_plan(desk, opened)

    facts = do(job_at(root, "plan", phase="plan", provider="scripted"), saying("# Plan: other\n\n## Changes\n"))

    assert "Greet politely" in facts["text"]


def test_a_diff_is_applied_inside_the_plan_and_closed(root: Path, desk: Desk, plan_done: str) -> None:
    job = job_at(
        root, "implement", phase="implement", provider="scripted", outputs={"implement/change": {"diff": runs.DIFF}}
    )

    closed = do(job)

    assert closed["changed"] == ["src/app.py"]
    assert store.read(desk.repo, closed["run"]).phase == "done"
    assert do(job)["changed"] == []


def test_a_diff_outside_the_plan_is_refused_whole(root: Path, desk: Desk, plan_done: str) -> None:
    before = trees.snapshot(root)
    stray = runs.DIFF + "--- a/docs/greeting.md\n+++ b/docs/greeting.md\n@@ -1 +1 @@\n-# Greeting\n+# Greetings\n"
    job = job_at(root, "implement", phase="implement", provider="scripted", outputs={"c": f"```diff\n{stray}```\n"})

    with pytest.raises(StepFailed, match=r"docs/greeting.md, which the approved plan does not name") as refused:
        do(job)

    assert refused.value.kind == "refused"
    after = trees.snapshot(root)
    assert {path for path in after if before.get(path) != after[path]} == {
        store.read(desk.repo, runs.current(desk).id).path
    }


@pytest.mark.parametrize("diff", ["nonsense\n", runs.DIFF.replace("hello", "moin")])
def test_a_diff_that_does_not_fit_is_said(root: Path, desk: Desk, diff: str, plan_done: str) -> None:

    with pytest.raises(StepFailed, match="does not fit the files"):
        do(job_at(root, "implement", phase="implement", provider="scripted", outputs={"c": [{"diff": diff}]}))


def test_checks_that_fail_wait_for_a_person(root: Path, desk: Desk, plan_done: str) -> None:
    weak = runs.DIFF.replace('+ "!"', '+ "."')

    with pytest.raises(StepWaits, match=r"is not closed.*agentops runs resume run-1"):
        do(job_at(root, "implement", phase="implement", provider="scripted", outputs={"c": {"diff": weak}}))


def test_a_persona_is_told_what_was_approved(root: Path, desk: Desk, research_done: str) -> None:
    run = research_done

    told = asyncio.run(brief.given(job_at(root, "spec-architect", "persona", phase="plan", provider="scripted")))

    assert f".agentops/bundles/{run}-research.md" in told.settings["task"]
    assert "## Where" in told.settings["task"]


def test_a_model_is_asked_for_a_diff(root: Path, desk: Desk, plan_done: str) -> None:

    told = asyncio.run(brief.given(job_at(root, "change-executor", "persona", phase="implement", provider="scripted")))

    assert "one unified diff" in told.settings["task"]
    assert "### 1. src/app.py:3" in told.settings["task"]


def test_others_are_told_nothing_more(root: Path) -> None:
    for job in (
        job_at(root, "plan", phase="plan"),
        job_at(root, "code-explorer", "persona", phase="research"),
        job_at(root, "spec-architect", "persona", phase="plan", provider="scripted"),
    ):
        assert asyncio.run(brief.given(job)) == job


# -- quick ---------------------------------------------------------------------------------------


def test_quick_waits_for_the_person_then_proves_the_change(root: Path, desk: Desk) -> None:
    job = replace(
        job_at(root, "quick", workflow=QUICK), inputs={"task": "Greet louder", "check": "grep -q ! src/app.py"}
    )
    with pytest.raises(StepWaits, match="Nothing is changed yet"):
        do(job)

    trees.git(root, "apply", str(trees.write_tree(root.parent, {"d.patch": runs.DIFF}) / "d.patch"))

    assert do(job)["evidence"][0]["holds"]
    assert len(store.names(desk.repo)) == 1


def test_quick_with_a_model_applies_its_diff(root: Path, desk: Desk) -> None:
    job = job_at(root, "quick", workflow=QUICK, provider="scripted")
    job = replace(job, inputs={"task": "Greet louder", "check": "grep -q ! src/app.py"})

    facts = do(job, saying(f"```diff\n{runs.DIFF}```"))

    assert facts["changed"] == ["src/app.py"]
    assert store.read(desk.repo, facts["run"]).phase == "done"


def test_quick_without_a_check_waits(root: Path) -> None:
    job = job_at(root, "quick", workflow=QUICK, provider="scripted")

    with pytest.raises(StepWaits, match="names no validation command"):
        do(job, saying(f"```diff\n{runs.DIFF}```"))


def test_nothing_of_the_kit_or_of_git_is_changed_by_a_diff(root: Path) -> None:
    diff = "--- /dev/null\n+++ b/.agentops/approvals/x.yaml\n@@ -0,0 +1 @@\n+mine\n"

    with pytest.raises(StepFailed, match="does not name"):
        do(job_at(root, "quick", workflow=QUICK, provider="scripted"), saying(f"```diff\n{diff}```"))


# -- going on with a run -------------------------------------------------------------------------


def test_a_fork_goes_on_with_the_run_it_is_told(root: Path, desk: Desk, research_done: str) -> None:
    run = research_done
    job = job_at(root, "research/gate", "gate", phase="research", settings={}, run="run-2")

    assert decided(replace(job, means=replace(job.means, phase_run=run)))["run"] == run


def test_a_task_that_speaks_of_a_run_is_not_that_run(root: Path, desk: Desk) -> None:
    lifecycle.research(desk, f"What is {bound.mark('run-1')}?")

    assert bound.find(desk, job_at(root, "research")) is None


def test_a_broken_workspace_fails_the_step(root: Path) -> None:
    def gone(job: Job) -> Job:
        return replace(job, means=replace(job.means, workspace=root.parent))

    with pytest.raises(StepFailed, match="not inside a git repository"):
        do(gone(job_at(root, "research", phase="research")))
    with pytest.raises(StepFailed, match="not inside a git repository"):
        decided(gone(job_at(root, "g", "gate", phase="research", settings={})))
    with pytest.raises(StepFailed, match="not inside a git repository"):
        asyncio.run(person.run(gone(job_at(root, "spec-architect", "persona", phase="plan"))))


def test_what_others_found_goes_into_the_question_for_a_plan(root: Path, research_done: str) -> None:
    outputs = {"plan/changes": {"text": "Change greet."}, "plan/risks": {"high": 0}, "plan/none": None}
    ask = saying(runs.PLAN)

    do(job_at(root, "plan", phase="plan", provider="scripted", outputs=outputs), ask)

    assert "[plan/changes]\nChange greet." in ask.asked[0]
    assert '[plan/risks]\n{"high": 0}' in ask.asked[0]
    assert "plan/none" not in ask.asked[0]
    assert research_done in str(do(job_at(root, "plan", phase="plan"))["plan"])


# -- waiting -------------------------------------------------------------------------------------

PHASES = replace(
    FLOW,
    steps=(
        *FLOW.steps,
        replace(jobs.step(id="research/gate", kind="gate"), phase="research"),
        replace(jobs.step(id="other/gate", kind="gate"), phase="other"),
    ),
)


def at_gate(step: str = "research/gate") -> list[Done]:
    return [Done(Key("research/merge"), "succeeded"), Done(Key(step), "waiting", "gate")]


def test_runs_of_the_queue_that_may_go_on_are_found(root: Path, tmp_path: Path) -> None:
    from agentops_kit.workflows.engine.engine import Engine

    made = submission.prepare(submission.Wish("research-plan-implement", root, {"task": runs.TASK}), {})
    with Engine.open(tmp_path / "runs.db") as engine:
        ours = [engine.submit(submission.request(made, queue=queue)) for queue in (True, False)]
        for run in ours:
            assert flows.drive(engine, run) == "waiting"
        assert waiting.approved(engine.ledger.engine) == []

        for name in store.names(Desk.open(root).repo):
            lifecycle.approve(Desk.open(root), "terminal", run=name)

        assert waiting.approved(engine.ledger.engine) == ours[:1]


def test_a_worker_sees_that_the_gate_was_opened(root: Path) -> None:
    means = {"workspace": str(root), "phases": True}
    run = do(job_at(root, "research", phase="research"))["run"]
    assert not waiting.may_go_on("run-1", PHASES, means, at_gate())

    lifecycle.approve(Desk.open(root), "terminal", run=run)

    assert waiting.may_go_on("run-1", PHASES, means, at_gate())
    assert waiting.may_go_on("run-9", PHASES, {**means, "phase_run": run}, at_gate())
    assert not waiting.may_go_on("run-9", PHASES, means, at_gate())
    assert not waiting.may_go_on("run-1", PHASES, means, at_gate("other/gate"))
    assert not waiting.may_go_on("run-1", PHASES, {**means, "phases": False}, at_gate())
    assert not waiting.may_go_on("run-1", PHASES, {**means, "workspace": str(root / "gone")}, at_gate())
    assert not waiting.may_go_on("run-1", PHASES, {**means, "workspace": str(root.parent)}, at_gate())


def test_the_workflow_in_the_guide_loads() -> None:
    guide = (source.ROOT / "docs/HEADLESS.md").read_text(encoding="utf-8")
    text = guide.split("```yaml\n")[-1].split("```")[0]

    workflow = load.load(text, "guide.yaml")

    assert [step.kind for step in workflow.steps] == ["explore", "explore", "llm"]
