from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agentops_kit.packages import candidate, steps
from tests.support import packages

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "name: pay\ndescription: Pay.\n"


def found(text: str) -> list[steps.Run | steps.Lapse]:
    return list(steps.found(packages.tree({"workflows/pay.yaml": HEAD + text, "skills/x/a.yaml": "tool: no"})))


def test_steps_that_act_are_found_wherever_they_stand() -> None:
    text = """\
phases:
  - name: one
    steps:
      - {name: ask, llm: What now?}
      - {name: send, http: {url: "https://pay.example", method: POST}}
steps:
  - {name: sum, script: {code: "print(1)", network: true, write: out}}
  - name: each
    map: {over: items, steps: [{name: tell, tool: notify}]}
nodes:
  - {id: old, type: tool, tool: legacy}
  - {id: fn, type: function, function: f}
"""

    assert found(text) == [
        steps.Run("pay.yaml: send", "http", "https://pay.example", ()),
        steps.Run("pay.yaml: sum", "script", "print(1)", ("network: True", "write: out")),
        steps.Run("pay.yaml: tell", "tool", "notify", ()),
        steps.Run("pay.yaml: old", "tool", "legacy", ()),
        steps.Run("pay.yaml: fn", "function", "f", ()),
    ]


def test_a_gate_that_lapses_is_found() -> None:
    assert found("steps: [{name: ok, gate: {message: Go?, on_timeout: approve}}]\n") == [steps.Lapse("pay.yaml: ok")]
    assert found("steps: [{name: ok, gate: {message: Go?, on_timeout: fail}}]\n") == []


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("gate: {message: Go?, timeout: 1h, on_timeout: approve}", "approved when nobody answers"),
        ("script: {code: 'print(1)', tier: process}", "outside every sandbox"),
    ],
)
def test_a_package_may_not_loosen_a_workflow(tmp_path: Path, step: str, words: str) -> None:
    texts = packages.files(
        more="workflows: [pay]\nskills: [rounding]",
        **{"workflows__pay.yaml": f"{HEAD}steps: [{{name: ok, {step}}}]\n"},
    )

    assert words in candidate.look(packages.tree(texts), "here", tmp_path).refusals[0]


def test_what_a_workflow_runs_is_told(tmp_path: Path) -> None:
    workflow = f"{HEAD}steps: [{{name: sum, script: {{code: 'print(1)', network: true}}}}]\n"
    texts = packages.files(more="workflows: [pay]\nskills: [rounding]", **{"workflows__pay.yaml": workflow})

    told = candidate.look(packages.tree(texts), "here", tmp_path)

    said = {tuple(one) for one in told.powers}
    assert ("runs in a workflow", "pay.yaml: sum", "script print(1) (network: True)") in said
    assert told.refusals == ()
