from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from agentops_kit.errors import InputInvalid, WorkflowInvalid
from agentops_kit.workflows import forecast, submission
from agentops_kit.workflows.submission import Wish
from tests.support import runs, trees

if TYPE_CHECKING:
    from pathlib import Path

FLOW = """
name: flow
inputs:
  topic: {}
limits: {cost_cap: 0.5}
steps:
  - {name: a, llm: {prompt: "About {{ inputs.topic }}", model: gpt-4o, max_tokens: 100}, retries: 1}
  - {name: pick, switch: {value: "{{ a }}", cases: {x: b}, default: c}}
  - {name: b, llm: {prompt: one, model: gpt-4o}}
  - {name: c, gate: Is it fine?}
  - name: d
    map: {over: "{{ inputs.topic }}", steps: [{name: e, llm: {prompt: "{{ item }}", model: none-such}}]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "flow.yaml").write_text(FLOW, encoding="utf-8")
    return tmp_path


def wish(folder: Path, what: str = "flow.yaml", **more: Any) -> Wish:
    return Wish(str(folder / what), folder, **{"inputs": {"topic": "bees"}, "provider": "scripted", **more})


def test_a_wish_becomes_a_request(folder: Path) -> None:
    made = submission.prepare(wish(folder, max_parallel=2, tenant="t", model="m"), {"K": "v"})
    request = submission.request(made, "key", queue=True)

    assert made.source == FLOW
    assert (made.means.provider, made.means.model, made.means.tenant) == ("scripted", "m", "t")
    assert made.means.settings == {"K": "v"}
    assert not made.means.phases
    assert request.limits is not None
    assert (request.key, request.place, request.limits.max_parallel) == ("key", "queue", 2)


def test_the_provider_is_the_flags_the_files_or_the_environments(folder: Path) -> None:
    environ = {"AGENTOPS_PROVIDER": "ollama", "OPENAI_API_KEY": "k"}
    (folder / "own.yaml").write_text(
        "name: o\nprovider: openai\nsteps: [{name: a, llm: {prompt: x, model: m}}]\n", encoding="utf-8"
    )

    own = [
        submission.prepare(wish(folder, "own.yaml", inputs={}, provider=said), environ, dry=True)
        for said in ("scripted", "")
    ]
    plain = submission.prepare(wish(folder, provider=""), environ, dry=True)

    assert [one.means.provider for one in (*own, plain)] == ["scripted", "openai", "ollama"]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"provider": ""}, "No provider is chosen"),
        ({"provider": "openai"}, "needs OPENAI_API_KEY"),
        ({"assistant": "clippy"}, "no assistant 'clippy'"),
        ({"inputs": {}, "provider": "openai"}, "needs the input topic"),
    ],
)
def test_what_cannot_run_is_refused_before(folder: Path, more: dict[str, Any], says: str) -> None:
    with pytest.raises(InputInvalid, match=says):
        submission.prepare(wish(folder, **more), {})


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"record": "none/there.jsonl"}, r"record .*none/there\.jsonl cannot be written"),
        ({"workspace": "none"}, "workspace .*none is not there"),
    ],
)
def test_places_that_are_not_there_are_refused_before(folder: Path, more: dict[str, str], says: str) -> None:
    places: dict[str, Any] = {name: folder / value for name, value in more.items()}

    with pytest.raises(InputInvalid, match=says):
        submission.prepare(replace(wish(folder), **places), {})

    assert sorted(one.name for one in folder.iterdir()) == ["flow.yaml"]


def test_a_record_that_can_be_written_is_not_made_before_a_call(folder: Path) -> None:
    (folder / "old.jsonl").touch()

    submission.prepare(wish(folder, record=folder / "new.jsonl"), {})
    submission.prepare(wish(folder, record=folder / "old.jsonl"), {})

    assert not (folder / "new.jsonl").exists()


def test_a_broken_file_is_refused(folder: Path) -> None:
    (folder / "bad.yaml").write_text("name: b\nsteps: [{name: a, llm: x, needs: z}]\n", encoding="utf-8")

    with pytest.raises(WorkflowInvalid, match=r"bad\.yaml"):
        submission.prepare(wish(folder, "bad.yaml"), {})


def test_the_texts_of_sub_workflows_are_kept(folder: Path) -> None:
    (folder / "outer.yaml").write_text(
        "name: o\nsteps:\n  - {name: a, workflow: inner.yaml}\n"
        "  - {name: m, map: {over: [1], steps: [{name: b, workflow: inner.yaml}]}}\n",
        encoding="utf-8",
    )
    (folder / "inner.yaml").write_text("name: i\nsteps: [{name: x, llm: {prompt: hi, model: m}}]\n", encoding="utf-8")
    made = submission.prepare(wish(folder, "outer.yaml", inputs={}), {})
    assert list(made.sources) == ["inner.yaml"]

    (folder / "inner.yaml").unlink()

    assert submission.prepare(wish(folder, "outer.yaml", inputs={}), {}).sources == {}
    with pytest.raises(WorkflowInvalid, match="has 2 problems"):
        submission.prepare(wish(folder, "outer.yaml", inputs={}, provider="ollama"), {}, dry=True)


def test_phases_act_in_a_repository_with_a_commit(tmp_path: Path) -> None:
    root = trees.make_repo(tmp_path / "a repo", runs.SOURCE)

    made = submission.prepare(Wish("research-plan-implement", root, {"task": "x"}), {})

    assert made.means.phases
    assert made.means.workspace == root
    assert submission.workspace(tmp_path) == (tmp_path, False)
    assert not submission.prepare(Wish("research-plan-implement", tmp_path, {"task": "x"}, "scripted"), {}).means.phases


def test_with_an_assistant_the_model_is_not_asked_for_personas(tmp_path: Path) -> None:
    root = trees.make_repo(tmp_path / "a repo", runs.SOURCE)
    made = submission.prepare(Wish("research-plan-implement", root, {"task": "x"}, assistant="claude"), {}, dry=True)
    steps = {one.step: one for one in forecast.of(made).steps}

    assert steps["research/code"].does == "claude as code-explorer"
    assert steps["research/merge"].most is None
    assert not any(one.asks for one in steps.values())


# -- the forecast --------------------------------------------------------------------------------


def test_a_forecast_has_order_doer_and_price(folder: Path) -> None:
    seen = forecast.of(submission.prepare(wish(folder, provider="openai"), {}, dry=True))
    steps = {one.step: one for one in seen.steps}

    assert [(one.wave, one.step) for one in seen.steps] == [(1, "a"), (1, "d"), (2, "pick"), (3, "b"), (3, "c")]
    assert steps["a"].tries == 2
    assert steps["a"].does.startswith("asks openai gpt-4o: About {{")
    assert steps["a"].most is not None
    assert steps["b"].most is not None
    assert 0 < steps["a"].most < steps["b"].most
    assert steps["c"].does == "waits for a person"
    assert steps["pick"].most == 0
    assert seen.unpriced == ("d",)
    assert float(seen.most) == seen.as_json()["most"]
    assert seen.as_json()["cost_cap"] == 0.5


def test_what_has_no_price_is_unknown_and_nobody_is_named(folder: Path) -> None:
    seen = forecast.of(submission.prepare(wish(folder, provider=""), {}, dry=True))

    assert "a" in seen.unpriced
    assert "b" in seen.unpriced


def test_the_phases_say_who_does_them(tmp_path: Path) -> None:
    root = trees.make_repo(tmp_path / "a repo", runs.SOURCE)
    made = submission.prepare(Wish("research-plan-implement", root, {"task": "x"}), {})

    does = {one.step: one.does for one in forecast.of(made).steps}

    assert does["research/code"] == "code explorer, without a model"
    assert does["research/merge"] == "agentops research"
    assert does["plan/changes"] == "a person does it (spec-architect)"
    assert forecast.of(made).as_json()["cost_cap"] is None
