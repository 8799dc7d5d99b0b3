"""Recorded runs do again what they did, and a record that was changed is named at the step where it was."""

from __future__ import annotations

import json
import random
import sys
import time
from dataclasses import replace
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from agentops_kit.errors import InputInvalid, WorkflowInvalid
from agentops_kit.workflows import load
from agentops_kit.workflows.engine.engine import Engine
from agentops_kit.workflows.engine.submit import Request
from agentops_kit.workflows.history import export, forking, held, replaying
from agentops_kit.workflows.history.diff import differences
from agentops_kit.workflows.history.record import Record, text
from agentops_kit.workflows.steps.base import Means
from tests.support.loopback import Loopback

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCRIPT = {
    "answers": [
        {"match": {"text": "unsteady"}, "failure": "server", "tries": 1},
        {"match": {"text": "hopeless"}, "failure": "refused", "message": "never"},
    ]
}
WORDS = ("bees", "unsteady", "rivers", "hopeless", "moss", "unsteady", "clouds", "salt")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with Engine.open(tmp_path / "runs.db") as opened:
        yield opened


def flow(seed: int) -> str:
    """Return a workflow made by chance: asked models, tools, maps, joins and ways that are not taken."""
    chance = random.Random(seed)  # noqa: S311 - the same every time
    steps: list[dict[str, Any]] = []
    for number in range(chance.randint(3, 7)):
        step: dict[str, Any] = {"name": f"s{number}", **_does(chance)}
        before = [one["name"] for one in steps]
        if before and chance.random() < 0.8:
            step["needs"] = _needs(chance, before)
        step["optional"] = chance.random() < 0.5
        tried = step["map"]["steps"][0] if "map" in step else step
        tried["retries"] = {"times": 2, "wait": 0.001, "longest_wait": 0.001}
        steps.append(step)
    return yaml.safe_dump({"name": f"flow-{seed}", "inputs": {"topic": {"default": seed}}, "steps": steps})


def _does(chance: random.Random) -> dict[str, Any]:
    word = chance.choice(WORDS)
    kinds: list[dict[str, Any]] = [
        {"llm": {"prompt": f"Tell me of {word} and {{{{ inputs.topic }}}}.", "model": "m"}},
        {"llm": {"prompt": f"Sum up {word}.", "model": "m", "context": True}},
        {"tool": {"name": "shop.fetch", "arguments": {"key": word}}},
        {
            "map": {
                "over": ["a", "b", word],
                "steps": [{"name": "inner", "llm": {"prompt": "On {{ item }}.", "model": "m"}}],
            }
        },
        {"reduce": {"reducer": "collect"}},
        {"function": {"name": "shop.price", "arguments": {"of": word}}},
        {"http": {"url": f"https://shop.invalid/{word}", "method": "POST", "body": {"word": word}}},
        {"wasm": {"module": f"{word}.wasm"}},
        {"script": {"file": f"{word}.py"}},
    ]
    return chance.choice(kinds)


def _needs(chance: random.Random, before: list[str]) -> Any:
    some = chance.sample(before, chance.randint(1, min(3, len(before))))
    return chance.choice([some, {"any": some}, some[0], {"at_least": 1, "of": some}])


def recorded(engine: Engine, source: str, script: Path) -> Record:
    """Run a workflow on the scripted model and return its record, through an exported file."""
    workflow = load.load(source, "flow.yaml")
    run = engine.submit(Request(workflow, source, Means(script.parent, "scripted", script=script, settings={})))
    engine.drive(run)
    found = held.load(engine.ledger.engine, run)
    return export.read(export.document(found), "record")


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "script.yaml"
    path.write_text(yaml.safe_dump(SCRIPT), encoding="utf-8")
    return path


