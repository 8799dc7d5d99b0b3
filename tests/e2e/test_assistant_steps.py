"""A persona as a step of a run, done by the real clients in a worktree of their own."""

from __future__ import annotations

import asyncio
import subprocess
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from agentops_kit.memory.git import Repo
from agentops_kit.workflows.assistants import worktree
from agentops_kit.workflows.steps import persona
from agentops_kit.workflows.steps.base import StepFailed
from tests.support import clients, drivers, jobs
from tests.support.script import HAIKU, Lane, act, fail, say
from tests.support.scripted_model import ScriptedModel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentops_kit.workflows.steps.base import Job, Outcome

pytestmark = [pytest.mark.e2e, pytest.mark.heavy]

NAMES = ("claude", "codex", "gemini")
MODELS = {"claude": HAIKU, "codex": drivers.MODEL, "gemini": "gemini-2.5-flash"}


def environment(name: str, home: Path, project: Path, url: str) -> dict[str, str]:
    own = drivers.driver(name).surroundings(home, project, url)
    program = {f"AGENTOPS_{name.upper()}": str(clients.program(name))}
    return drivers.environment(home, url) | own | program | {"AGENTOPS_WORKER_ENV": "SCRIPT_KEY"}


def worker_job(name: str, project: Path, whole: dict[str, str], **settings: Any) -> Job:
    one = jobs.step(
        "make", kind="persona", persona="change-executor", task="Make notes.txt.", model=MODELS[name], **settings
    )
    made = jobs.job(one, provider="", workspace=project, environment=whole)
    return replace(made, means=replace(made.means, assistant=name))


def work(name: str, project: Path, script: Sequence[Lane], **settings: Any) -> tuple[Outcome, ScriptedModel]:
    with ScriptedModel(script) as model:
        whole = environment(name, Path.home(), project, model.url)
        return asyncio.run(persona.run(worker_job(name, project, whole, **settings))), model


def git(project: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=project, check=True, capture_output=True, text=True).stdout


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


@pytest.mark.parametrize("name", NAMES)
def test_what_an_assistant_changes_is_a_commit_on_a_branch_of_its_own(name: str, repo_dir: Path) -> None:
    before = git(repo_dir, "status", "--porcelain"), git(repo_dir, "rev-parse", "HEAD")
    line = drivers.driver(name).shell("echo made > notes.txt")
    lanes = [Lane("work", (act(line), say("Made it.")), {"any_user": "Make notes"}), Lane("other", (say("ok"),))]

    outcome, model = work(name, repo_dir, lanes)

    assert "Made it." in outcome.output["text"]
    assert "+++ b/notes.txt" in outcome.output["diff"]
    assert git(repo_dir, "show", f"{outcome.output['branch']}:notes.txt") == "made\n"
    assert (git(repo_dir, "status", "--porcelain"), git(repo_dir, "rev-parse", "HEAD")) == before
    assert git(repo_dir, "worktree", "list").count("\n") == 1
    assert outcome.usage.input >= 2_000
    assert any("change-executor" in r.text or "plan" in r.text for r in model.requests)


@pytest.mark.parametrize("name", ["claude", "gemini"])
def test_what_an_assistant_costs_is_known(name: str, repo_dir: Path) -> None:
    outcome, _ = work(name, repo_dir, [Lane("all", (say("Nothing to do."),))])

    assert outcome.output["diff"] == ""
    assert outcome.output["branch"] == ""
    assert outcome.cost is not None
    assert outcome.cost > 0


def test_what_nobody_knows_the_price_of_costs_none(repo_dir: Path) -> None:
    outcome, _ = work("codex", repo_dir, [Lane("all", (say("Nothing to do."),))])

    assert outcome.cost is None
    assert outcome.usage.output > 0


@pytest.mark.parametrize("name", NAMES)
def test_an_assistant_that_fails_fails_the_step(name: str, repo_dir: Path) -> None:
    with pytest.raises(StepFailed) as failed:
        work(name, repo_dir, [Lane("all", (fail(400),))])

    assert name in failed.value.message
    assert git(repo_dir, "worktree", "list").count("\n") == 1


def test_a_cancelled_step_ends_the_client_and_all_it_started(repo_dir: Path) -> None:
    line = drivers.driver("claude").shell("echo $$ > pid.txt; sleep 300")

    async def cancelled(job: Job) -> Path:
        running = asyncio.ensure_future(persona.run(job))
        folder = worktree.folder_of(Repo.open(repo_dir), job.means.settings or {})
        while not (found := [path for path in folder.glob("*/pid.txt") if path.read_text()]):  # noqa: ASYNC110 - another process writes
            await asyncio.sleep(0.1)
        pid = int(found[0].read_text())
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert not alive(pid)
        return folder

    with ScriptedModel([Lane("all", (act(line), say("done")))]) as model:
        whole = environment("claude", Path.home(), repo_dir, model.url)
        folder = asyncio.run(cancelled(worker_job("claude", repo_dir, whole)))

    assert list(folder.iterdir()) == []
    assert git(repo_dir, "worktree", "list").count("\n") == 1


def test_under_a_cap_an_assistant_is_told_what_it_may_spend(repo_dir: Path) -> None:
    with ScriptedModel([Lane("all", (say("ok"),))]) as model:
        whole = environment("claude", Path.home(), repo_dir, model.url)
        job = worker_job("claude", repo_dir, whole, reserve="0.50")
        purse = jobs.Money(Decimal("0.60"))

        outcome = asyncio.run(persona.run(replace(job, purse=purse)))

    assert outcome.cost == purse.spent
    assert Decimal(0) < purse.spent <= Decimal("0.50")
    assert purse.held == 0
