from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from agentops_kit.workflows.steps import llm, standin
from agentops_kit.workflows.steps.base import StepFailed
from tests.support import jobs

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.workflows.steps.base import Job


def asked(job: Job) -> str:
    """Return what a step said to the model."""
    asyncio.run(llm.run(job))
    calls: Any = job.calls
    return "\n--\n".join(message["text"] for message in calls.made[0][1]["messages"])


def stored(workspace: Path, **prompts: str) -> Path:
    folder = workspace / ".agentops" / "prompts"
    folder.mkdir(parents=True)
    for name, text in prompts.items():
        (folder / f"{name.replace('__', '@')}.md").write_text(text, encoding="utf-8")
    return workspace


def test_the_systems_words_come_first() -> None:
    assert asked(jobs.job(jobs.step(prompt="Hello.", system="Be short."))) == "Be short.\n--\nHello."


def test_what_a_step_needs_is_its_context() -> None:
    step = jobs.step(prompt="Sum up.", context=True, single=True)
    many = jobs.step(prompt="Sum up.", context=True)

    assert asked(jobs.job(step, outputs={"a": "one"})) == "Sum up.\n\nContext from dependency:\none"
    assert "[a]\none\n\n[b]\ntwo" in asked(jobs.job(many, outputs={"a": "one", "b": "two"}))
    assert asked(jobs.job(jobs.step(prompt="Sum up."), outputs={"a": "one"})) == "Sum up."


def test_a_stored_prompt_is_filled(tmp_path: Path) -> None:
    stored(tmp_path, analyzer__3="Look at {{ content }} in {{ facts }}.", analyzer__2="Old.", plain="No version.")
    step = jobs.step(prompt_ref="analyzer@3", inputs={"content": "this", "facts": {"a": 1}})

    assert asked(jobs.job(step, workspace=tmp_path)) == 'Look at this in {"a": 1}.'
    assert (
        asked(jobs.job(jobs.step(prompt_ref="analyzer", inputs=step.settings["inputs"]), workspace=tmp_path))[:4]
        == "Look"
    )
    assert asked(jobs.job(jobs.step(prompt_ref="plain"), workspace=tmp_path)) == "No version."


def test_ten_is_after_nine(tmp_path: Path) -> None:
    stored(tmp_path, a__9="Nine.", a__10="Ten.")

    assert asked(jobs.job(jobs.step(prompt_ref="a"), workspace=tmp_path)) == "Ten."


def test_a_prompt_of_a_profile_is_found_and_the_workspaces_own_goes_before_it(tmp_path: Path) -> None:
    folder = tmp_path / ".agentops" / "profiles" / "ours" / "prompts"
    folder.mkdir(parents=True)
    (folder / "a@1.md").write_text("Profile's.", encoding="utf-8")
    assert asked(jobs.job(jobs.step(prompt_ref="a@1"), workspace=tmp_path)) == "Profile's."

    stored(tmp_path, a__1="Workspace's.")
    assert asked(jobs.job(jobs.step(prompt_ref="a@1"), workspace=tmp_path)) == "Workspace's."


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("analyser@3", "Did you mean analyzer@3"),
        ("zzz", "Write it to .agentops/prompts/zzz.md"),
        ("../secret", "no prompt"),
        ("analyzer@3", "cannot be filled: 'content' is undefined"),
    ],
)
def test_a_prompt_that_is_not_there_or_not_filled_is_invalid(tmp_path: Path, reference: str, words: str) -> None:
    stored(tmp_path, analyzer__3="Look at {{ content }}.")
    job = jobs.job(jobs.step(prompt_ref=reference, model="m"), provider="openai", workspace=tmp_path)

    with pytest.raises(StepFailed) as failed:
        asyncio.run(llm.run(job))

    assert failed.value.kind == "invalid"
    assert words in failed.value.message


def test_a_scripted_run_needs_no_stored_prompt(tmp_path: Path) -> None:
    step = jobs.step(prompt_ref="analyzer@3", inputs={"content": "this"})

    assert asked(jobs.job(step, workspace=tmp_path)) == 'analyzer@3\n{"content": "this"}'


@pytest.mark.parametrize(
    ("settings", "words"),
    [({"temperature": 3}, "temperature"), ({"temperature": "hot"}, "temperature"), ({"max_tokens": 0}, "max_tokens")],
)
def test_a_setting_out_of_range_is_invalid(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(StepFailed, match=words) as failed:
        asyncio.run(llm.run(jobs.job(jobs.step(prompt="Hello.", **settings))))

    assert failed.value.kind == "invalid"


def test_a_setting_may_come_as_text() -> None:
    job = jobs.job(jobs.step(prompt="Hello.", temperature="0.5", max_tokens="20"))
    asyncio.run(llm.run(job))

    calls: Any = job.calls
    assert calls.made[0][1]["temperature"] == 0.5


def test_what_others_read_of_an_answer_is_asked_for() -> None:
    one = jobs.step(id="a", prompt="Which kind?", model="m")
    flow = jobs.flow(one, replace(jobs.step(id="b"), condition="a.output.kind == 'text'"))

    assert asyncio.run(llm.run(jobs.job(one, workflow=flow))).output == {"kind": "text"}

    plain = jobs.step(id="a", prompt="Which kind?", model="m", output="text")
    assert isinstance(asyncio.run(llm.run(jobs.job(plain, workflow=flow))).output, str)


def test_a_stand_in_gives_what_others_read() -> None:
    one = jobs.step(id="get", kind="tool", tool="s3.fetch")
    flow = jobs.flow(one, jobs.step(id="b", prompt="{{ get.output.body }}"))
    job = jobs.job(one, workflow=flow)

    made = asyncio.run(standin.answer(job, "tool", {"tool": "s3.fetch"}))

    calls: Any = job.calls
    assert set(made) == {"body"}
    assert calls.made == [("tool", {"tool": "s3.fetch"}, {"value": made})]
    assert standin.plays(job)


def test_a_stand_in_fails_where_the_script_says_so_and_is_recorded(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("- {match: {kind: http}, failure: server, retry_after: 2}", encoding="utf-8")
    job = jobs.job(jobs.step(id="get", kind="http", url="x"))
    means = replace(job.means, script=tmp_path / "s.yaml", record=tmp_path / "r.jsonl")

    with pytest.raises(StepFailed) as failed:
        asyncio.run(standin.answer(replace(job, means=means), "http", {"url": "x"}))

    assert (failed.value.kind, failed.value.retry_after) == ("server", 2)
    played = replace(job.means, script=tmp_path / "r.jsonl")
    with pytest.raises(StepFailed):
        asyncio.run(standin.answer(replace(job, means=played), "http", {"url": "x"}))