def proven(engine: Engine, script: Path, seeds: range) -> int:
    """Replay a run of each seed and return how many steps ended in them; each must give the same bytes."""
    steps = 0
    for seed in seeds:
        record = recorded(engine, flow(seed), script)
        script.write_text("answers: []\n", encoding="utf-8")
        again = replaying.within(engine, record, {})
        script.write_text(yaml.safe_dump(SCRIPT), encoding="utf-8")
        assert again.same, (seed, [str(one) for one in again.differences])
        assert text(dict(again.record.outputs)) == text(dict(record.outputs))
        assert {one.key: text(one.output) for one in again.record.steps} == {
            one.key: text(one.output) for one in record.steps
        }
        steps += len(record.steps)
    return steps


def test_a_few_recorded_runs_replay_byte_for_byte(engine: Engine, script: Path) -> None:
    assert proven(engine, script, range(5)) >= 15


@pytest.mark.heavy
def test_a_hundred_recorded_runs_replay_byte_for_byte(engine: Engine, script: Path) -> None:
    assert proven(engine, script, range(100, 200)) >= 300


# -- changed records -----------------------------------------------------------------------------


def mutated(record: Record, chance: random.Random) -> tuple[Record, tuple[str, int | None]]:
    """Return a record with one thing changed, and the step and item it was changed at."""
    ended = [one for one in record.steps if one.status in {"succeeded", "failed", "skipped"}]
    tries = {one.key: one.attempts for one in ended if one.status == "succeeded"}
    # which needs were met first is recorded of every step, but read by few
    asked = [one for one in record.calls if one.kind != "needs" and one.attempt == tries.get(one.key)]
    way = chance.choice(["output", "status", "usage", "cost", "request", "answer", "answer"])
    if way in {"request", "answer"} and asked:
        call = chance.choice(asked)
        changed = replace(call, **{way: _changed(getattr(call, way), chance)})
        return replace(record, calls=tuple(changed if one is call else one for one in record.calls)), call.key
    done = chance.choice(ended)
    values: dict[str, Any] = {
        "status": {"status": "failed" if done.status != "failed" else "succeeded"},
        "usage": {"usage": {**done.usage, "input": 999}},
        "cost": {"cost": Decimal("0.123")},
    }
    fields = values.get(way, {"output": _changed(done.output, chance)})
    return replace(
        record, steps=tuple(replace(one, **fields) if one is done else one for one in record.steps)
    ), done.key


def _changed(value: Any, chance: random.Random) -> Any:
    """Return JSON with one leaf that speaks of what was said changed."""
    if isinstance(value, dict) and value:
        said = [name for name in ("text", "prompt", "messages", "arguments") if name in value]
        name = said[0] if said else chance.choice(sorted(value))
        return {**value, name: _changed(value[name], chance)}
    if isinstance(value, list) and value:
        at = chance.randrange(len(value))
        return [_changed(one, chance) if number == at else one for number, one in enumerate(value)]
    return f"{value}!" if isinstance(value, str) else [value, "!"]


def named(engine: Engine, script: Path, seeds: range) -> list[tuple[int, str]]:
    """Return the seeds whose change was not named first, with what was."""
    missed = []
    for seed in seeds:
        chance = random.Random(seed)  # noqa: S311 - the same every time
        record = recorded(engine, flow(seed), script)
        changed, key = mutated(record, chance)
        found = replaying.within(engine, changed, {}).differences
        if not found or (found[0].step, found[0].item) != tuple(key):
            missed.append((seed, f"{key}: {found[0] if found else 'nothing'}"))
    return missed


def test_a_few_changed_records_are_named_at_their_step(engine: Engine, script: Path) -> None:
    assert named(engine, script, range(5)) == []


@pytest.mark.heavy
def test_a_hundred_changed_records_are_named_at_their_step(engine: Engine, script: Path) -> None:
    assert named(engine, script, range(1000, 1100)) == []


# -- steps that reach out ------------------------------------------------------------------------

