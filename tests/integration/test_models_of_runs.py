"""Runs of the real command line against services on loopback: keys, prices, caps, tries, records."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.script import Lane, fail, say
from tests.support.script import Usage as Told
from tests.support.scripted_model import ScriptedModel

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.heavy

SEED = """\
name: research_summary
description: Simple two-agent workflow example
policies:
  retries: 2
  cost_cap: {cap}

agents:
  - name: researcher
    model: gpt-4o
    task: "Find top 3 YC Requests for Startups related to AI infrastructure."
  - name: summarizer
    model: gpt-4o-mini
    depends_on: researcher
    task: "Summarize the researcher's findings in 100 words."
"""
FINDINGS = say("Three findings.", usage=Told(1_000, 0, 0, 100))
SUMMARY = say("One summary.", usage=Told(1_000, 0, 0, 100))
LANES = (Lane("find", (FINDINGS,), {"first_user": "^Find top 3"}), Lane("sum", (SUMMARY,)))


@dataclass(frozen=True)
class Done:
    status: int
    out: str
    err: str


def agentops(folder: Path, *arguments: str, **around: str) -> Done:
    command = [sys.executable, "-m", "agentops_kit", *arguments]
    env = {**os.environ, **around}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=120)
    return Done(done.returncode, done.stdout, done.stderr)


def workflow(folder: Path, cap: str = "1.00") -> str:
    (folder / "seed.yaml").write_text(SEED.format(cap=cap), encoding="utf-8")
    return "seed.yaml"


def azure(url: str) -> dict[str, str]:
    return {
        "AZURE_GPT5_KEY": "k3y-of-ours",
        "AZURE_GPT5_ENDPOINT": url,
        "AZURE_GPT5_VERSION": "2024-02-15-preview",
        "AZURE_GPT5_DEPLOYMENT": "your-deployment-name",
    }


def newest(folder: Path) -> Any:
    """Return the newest run as the command line tells it."""
    return json.loads(agentops(folder, "runs", "list", "--json").out)[0]


def test_the_seeds_example_runs_on_the_seeds_variables(tmp_path: Path) -> None:
    file = workflow(tmp_path)
    with ScriptedModel(LANES) as model:
        done = agentops(tmp_path, "run", file, **azure(model.url))

    assert done.status == 0, done.err
    assert "One summary." in done.out
    assert "Context from dependency:\nThree findings." in model.requests[1].text
    assert [request.body["model"] for request in model.requests] == ["your-deployment-name"] * 2
    # 1,000 in and 100 out, of gpt-4o and of gpt-4o-mini: what the steps name, for the deployment's name says nothing
    assert Decimal(str(newest(tmp_path)["cost"])) == Decimal("0.0035") + Decimal("0.00021")


def test_a_missing_variable_is_one_sentence_and_no_run(tmp_path: Path) -> None:
    file = workflow(tmp_path)
    around = azure("http://127.0.0.1:9")
    del around["AZURE_GPT5_KEY"]

    done = agentops(tmp_path, "run", file, **around)

    assert done.status == 2
    assert done.err.count("error AOK-") == 1
    assert "AZURE_GPT5_KEY" in done.err
    assert "There are no runs yet" in agentops(tmp_path, "runs", "list").err


def test_a_cap_stops_the_run_before_the_call_that_would_pass_it(tmp_path: Path) -> None:
    file = workflow(tmp_path, "0.0035")
    with ScriptedModel(LANES) as model:
        done = agentops(tmp_path, "run", file, **azure(model.url))

    told = newest(tmp_path)
    assert done.status == 10
    assert [request.lane for request in model.requests] == ["find"]
    assert told["status"] == "cost_capped"
    assert Decimal(str(told["cost"])) <= Decimal("0.0035")


def test_a_failing_service_is_tried_again_and_its_key_is_nowhere(tmp_path: Path) -> None:
    file = workflow(tmp_path)
    (tmp_path / "seed.yaml").write_text(
        SEED.format(cap="1.00").replace("gpt-4o\n", "openai:gpt-4o\n"), encoding="utf-8"
    )
    lanes = (Lane("find", (fail(500), FINDINGS), {"first_user": "^Find top 3"}, in_order=True), Lane("sum", (SUMMARY,)))
    with ScriptedModel(lanes) as model:
        around = {"OPENAI_API_KEY": "k3y-of-ours", "OPENAI_BASE_URL": f"{model.url}/v1", **azure(model.url)}
        done = agentops(tmp_path, "run", file, "--record", "record.jsonl", **around)

    assert done.status == 0, done.err
    assert [request.lane for request in model.requests] == ["find", "find", "sum"]
    held = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"Three findings." in held
    assert b"k3y-of-ours" not in held + done.out.encode() + done.err.encode()


def test_a_record_plays_the_run_again_without_a_service(tmp_path: Path) -> None:
    file = workflow(tmp_path)
    with ScriptedModel(LANES) as model:
        first = agentops(tmp_path, "run", file, "--record", "record.jsonl", **azure(model.url))
    again = agentops(tmp_path, "run", file, "--provider", "scripted", "--script", "record.jsonl")
    (tmp_path / "seed.yaml").write_text(SEED.format(cap="1.00").replace("top 3", "top 4"), encoding="utf-8")
    other = agentops(tmp_path, "run", file, "--provider", "scripted", "--script", "record.jsonl")

    assert (again.status, again.out) == (0, first.out)
    assert newest(tmp_path)["status"] == "failed"
    assert other.status == 1
    assert "holds no answer to this request" in other.err
