"""An assistant as a step, with a program that only prints what a client would."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from agentops_kit.costs.prices import FILE
from agentops_kit.memory.git import Repo
from agentops_kit.models.base import Usage
from agentops_kit.workflows.assistants import worktree
from agentops_kit.workflows.steps import command, persona
from agentops_kit.workflows.steps.base import StepFailed
from tests.support import jobs

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.workflows.steps.base import Job, Outcome

USAGE = {"input_tokens": 900, "output_tokens": 50}
RESULT = {"type": "result", "num_turns": 1, "result": "Made it.", "total_cost_usd": 0.25, "usage": USAGE}
TURN = {"type": "turn.completed", "usage": USAGE}


def client(folder: Path, *lines: str) -> str:
    """Write a program that runs shell lines, with its standard input in ``$told`` and its arguments in ``$*``."""
    program = folder / "client"
    program.write_text("\n".join(["#!/bin/sh", "told=$(cat)", *lines]), encoding="utf-8")
    program.chmod(0o755)
    return str(program)


def says(event: dict[str, Any]) -> str:
    return f"echo '{json.dumps(event)}'"


def job(repo_dir: Path, program: str, name: str = "claude", **settings: Any) -> Job:
    said = {"persona": "change-executor", "task": "Make it.", "model": "m"} | settings
    around = {f"AGENTOPS_{name.upper()}": program, "PATH": os.environ["PATH"], "HOME": str(repo_dir.parent / "home")}
    made = jobs.job(jobs.step("make", kind="persona", **said), provider="", workspace=repo_dir, environment=around)
    return replace(made, means=replace(made.means, assistant=name))


def run(made: Job) -> Outcome:
    return asyncio.run(persona.run(made))


def left(made: Job) -> list[Path]:
    folder = worktree.folder_of(Repo.open(made.means.workspace), made.means.settings or {})
    return list(folder.iterdir())


def test_an_assistants_words_work_usage_and_cost(repo_dir: Path, tmp_path: Path) -> None:
    made = job(repo_dir, client(tmp_path, "echo $told > notes.txt", says(RESULT)))

    outcome = run(made)

    assert outcome.output["text"] == "Made it."
    assert "+Make it." in outcome.output["diff"]
    assert outcome.output["branch"] == "agentops/runs/" + outcome.output["branch"].rpartition("/")[2]
    assert (outcome.usage, outcome.cost, outcome.provider) == (Usage(900, 50), Decimal("0.25"), "anthropic")
    assert left(made) == []


def test_the_call_is_recorded_and_has_a_slot(repo_dir: Path, tmp_path: Path) -> None:
    made = job(repo_dir, client(tmp_path, says(RESULT)))
    made = replace(made, outputs={"plan": "the plan"}, settings={**made.settings, "context": True})

    run(made)

    calls: Any = made.calls
    limiter: Any = made.limiter
    [(kind, request, answer)] = calls.made
    assert (kind, request["assistant"], answer["text"]) == ("assistant", "claude", "Made it.")
    assert "the plan" in request["task"]
    assert (limiter.asked, limiter.busy) == (["anthropic"], 0)


def test_a_step_may_name_its_own_assistant(repo_dir: Path, tmp_path: Path) -> None:
    made = job(repo_dir, client(tmp_path, says(RESULT)), assistant="claude")
    made = replace(made, means=replace(made.means, assistant="codex"))

    assert run(made).output["text"] == "Made it."
    played = run(replace(made, means=replace(made.means, provider="scripted")))
    assert played.provider == "scripted"  # and nobody else is asked


def test_a_command_runs_in_an_assistant_too(repo_dir: Path, tmp_path: Path) -> None:
    made = job(repo_dir, client(tmp_path, 'echo "$told" > told.txt', says(RESULT)))
    step = jobs.step("close", kind="command", command="learn", arguments="a lesson")

    outcome = asyncio.run(command.run(replace(made, step=step, settings=step.settings)))

    assert "a lesson" in outcome.output["diff"]


@pytest.mark.parametrize(
    ("lines", "kind", "words"),
    [
        ([says(RESULT | {"is_error": True, "result": "API Error: 529 busy"})], "server", "claude: API Error: 529"),
        (["echo oops >&2; exit 3"], "exit_status", "exit status 3: oops"),
        ([says(RESULT), "echo late >&2; exit 4"], "exit_status", "exit status 4: late"),
        ([f"echo '{'x' * 900}'"], "exit_status", "x…"),
    ],
)
def test_a_failing_assistant_fails_the_step(
    repo_dir: Path, tmp_path: Path, lines: list[str], kind: str, words: str
) -> None:
    made = job(repo_dir, client(tmp_path, *lines))

    with pytest.raises(StepFailed) as failed:
        run(made)

    assert failed.value.kind == kind
    assert words in failed.value.message
    assert left(made) == []


def test_a_failure_keeps_what_it_cost(repo_dir: Path, tmp_path: Path) -> None:
    made = job(repo_dir, client(tmp_path, says(RESULT | {"is_error": True})))

    with pytest.raises(StepFailed) as failed:
        run(made)

    assert failed.value.outcome is not None
    assert failed.value.outcome.cost == Decimal("0.25")


def test_a_price_the_client_does_not_tell_is_looked_up(repo_dir: Path, tmp_path: Path) -> None:
    program = client(tmp_path, says(TURN))
    (repo_dir / FILE).parent.mkdir()
    (repo_dir / FILE).write_text("m: {input: 1000, output: 0}", encoding="utf-8")

    assert run(job(repo_dir, program, "codex")).cost == Decimal("0.9")
    assert run(job(repo_dir, program, "codex", model="other")).cost is None


def test_a_program_that_is_not_there_is_invalid_and_free(repo_dir: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_bytes(b"\x7fELF nonsense")
    broken.chmod(0o755)

    for program, words in ((str(tmp_path / "none"), "is not there"), (str(broken), "cannot be started")):
        with pytest.raises(StepFailed, match=words) as failed:
            run(job(repo_dir, program))
        assert failed.value.kind == "invalid"
        assert failed.value.outcome is not None
        assert failed.value.outcome.cost == 0


def capped(made: Job, cap: str) -> tuple[Job, jobs.Money]:
    purse = jobs.Money(Decimal(cap))
    return replace(made, purse=purse), purse


def test_under_a_cap_the_step_says_what_it_may_spend(repo_dir: Path, tmp_path: Path) -> None:
    program = client(tmp_path, 'echo "$*" > arguments.txt', says(RESULT))
    made, purse = capped(job(repo_dir, program, reserve=0.5), "1")

    assert "--max-budget-usd 0.5" in run(made).output["diff"]
    assert purse.spent == Decimal("0.25")
    assert purse.held == 0


@pytest.mark.parametrize("reserve", [None, "much", 0, "nan"])
def test_under_a_cap_an_assistant_without_a_limit_is_not_started(
    repo_dir: Path, tmp_path: Path, reserve: object
) -> None:
    made, purse = capped(job(repo_dir, client(tmp_path, says(RESULT)), reserve=reserve), "1")

    with pytest.raises(StepFailed, match="give the step `reserve`") as failed:
        run(made)

    assert failed.value.kind == "cost_cap"
    assert purse.spent == 0
    assert purse.held == 0


def test_an_assistant_killed_in_the_middle_counts_as_all_it_was_allowed(repo_dir: Path, tmp_path: Path) -> None:
    made, purse = capped(job(repo_dir, client(tmp_path, "exec sleep 60"), reserve="0.4"), "1")

    async def cancelled() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(persona.run(made), 1)

    asyncio.run(cancelled())

    assert purse.spent == Decimal("0.4")
    assert purse.held == 0
    assert left(made) == []


def test_a_step_cancelled_while_its_worktree_is_made_leaves_none(repo_dir: Path, tmp_path: Path) -> None:
    made = job(repo_dir, client(tmp_path, says(RESULT)))

    async def cancelled() -> None:
        running = asyncio.ensure_future(persona.run(made))
        folder = worktree.folder_of(Repo.open(repo_dir), made.means.settings or {})
        while not folder.exists():  # noqa: ASYNC110 - a thread makes it
            await asyncio.sleep(0.001)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(cancelled())

    assert left(made) == []
