from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentops_kit.costs.prices import FILE
from agentops_kit.models.base import Usage
from agentops_kit.workflows.spec import Limits, Policy
from agentops_kit.workflows.steps import llm
from agentops_kit.workflows.steps.base import StepFailed
from tests.support import jobs
from tests.support.script import Lane, say
from tests.support.script import Usage as Told
from tests.support.scripted_model import ScriptedModel
from tests.support.service import Reply, Service

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.workflows.steps.base import Job, Outcome

MILLION = 1_000_000


def run(job: Job) -> Outcome:
    return asyncio.run(llm.run(job))


def failure(job: Job) -> StepFailed:
    with pytest.raises(StepFailed) as failed:
        run(job)
    return failed.value


def scripted(job: Job, tmp_path: Path, script: str, prices: str = "") -> Job:
    (tmp_path / "script.yaml").write_text(script, encoding="utf-8")
    if prices:
        (tmp_path / FILE).parent.mkdir(exist_ok=True)
        (tmp_path / FILE).write_text(prices, encoding="utf-8")
    return replace(job, means=replace(job.means, workspace=tmp_path, script=tmp_path / "script.yaml"))


def openai(url: str) -> dict[str, str]:
    return {"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": f"{url}/v1"}


def test_an_answer_has_its_usage_and_price() -> None:
    with ScriptedModel([Lane("all", (say("Fine.", usage=Told(1_000, 0, 1_000, 100)),))]) as model:
        outcome = run(jobs.job(provider="openai", environment=openai(model.url)))

    assert outcome.output == "Fine."
    assert outcome.usage == Usage(2_000, 100, 1_000)
    assert outcome.cost == Decimal("0.00475")  # 1,000 at $2.50, 1,000 cached at $1.25, 100 at $10 a million
    assert (outcome.model, outcome.provider) == ("gpt-4o", "openai")


def test_a_call_is_recorded_whole_and_has_a_slot() -> None:
    job = jobs.job()

    run(job)

    calls: Any = job.calls
    limiter: Any = job.limiter
    [(kind, request, answer)] = calls.made
    assert kind == "model"
    assert request == {
        "provider": "scripted",
        "model": "gpt-4o",
        "messages": [{"role": "user", "text": "Say hello."}],
    }
    assert json.loads(json.dumps(answer))["usage"]["output"] > 0
    assert (limiter.asked, limiter.busy) == (["scripted"], 0)


def test_an_unknown_price_is_unknown() -> None:
    with ScriptedModel([Lane("all", (say("Fine."),))]) as model:
        step = jobs.step(prompt="Hello.", model="nobody-knows")
        outcome = run(jobs.job(step, provider="openai", environment=openai(model.url)))

    assert outcome.cost is None


@pytest.mark.parametrize(
    ("reply", "kind", "wait", "spent"),
    [
        (Reply(429, headers={"Retry-After": "4"}), "rate_limited", 4.0, 0),
        (Reply(500), "server", None, 0),
        (Reply(401), "refused", None, 0),
        (Reply(breaks=True), "connection", None, None),
    ],
    ids=str,
)
def test_a_failure_is_recorded_and_paid_for_as_far_as_it_was_billed(
    reply: Reply, kind: str, wait: float | None, spent: int | None
) -> None:
    with Service(reply) as service:
        job = jobs.job(provider="openai", environment=openai(service.url), cap="1.00")
        failed = failure(job)

    calls: Any = job.calls
    purse: Any = job.purse
    assert (failed.kind, failed.retry_after) == (kind, wait)
    assert calls.made[0][2]["failed"]["kind"] == kind
    assert failed.outcome is not None
    assert failed.outcome.cost == spent
    assert purse.held == 0
    assert (purse.spent == 0) is (spent == 0)  # what may have been billed counts as spent in full


def test_a_cancelled_call_counts_as_spent_in_full() -> None:
    async def cancelled(job: Job) -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(llm.run(job), 1.0)

    with Service(Reply(hangs=True)) as service:
        job = jobs.job(provider="openai", environment=openai(service.url), cap="0.05")
        asyncio.run(cancelled(job))

    purse: Any = job.purse
    limiter: Any = job.limiter
    assert purse.held == 0
    assert 0 < purse.spent <= Decimal("0.05")
    assert limiter.busy == 0