REACHING = """
name: reaching
steps:
  - {name: counted, tool: {name: count, arguments: {of: bees}}}
  - {name: priced, function: {name: price, arguments: {of: 3}}}
  - {name: named, script: {code: "import os; print(os.getpid())", tier: process}}
  - {name: asked, http: {url: "http://ADDRESS/count", method: POST, body: {of: "{{ steps.counted.output }}"}}}
  - {name: unknown, tool: {name: nobody}, optional: true}
"""
PRICE = "import os\n\n\ndef price(of):\n    return [of, os.getpid()]\n"
COUNT = "import json, os, sys; json.dump([json.load(sys.stdin)['arguments'], os.getpid()], sys.stdout)"


class Counter(BaseHTTPRequestHandler):
    """Answers each request with another number."""

    number = 0

    def do_POST(self) -> None:
        type(self).number += 1
        body = json.dumps({"number": self.number, "key": self.headers["Idempotency-Key"]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    with Loopback(ThreadingHTTPServer(("127.0.0.1", 0), Counter)) as server:
        yield server.address


def test_tools_functions_scripts_and_addresses_are_not_asked_again(
    engine: Engine, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = tmp_path / "workspace"
    (workspace / ".agentops").mkdir(parents=True)
    (workspace / "shop.py").write_text(PRICE)
    runtime = {
        "hosts": [address],
        "functions": {"price": "shop:price"},
        "tools": {"count": [sys.executable, "-c", COUNT]},
        "processes": True,
    }
    (workspace / ".agentops/config.yaml").write_text(json.dumps({"runtime": runtime}))
    source = REACHING.replace("ADDRESS", address)
    run = engine.submit(Request(load.load(source, "r.yaml"), source, Means(workspace, "openai", settings={})))
    engine.drive(run)
    record = held.load(engine.ledger.engine, run)
    asked = Counter.number
    monkeypatch.chdir(tmp_path)  # no configuration names anything here

    again = replaying.within(engine, record, {})

    assert {one.key.step: one.status for one in record.steps} == {
        **dict.fromkeys(("counted", "priced", "named", "asked"), "succeeded"),
        "unknown": "failed",
    }
    assert again.same, [str(one) for one in again.differences]
    assert {one.key: text(one.output) for one in again.record.steps} == {
        one.key: text(one.output) for one in record.steps
    }
    assert (asked, Counter.number) == (1, 1)


# -- other ends ----------------------------------------------------------------------------------

OUTER = """
name: outer
steps:
  - {name: each, map: {over: [a, b], steps: [{name: one, workflow: inner, inputs: {topic: "{{ item }}"}}]}}
  - {name: alone, workflow: inner, inputs: {topic: c}}
"""
INNER = """
name: inner
inputs: {topic: {}}
steps:
  - {name: ask, llm: {prompt: "On {{ inputs.topic }}", model: m}}
"""


def test_sub_workflows_are_part_of_the_record(engine: Engine, script: Path) -> None:
    request = Request(load.load(OUTER, "o.yaml"), OUTER, Means(script.parent, "scripted", settings={}))
    run = engine.submit(replace(request, sources={"inner": INNER}))
    assert engine.drive(run).status == "succeeded"
    record = held.load(engine.ledger.engine, run, events=True)

    asked = {str(one.key) for one in record.calls}

    assert asked == {"each/one[0]>ask", "each/one[1]>ask", "alone>ask"}
    assert "alone>ask" in {one.step for one in record.events}
    assert replaying.within(engine, record, {}).same
    calls = tuple(
        replace(one, answer={**one.answer, "text": "other"}) if str(one.key) == "each/one[1]>ask" else one
        for one in record.calls
    )
    found = replaying.within(engine, replace(record, calls=calls), {}).differences
    assert str(found[0]).startswith("step each/one[1]>ask, output")


def test_a_run_that_waits_is_replayed_as_far_as_it_went(engine: Engine, script: Path) -> None:
    source = (
        "name: g\nsteps:\n  - {name: a, llm: {prompt: hi, model: m}}\n  - {name: ok, gate: Fine?, needs: a}\n"
        "  - {name: b, llm: {prompt: ho, model: m}, needs: ok}\n"
    )
    record = recorded(engine, source, script)
    assert record.status == "waiting"

    assert replaying.within(engine, record, {}).same
    changed = replace(record, steps=tuple(replace(one, output="x") for one in record.steps))
    assert [one.step for one in replaying.within(engine, changed, {}).differences] == ["a"]


def test_a_record_whose_workflow_is_refused_says_so(engine: Engine, script: Path) -> None:
    record = recorded(engine, flow(1), script)

    with pytest.raises(WorkflowInvalid, match=f"The workflow in the record of {record.id} is refused"):
        replaying.within(engine, replace(record, source="name: x\n"), {})
    with pytest.raises(InputInvalid, match="There is no run 'nope'"):
        held.load(engine.ledger.engine, "nope")


# -- ways to an end that the record has to tell ---------------------------------------------------


def replayed(engine: Engine, run: str) -> replaying.Replayed:
    """Replay a run from the file it is exported to."""
    record = held.load(engine.ledger.engine, run, events=True)
    return replaying.within(engine, export.read(export.document(record), "record"), {})


def submitted(engine: Engine, source: str, script: Path, **more: Any) -> str:
    means = Means(script.parent, "scripted", script=script, settings={})
    return engine.submit(Request(load.load(source, "flow.yaml"), source, means, **more))


def same(again: replaying.Replayed) -> bool:
    assert again.same, [str(one) for one in again.differences]
    return True


LATE_GATE = """
name: late
steps:
  - {name: ok, gate: {message: Fine?, timeout: 0.01, on_timeout: ANSWER}}
  - {name: say, llm: {prompt: "{{ ok.output.reason }}", model: m}, needs: ok}
"""
SLOW = """
name: slow
steps:
  - {name: s, llm: {prompt: slowly, model: m}, timeout: 0.1, retries: {times: 1, wait: 0.001}}
  - {name: say, llm: {prompt: Go on, model: m}, needs: {failed: s}}
"""
HURRIED = """
name: hurried
limits: {timeout: 0.5}
steps:
  - {name: a, llm: {prompt: first, model: m}}
  - {name: b, llm: {prompt: slowly, model: m}, needs: a}
  - {name: c, llm: {prompt: last, model: m}, needs: b}
"""
NAMED = "name: own\nsteps:\n  - {name: a, llm: {prompt: 'In {{ run.id }}', model: m}}\n"
WIDE = """
name: wide
steps:
  - name: each
    map:
      over: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]
      max_parallel: 3
      steps: [{name: s, llm: {prompt: "Item {{ item }}.", model: m}}]
"""
SLOWLY = {
    "answers": [
        {"match": "slowly", "latency": 5, "reply": "done"},
        {"match": "Item 4", "latency": 0.15, "failure": "refused"},
        {"match": "Item", "latency": 0.01, "reply": "done"},
    ]
}


@pytest.fixture
def slowly(tmp_path: Path) -> Path:
    path = tmp_path / "slowly.yaml"
    path.write_text(yaml.safe_dump(SLOWLY), encoding="utf-8")
    return path


@pytest.mark.parametrize(("answer", "end"), [("approve", "succeeded"), ("fail", "failed")])
def test_a_gate_whose_time_was_up_is_replayed(engine: Engine, slowly: Path, answer: str, end: str) -> None:
    run = submitted(engine, LATE_GATE.replace("ANSWER", answer), slowly)
    assert engine.drive(run).status == "waiting"
    time.sleep(0.02)
    engine.resume(run)

    assert engine.drive(run).status == end

    assert same(replayed(engine, run))


@pytest.mark.parametrize(("source", "end"), [(SLOW, "succeeded"), (HURRIED, "failed"), (WIDE, "failed")])
def test_what_ran_out_of_time_or_stopped_half_way_is_replayed(
    engine: Engine, slowly: Path, source: str, end: str
) -> None:
    run = submitted(engine, source, slowly)

    assert engine.drive(run).status == end

    assert same(replayed(engine, run))


def test_a_replay_bears_the_name_of_its_run(engine: Engine, slowly: Path) -> None:
    run = submitted(engine, NAMED, slowly)
    engine.drive(run)

    assert same(replaying.replay(held.load(engine.ledger.engine, run), {}))


def test_a_run_that_met_its_cap_is_replayed_to_where_it_came(engine: Engine, slowly: Path, tmp_path: Path) -> None:
    (tmp_path / ".agentops").mkdir()
    (tmp_path / ".agentops/prices.yaml").write_text("dear: {input: 1000, output: 1000}\n", encoding="utf-8")
    body = WIDE.replace("model: m", "model: dear, max_tokens: 50").replace("Item 4", "Fine")
    run = submitted(engine, body.replace("steps:\n", "limits: {cost_cap: 0.3}\nsteps:\n", 1).replace("4,", ""), slowly)

    assert engine.drive(run).status == "cost_capped"

    assert same(replayed(engine, run))


def test_a_fork_is_whole_and_replays(engine: Engine, script: Path) -> None:
    outer = OUTER + '  - {name: last, llm: {prompt: "{{ each.output }} {{ inputs.end }}", model: m}}\n'
    outer = outer.replace("steps:\n", "inputs: {end: {default: so}}\nsteps:\n", 1)
    run = submitted(engine, outer, script, sources={"inner": INNER})
    assert engine.drive(run).status == "succeeded"
    record = held.load(engine.ledger.engine, run)

    forked = engine.submit(
        forking.request(
            record,
            forking.of_run(engine.ledger.engine, run, {}),
            forking.Wish("last", {"end": "other"}),
        )
    )
    assert engine.drive(forked).status == "succeeded"

    found = held.load(engine.ledger.engine, forked)
    assert found.kept == ("each", "alone")
    assert {one.key for one in found.steps} == {one.key for one in record.steps}
    assert len(found.calls) == len(record.calls)
    assert {one.step for one in differences(record, found)} == {"", "last"}
    assert same(replayed(engine, forked))


def test_an_exported_run_goes_on_from_a_step_elsewhere(engine: Engine, script: Path, tmp_path: Path) -> None:
    run = submitted(engine, OUTER, script, sources={"inner": INNER})
    engine.drive(run)
    record = export.read(export.document(held.load(engine.ledger.engine, run)), "record")

    with Engine.open(tmp_path / "elsewhere/runs.db") as other:
        request = forking.request(record, forking.of_file(record, tmp_path, {}), forking.Wish("alone"))
        forked = other.submit(request)
        assert other.drive(forked).status == "succeeded"
        found = held.load(other.ledger.engine, forked)

    assert (found.kept, found.fork_of) == (("each",), run)
    assert {one.key for one in found.steps} == {one.key for one in record.steps}


def test_what_was_asked_before_a_retry_stays_in_the_record(engine: Engine, script: Path) -> None:
    source = """
name: again
steps:
  - name: each
    map: {over: [bees, hopeless], on_error: collect, steps: [{name: s, llm: {prompt: "{{ item }}", model: m}}]}
  - {name: end, llm: {prompt: "hopeless", model: m}}
"""
    run = submitted(engine, source, script)
    assert engine.drive(run).status == "failed"
    script.write_text("answers: []\n", encoding="utf-8")

    engine.retry(run)
    assert engine.drive(run).status == "succeeded"

    record = held.load(engine.ledger.engine, run)
    assert [one.attempt for one in record.calls if one.key.step == "end"] == [-1, 1]
    collected = {str(one.key): one.status for one in record.steps if one.key.item is not None}
    assert collected == {"each/s[0]": "succeeded", "each/s[1]": "failed"}
    assert same(replayed(engine, run))
