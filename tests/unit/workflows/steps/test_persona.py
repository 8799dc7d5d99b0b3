from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from agentops_kit.errors import InputInvalid
from agentops_kit.workflows.steps import command, persona, ready
from agentops_kit.workflows.steps.base import Job, StepFailed
from tests.support import jobs

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.workflows.spec import Step


def said(job: Job) -> list[str]:
    calls: Any = job.calls
    return [message["text"] for message in calls.made[0][1]["messages"]]


def persona_step(**settings: Any) -> Step:
    return jobs.step(id="changes", kind="persona", **{"persona": "spec-architect", "task": "Add OAuth2."} | settings)


def command_step(**settings: Any) -> Step:
    return jobs.step(id="merge", kind="command", **{"command": "research", "arguments": "How is it built?"} | settings)


def test_a_persona_is_the_systems_words(tmp_path: Path) -> None:
    job = jobs.job(persona_step(context=True), workspace=tmp_path, outputs={"code": "a.py:1"})

    asyncio.run(persona.run(job))

    system, task = said(job)
    assert system.startswith("You turn an approved research bundle")
    assert "{{" not in system
    assert task == "Add OAuth2.\n\nContext from dependency:\n[code]\na.py:1"


def test_a_persona_takes_the_runs_task(tmp_path: Path) -> None:
    job = jobs.job(persona_step(task=""), workspace=tmp_path, inputs={"task": "Add SSO."})
    asyncio.run(persona.run(job))

    assert said(job)[1] == "Add SSO."
    with pytest.raises(StepFailed, match="nothing to do"):
        asyncio.run(persona.run(jobs.job(persona_step(task=""), workspace=tmp_path)))


def test_a_command_is_its_text_with_its_arguments(tmp_path: Path) -> None:
    job = jobs.job(command_step(), workspace=tmp_path)

    asyncio.run(command.run(job))

    [text] = said(job)
    assert "Task: How is it built?" in text
    assert "(what `agentops status --brief` prints)" in text


def test_a_prompt_that_an_act_made_stands_for_the_command(tmp_path: Path) -> None:
    job = jobs.job(command_step(prompt="Fill this."), workspace=tmp_path)

    asyncio.run(command.run(job))

    assert said(job) == ["Fill this."]


def test_an_unknown_name_is_invalid_but_for_a_scripted_run(tmp_path: Path) -> None:
    job = jobs.job(persona_step(persona="spec-architct", model="m"), provider="openai", workspace=tmp_path)
    with pytest.raises(StepFailed, match="Did you mean spec-architect"):
        asyncio.run(persona.run(job))

    played = jobs.job(persona_step(persona="nobody"), workspace=tmp_path)
    asyncio.run(persona.run(played))
    assert said(played)[0] == "You are nobody."
    other = jobs.job(command_step(command="nothing"), workspace=tmp_path)
    asyncio.run(command.run(other))
    assert said(other) == ["/nothing How is it built?"]


def test_a_profile_that_does_not_load_is_said(tmp_path: Path) -> None:
    (tmp_path / ".agentops").mkdir()
    (tmp_path / ".agentops" / "config.yaml").write_text("profiles: [nowhere]\n", encoding="utf-8")

    with pytest.raises(StepFailed, match="no profile 'nowhere'"):
        asyncio.run(persona.run(jobs.job(persona_step(), workspace=tmp_path)))


# -- before a run --------------------------------------------------------------------------------


def look(step: Step, provider: str = "scripted", **means: Any) -> None:
    job = jobs.job(step, provider=provider, workspace=means.pop("workspace"), environment=means.pop("environment", {}))
    ready.look([step], replace(job.means, **means))


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (jobs.step(prompt="a"), "names no model"),
        (jobs.step(prompt_ref="none@1", model="m"), "no prompt 'none@1'"),
        (persona_step(persona="nobody", model="m"), "no persona 'nobody'"),
        (command_step(command="nothing", model="m"), "no command 'nothing'"),
        (jobs.step(prompt="a", model="m", provider="azure"), "AZURE_GPT5_KEY"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_the_run(tmp_path: Path, step: Step, words: str) -> None:
    with pytest.raises(InputInvalid) as refused:
        look(step, "openai", workspace=tmp_path, environment={"OPENAI_API_KEY": "k"})

    assert words in str(refused.value)
    assert refused.value.message.startswith(f"flow.yaml:1:1: step {step.id}: ")


def test_what_can_be_asked_is_not_refused(tmp_path: Path) -> None:
    around = {"OPENAI_API_KEY": "k"}
    look(persona_step(model="m"), "openai", workspace=tmp_path, environment=around)
    look(command_step(model="m", prompt="own"), "openai", workspace=tmp_path, environment=around)
    look(jobs.step(prompt_ref="{{ input.which }}", model="m"), "openai", workspace=tmp_path, environment=around)
    look(persona_step(persona="nobody"), workspace=tmp_path)


def test_nobody_to_ask_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputInvalid, match="No provider is chosen"):
        look(jobs.step(prompt="a", model="m"), "", workspace=tmp_path)


def test_an_assistant_needs_its_program_and_a_commit(tmp_path: Path, repo_dir: Path) -> None:
    with pytest.raises(InputInvalid, match="claude is not there"):
        look(persona_step(), "", workspace=repo_dir, assistant="claude", environment={"PATH": str(tmp_path)})
    with pytest.raises(InputInvalid, match="not inside a git repository"):
        look(persona_step(), "", workspace=tmp_path, assistant="claude", environment={"AGENTOPS_CLAUDE": "/bin/true"})
    with pytest.raises(InputInvalid, match="cannot run a step"):
        look(persona_step(), "", workspace=repo_dir, assistant="copilot")
    look(persona_step(), "", workspace=repo_dir, assistant="claude", environment={"AGENTOPS_CLAUDE": "/bin/true"})


def test_steps_inside_maps_are_steps_too() -> None:
    inner = jobs.step(id="in", prompt="a")
    flow = jobs.flow(jobs.step(id="a"), jobs.step(id="each", kind="map", over="{{ a.output }}", steps=(inner,)))

    assert [step.id for step in ready.every(flow)] == ["a", "each", "in"]