def test_nothing_to_ask_and_nobody_to_ask_are_invalid() -> None:
    assert failure(jobs.job(jobs.step(prompt=" "))).kind == "invalid"
    assert "provider" in failure(jobs.job(provider="")).message
    assert "model" in failure(jobs.job(jobs.step(prompt="a"), provider="openai")).message
    assert "OPENAI_API_KEY" in failure(jobs.job(provider="openai")).message


# -- the cap -------------------------------------------------------------------------------------


def test_under_a_cap_the_length_is_always_limited() -> None:
    with Service(Reply(500)) as service:
        failure(jobs.job(provider="openai", environment=openai(service.url), cap="1.00"))
        failure(jobs.job(provider="openai", environment=openai(service.url), cap="0.01"))
        failure(jobs.job(provider="openai", environment=openai(service.url)))

    lengths = [heard.body.get("max_completion_tokens") for heard in service.heard]
    assert lengths[0] == 4096
    assert 0 < int(lengths[1] or 0) < 1_000
    assert lengths[2] is None


def test_a_cap_that_leaves_too_little_asks_nobody() -> None:
    with Service(Reply(500)) as service:
        failed = failure(jobs.job(provider="openai", environment=openai(service.url), cap="0.0001"))

    assert failed.kind == "cost_cap"
    assert service.heard == []


def test_a_cap_with_a_model_nobody_knows_the_price_of_asks_nobody() -> None:
    step = jobs.step(prompt="Hello.", model="nobody-knows")
    with Service(Reply(500)) as service:
        failed = failure(jobs.job(step, provider="openai", environment=openai(service.url), cap="5"))

    assert failed.kind == "cost_cap"
    assert str(FILE) in failed.message
    assert service.heard == []


def test_an_answer_the_cap_cut_off_is_none(tmp_path: Path) -> None:
    job = scripted(jobs.job(cap="0.0032"), tmp_path, f"- reply: {'word ' * 500}", "gpt-4o: {input: 1, output: 100}")

    failed = failure(job)

    assert failed.kind == "cost_cap"
    assert failed.outcome is not None
    assert failed.outcome.usage.output <= 32


def test_an_answer_longer_than_usual_under_a_cap_is_none_either(tmp_path: Path) -> None:
    long = f"- reply: {'word ' * 5_000}"
    job = scripted(jobs.job(cap="1"), tmp_path, long)

    assert "give the step one" in failure(job).message
    wanted = jobs.step(prompt="Hello.", max_tokens=3)
    assert run(scripted(jobs.job(wanted, cap="1"), tmp_path, long)).details == {"finish": "length"}


def test_the_step_downgrades_when_the_workflow_says_so(tmp_path: Path) -> None:
    step = jobs.step(policy=Policy(fallback_model="small"), prompt="Hello.", model="big")
    flow = jobs.flow(step, limits=Limits(on_cap="downgrade"))
    prices = "big: {input: 1000, output: 1000}\nsmall: {input: 0, output: 1}"
    job = scripted(jobs.job(step, workflow=flow, cap="0.01"), tmp_path, "- reply: ok", prices)

    outcome = run(job)

    calls: Any = job.calls
    assert (outcome.output, outcome.model) == ("ok", "small")
    assert [call[2].get("failed", {}).get("kind") for call in calls.made] == ["cost_cap", None]


@pytest.mark.parametrize(("attempt", "last", "model"), [(1, True, "big"), (2, False, "big"), (3, True, "small")])
def test_the_last_of_several_tries_goes_to_the_fallback(attempt: int, last: bool, model: str) -> None:
    step = jobs.step(policy=Policy(attempts=3, fallback_model="small"), prompt="Hello.", model="big")

    assert run(jobs.job(step, attempt=attempt, last=last)).model == model


@settings(max_examples=30)
@given(
    cap=st.decimals(0, Decimal("0.5"), places=6),
    answers=st.lists(st.integers(1, 400), min_size=1, max_size=20),
    rates=st.tuples(st.integers(0, 50), st.integers(0, 500)),
)
def test_calls_at_the_same_time_never_pass_the_cap(
    cap: Decimal, answers: list[int], rates: tuple[int, int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = tmp_path_factory.mktemp("cap")
    lines = [f"- {{match: 'question {n} ', reply: '{'word ' * size}'}}" for n, size in enumerate(answers)]
    purse = jobs.Money(cap)
    prices = f"gpt-4o: {{input: {rates[0]}, output: {rates[1]}}}"

    async def all_at_once() -> list[Any]:
        made = []
        for n in range(len(answers)):
            step = jobs.step(prompt=f"question {n} of many", model="gpt-4o", max_tokens=300)
            job = scripted(jobs.job(step), place, "\n".join(lines), prices)
            made.append(llm.run(replace(job, purse=purse)))
        return await asyncio.gather(*made, return_exceptions=True)

    ended = asyncio.run(all_at_once())

    assert purse.spent <= cap
    assert purse.held == 0
    assert {end.kind for end in ended if isinstance(end, StepFailed)} <= {"cost_cap"}


def test_fifty_callers_never_pass_the_cap(tmp_path: Path) -> None:
    purse = jobs.Money(Decimal("0.02"))
    job = scripted(jobs.job(), tmp_path, f"- reply: {'word ' * 80}", "gpt-4o: {input: 5, output: 10}")

    async def all_at_once() -> list[Any]:
        return await asyncio.gather(*(llm.run(replace(job, purse=purse)) for _ in range(50)), return_exceptions=True)

    ended = asyncio.run(all_at_once())
    done = [end for end in ended if not isinstance(end, BaseException)]

    assert sum(end.cost for end in done) <= purse.spent <= Decimal("0.02")
    assert 0 < len(done) < 50


# -- JSON ----------------------------------------------------------------------------------------

KIND = {"type": "object", "properties": {"kind": {"type": "string"}}, "required": ["kind"]}


def test_json_is_asked_for_and_checked(tmp_path: Path) -> None:
    step = jobs.step(prompt="Which kind?", model="m", output=KIND)
    job = scripted(jobs.job(step), tmp_path, '- reply: "```json\\n{\\"kind\\": \\"text\\"}\\n```"')

    outcome = run(job)

    calls: Any = job.calls
    assert outcome.output == {"kind": "text"}
    assert "JSON Schema" in calls.made[0][1]["messages"][0]["text"]
    assert calls.made[0][1]["schema"] == KIND


@pytest.mark.parametrize(
    ("reply", "words"),
    [("'no JSON'", "Expecting value"), ("{kind: 5}", "at kind: 5 is not of type"), ("{}", "at the top")],
)
def test_json_that_is_not_what_was_asked_for_fails_the_try(tmp_path: Path, reply: str, words: str) -> None:
    step = jobs.step(prompt="Which kind?", model="m", output=KIND)

    failed = failure(scripted(jobs.job(step), tmp_path, f"- reply: {reply}"))

    assert failed.kind == "unclassified"
    assert words in failed.message
    assert failed.outcome is not None
    assert failed.outcome.usage.output > 0


def test_json_that_was_cut_off_says_so(tmp_path: Path) -> None:
    step = jobs.step(prompt="Which kind?", model="m", output="json", max_tokens=2)

    assert "cut off at max_tokens" in failure(scripted(jobs.job(step), tmp_path, "- reply: {kind: text}")).message


# -- the record ----------------------------------------------------------------------------------


def test_what_was_recorded_is_played_back_with_its_usage(tmp_path: Path) -> None:
    file = tmp_path / "run.jsonl"
    with ScriptedModel([Lane("all", (say("Fine.", usage=Told(1_000, 0, 0, 100)),))]) as model:
        job = jobs.job(provider="openai", environment=openai(model.url))
        first = run(replace(job, means=replace(job.means, record=file)))

    played = jobs.job()
    second = run(replace(played, run="run-2", key="run-2:ask", means=replace(played.means, script=file)))

    assert (second.output, second.usage, second.model) == (first.output, first.usage, first.model)
    assert second.cost == 0  # nobody was asked
    assert "k" not in file.read_text(encoding="utf-8").split('"')  # no key in it
