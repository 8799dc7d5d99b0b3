"""Files of all dialects, and everything that refuses one."""

from __future__ import annotations

import re
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from agentops_kit.content.library import shipped
from agentops_kit.errors import WorkflowInvalid
from agentops_kit.workflows.load import load, report
from agentops_kit.workflows.spec import After, Input, Limits, Policy, Quorum
from tests.support import source

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.workflows.spec import Step, Workflow

FILES = source.ROOT / "tests/support/workflows"
OURS = sorted((shipped() / "profiles").glob("*/workflows/*.yaml"))


def steps(workflow: Workflow) -> dict[str, Step]:
    return {step.id: step for step in workflow.steps}


def problems(text: str) -> list[str]:
    found = report(dedent(text), "w.yaml")
    assert found.workflow is None
    return [str(problem) for problem in found.problems]


# -- what loads ------------------------------------------------------------------------------------


def test_agents_with_a_dependency_load_unchanged() -> None:
    workflow = load(FILES / "research_summary.yaml")

    researcher, summarizer = workflow.steps
    assert (workflow.name, workflow.dialect, workflow.limits.cost_cap) == ("research_summary", "agents", 1.0)
    assert researcher.settings == {
        "model": "gpt-4o",
        "prompt": "Find top 3 YC Requests for Startups related to AI infrastructure.",
        "context": True,
        "single": False,
    }
    assert summarizer.needs == After("researcher")
    assert summarizer.settings["single"]
    assert summarizer.policy.attempts == 3
    assert str(summarizer.place).endswith("research_summary.yaml:11:5")


def test_parallel_agents_load_unchanged() -> None:
    found = steps(load(FILES / "parallel_data_pipeline.yaml"))

    assert len(found) == 6
    gatherers = tuple(After(f"{name}_gatherer") for name in ("news", "weather", "market"))
    assert found["trend_spotter"].needs == Quorum(3, gatherers)
    assert found["report_beautifier"].needs == Quorum(2, (After("data_analyzer"), After("trend_spotter")))


def test_nodes_and_edges_load_unchanged() -> None:
    workflow = load(FILES / "document_analysis.yaml")

    ingest, analyze = workflow.steps
    assert workflow.inputs == (Input("document_key"),)
    assert ingest.settings == {
        "tool": "s3.fetch",
        "arguments": {"bucket": "documents", "key": "{{ inputs.document_key }}"},
    }
    assert analyze.settings["prompt_ref"] == "document_analyzer@3"
    assert analyze.settings["inputs"] == {"content": "{{ ingest.output }}"}
    assert (analyze.needs, analyze.policy.quality, analyze.policy.sla_ms) == (After("ingest"), "Gold", 30000)


def test_every_form_of_dependency_of_agents() -> None:
    workflow = load(FILES / "every_need.yaml")

    found = steps(workflow)
    assert found["c"].needs == Quorum(2, (After("a"), After("Market Analyst")))
    assert found["d"].needs == Quorum(1, (After("a"), After("c")))
    assert found["e"].needs == Quorum(2, (After("a"), After("c"), After("d")))
    assert found["f"].needs == After("e", "failed")
    either = Quorum(1, (After("e"), Quorum(2, (After("a"), After("d")))))
    assert found["g"].needs == Quorum(3, (After("f", "settled"), either, After("c", "settled")))
    assert found["h"].needs is None
    assert found["a"].settings["prompt"] == 'Do {{ "{{" }}this}} and { that }'
    assert found["a"].policy == Policy(attempts=3, timeout=60.0, fallback_model="small")
    analyst = found["Market Analyst"]
    assert analyst.policy == Policy(attempts=1, timeout=90.0, optional=True, fallback_model="small")
    assert analyst.settings["temperature"] == 0.1
    assert workflow.limits == Limits(cost_cap=1, on_cap="skip", max_parallel=3)


def test_every_kind_of_ours() -> None:
    workflow = load(FILES / "every_kind.yaml")

    found = steps(workflow)
    assert found["fetch"].policy.retry_on == ("rate_limited", "timeout")
    assert (found["fetch"].policy.attempts, found["fetch"].policy.first_wait) == (4, 0.5)
    assert found["fetch"].settings == {"method": "GET", "url": "{{ inputs.url }}"}
    assert found["classify"].needs == After("fetch")
    assert not found["classify"].settings["context"]
    assert found["summary"].settings["context"]
    assert found["versioned"].settings["inputs"] == {"content": "{{ fetch.output }}", "note": "a text"}
    assert found["route"].settings["cases"] == {"bug": ["debug", "tell"], "idea": ["plan"]}
    assert found["debug"].needs == After("route")
    assert found["debug"].settings["task"] == "{{ inputs.task }}"
    assert found["plan"].condition == 'classify.output.size in ["s", "m"]'
    assert found["plan"].needs == After("route")
    assert found["look-up"].settings["arguments"] == {"depth": "{{ inputs.depth }}"}
    assert found["count"].settings["code"] == "print({{1}})"
    assert found["wait"].settings == {
        "message": "Ship {{ summary.output }}?",
        "timeout": 604800.0,
        "on_timeout": "approve",
    }
    assert found["end"].kind == "reduce"
    assert found["rescue-too"].condition == "true"
    assert workflow.outputs == {"answer": "{{ end.output }}", "looks": "{{ each.output }}"}
    assert workflow.inputs[0] == Input("task", None, required=True, description="What the run is for.")
    assert workflow.inputs[1] == Input("url", "https://example.com/page", required=False)
    assert workflow.limits.per_minute == {"openai": 60}
    assert (workflow.provider, workflow.model, workflow.version) == ("openai", "gpt-4o-mini", "1.2")


def test_a_map_repeats_steps_that_read_its_item_and_what_is_outside() -> None:
    each = steps(load(FILES / "every_kind.yaml"))["each"]

    look, rate = each.settings["steps"]
    assert look.settings["prompt"] == "Look at {{ item.name }}, number {{ index }}, of {{ fetch.output }}"
    assert look.needs is None
    assert rate.needs == After("look")
    assert each.needs == Quorum(2, (After("fetch"), After("classify")))
    assert each.settings["output"] == "{{ look.output }}"
    assert (each.settings["max_parallel"], each.settings["on_error"]) == (5, "collect")


def test_every_type_of_node() -> None:
    workflow = load(FILES / "every_node.yaml")

    found = steps(workflow)
    assert found["ingest"].settings["arguments"]["copy"] == "{{ ingest2.output }}"
    assert found["ingest2"].settings == {
        "tool": "s3.fetch",
        "arguments": {"bucket": "other", "key": "{{ inputs.document_key }}"},
    }
    assert found["classify"].settings["prompt"] == (
        'Classify {{ ingest.output }} in {{ inputs.lang }}, {{ "a \\"b\\"" }}'
    )
    assert found["classify"].policy == Policy(
        attempts=3, timeout=30.0, optional=True, fallback_model="s", quality="Gold", sla_ms=1500
    )
    assert found["by_ref"].settings["inputs"] == {"text": "{{ classify.output.label }}"}
    assert (found["by_ref"].policy.attempts, found["by_ref"].policy.longest_wait) == (3, 5.0)
    assert found["text"].policy.timeout == 0.5
    assert found["other"].condition == "false"
    assert found["route"].settings["cases"] == {"a": ["text"], "b": ["image", "other"], "c": []}
    assert found["route2"].settings["cases"] == {"security": ["route2/security"], "other": [], "x": ["text"]}
    assert found["route2/security"].settings == {"ref": "security_review@1", "inputs": {}}
    assert After("route2/default", "passed") in found["merge2"].needs.of  # type: ignore[union-attr]
    one, two = found["each"].settings["steps"]
    assert one.settings["prompt"] == "Look at {{ item }} and {{ item.name }}"
    assert two.needs == After("one")
    assert found["each2"].settings["over"] == "{{ each.output }}"
    assert found["merge3"].settings["reducer"] == "collect"
    assert found["merge2"].settings["reducer"] == "llm"
    assert found["call"].settings["method"] == "POST"
    assert found["code"].settings["code"] == "print('{{ x }}')"
    assert found["wasm"].settings["arguments"] == ["{{ merge.output }}"]
    assert found["child2"].settings == {"ref": "other", "inputs": {"a": 1, "b": [1, "x.y"]}}
    assert workflow.limits == Limits(cost_cap=3.0, max_parallel=5, timeout=600.0)
    assert [one.name for one in workflow.inputs] == ["document_key", "lang"]


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_the_file_that_renders_the_commands_runs_without_an_assistant(path: Path) -> None:
    found = report(path)

    assert not found.problems
    assert not found.warnings
    assert found.workflow is not None
    assert found.workflow.name == path.stem


def test_a_phase_comes_after_the_gate_of_the_one_before() -> None:
    workflow = load(shipped() / "profiles/base/workflows/research-plan-implement.yaml")

    found = steps(workflow)
    assert found["research/code"].needs is None
    assert found["research/gate"].kind == "gate"
    assert found["research/gate"].needs == After("research/merge", "passed")
    assert found["plan/changes"].needs == After("research/gate")
    assert [phase.name for phase in workflow.phases] == ["research", "plan", "implement"]
    assert workflow.phases[0].steps[-1] == "research/gate"
    assert workflow.inputs == (Input("task"),)


def test_phases_without_a_gate_wait_for_their_ends() -> None:
    found = steps(
        load(
            dedent("""
            name: x
            phases:
              - {name: one, gate: none, steps: [{name: a, llm: q}, {name: b, llm: q}]}
              - name: two
                gate: none
                steps:
                  - {name: a, llm: "{{ b.output }}"}
                  - {name: c, llm: "{{ one/a.output }}", needs: one/b}
                  - {name: d, needs: a}
            """)
        )
    )

    ends = (After("one/a", "passed"), After("one/b", "passed"))
    assert found["two/a"].needs == Quorum(2, ends)
    assert found["two/c"].needs == Quorum(2, (After("one/b"), After("one/a", "passed")))
    assert found["two/d"].needs == After("two/a")
    assert found["two/a"].settings["prompt"] == "{{ one/b.output }}"


def test_what_is_read_of_a_step_that_may_still_run_is_waited_for() -> None:
    found = steps(
        load(
            dedent("""
            name: x
            steps:
              - {name: a, llm: q}
              - {name: b, llm: q}
              - {name: c, llm: q, needs: {any: [a, b]}}
              - {name: d, llm: "{{ a.output }}", needs: c}
              - {name: e, llm: "{{ c.output }}", needs: d}
              - {name: f, llm: "{{ b.output }}", if: "e.output == 1"}
            """)
        )
    )

    assert found["d"].needs == Quorum(2, (After("c"), After("a", "settled")))
    assert found["e"].needs == After("d")
    assert found["f"].needs == Quorum(2, (After("b"), After("e")))


def test_a_text_and_its_file_are_the_same_workflow(tmp_path: Path) -> None:
    text = "name: x\nsteps:\n  - {name: a, llm: q}\n"
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())

    assert load(path).digest == load(text).digest
    assert load(path).steps[0].place.line == 3


def test_a_workflow_without_a_name_is_called_as_its_file() -> None:
    assert load("steps: [{name: a, llm: q}]", "flows/nightly.yaml").name == "nightly"


def test_json_is_yaml() -> None:
    assert load('{"name": "x", "steps": [{"name": "a", "llm": "q"}]}').steps[0].id == "a"


def test_anchors_aliases_and_merges_are_read_where_they_stand() -> None:
    text = """
    name: x
    x-base: &base {needs: a, timeout: 5}
    steps:
      - &a {name: a, llm: q}
      - {<<: *base, name: b, llm: r}
      - {<<: [{needs: b, llm: s}, *base], name: c}
    """

    found = steps(load(dedent(text)))

    assert (found["b"].needs, found["b"].policy.timeout) == (After("a"), 5.0)
    assert (found["c"].needs, found["c"].settings["prompt"], found["c"].policy.timeout) == (After("b"), "s", 5.0)


def test_the_examples_of_the_guide_load() -> None:
    guide = (source.ROOT / "docs/WORKFLOWS.md").read_text(encoding="utf-8")
    examples = [text for text in re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL) if not text.startswith("#")]

    assert len(examples) == 2
    for text in examples:
        found = report(text)
        assert not found.problems + found.warnings


@pytest.mark.parametrize(("guide", "whole"), [("SANDBOX", 1), ("MODELS", 1), ("HEADLESS", 1)])
def test_the_examples_of_the_other_guides_load(guide: str, whole: int) -> None:
    text = (source.ROOT / f"docs/{guide}.md").read_text(encoding="utf-8")
    examples = [one for one in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if one.startswith("name: ")]

    assert len(examples) == whole
    for one in examples:
        found = report(one)
        assert not found.problems + found.warnings


def test_a_step_that_reads_its_own_inputs_by_their_names() -> None:
    found = steps(load("steps: [{name: a, llm: '{{ t.x }} {{ n }}', inputs: {t: inputs.text, n: 3}}]"))

    assert found["a"].settings["prompt"] == '{{ inputs.text.x }} {{ "3" }}'


def test_what_is_no_reference_stays_text() -> None:
    found = steps(load("steps: [{name: a, llm: q, inputs: {f: input.csv, g: 'a, b', h: x.y, i: '{{ inputs.k }}'}}]"))
    nodes = steps(load("name: x\nnodes: [{id: a, type: llm, config: {prompt: 'a {{ b c }} {{'}}]"))
    agents = steps(load("name: x\nagents: [{name: a, model: m, task: '{{ inputs.x }} {{ a b }} {{ run.id }}'}]"))

    assert found["a"].settings["inputs"] == {"f": "input.csv", "g": "a, b", "h": "x.y", "i": "{{ inputs.k }}"}
    assert nodes["a"].settings["prompt"] == 'a {{ "{{" }} b c }} {{ "{{" }}'
    assert agents["a"].settings["prompt"] == '{{ inputs.x }} {{ "{{" }} a b }} {{ run.id }}'


def test_a_condition_may_stand_in_braces() -> None:
    found = steps(load("steps: [{name: a, llm: q}, {name: b, llm: q, if: '${{ a.output == 1 }}'}]"))

    assert found["b"].condition == "a.output == 1"


def test_a_file_that_cannot_be_read_is_a_report(tmp_path: Path) -> None:
    found = report(tmp_path / "none.yaml")

    assert "the file cannot be read" in str(found.problems[0])


# -- what does not ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "steps:\n- {name: a, needs: b}\n- {name: b, needs: c}\n- {name: c, needs: a}",
            "2:13: steps wait for each other",
        ),
        ("name: x\nsteps: [{name: a}, {name: a}]", "2:21: the step `a` stands twice, first in line 2."),
        ("name: x\nsteps: [{name: a, needs: a}]", "2:19: the step `a` waits for itself."),
        ("name: x\nsteps: [{name: a, llm: '{{ a.output }}'}]", "2:9: the step `a` reads its own output."),
        ("name: x\nsteps: [{name: abc}, {name: b, needs: abd}]", "2:32: there is no step `abd`. Did you mean `abc`?"),
        (
            "name: x\nsteps: [{name: a}, {name: b, llm: '{{ ab.output }}'}]",
            "`ab.output` names nothing here. Did you mean",
        ),
        ("name: x\nsteps: [{name: a}, {name: b, llm: '{{ a.title }}'}]", "Write `a.output.title`."),
        ("name: x\nsteps: [{name: a, llm: '{{ a'}]", "2:19: a `{{` is not closed"),
        ("name: x\nsteps: [{name: a, llm: '{{ a b }}'}]", "`{{ a b }}` is not a reference: it does not read as"),
        ("name: x\nsteps: [{name: a, llm: q, if: 'x +'}]", "`x +` is not a condition: `+` is not understood"),
        ("name: x\nsteps: [{name: a, needed: b}]", "`steps[1].needed` is not a known key. Did you mean `needs`?"),
        ("name: x\nsteps: [{name: a, retries: -1}]", "`steps[1].retries` is -1. Write a whole number from 0 to 100."),
        (
            "name: x\nsteps: [{name: a, retries: 1.5}]",
            "is 1.5. Write a whole number from 0 to 100 or a mapping with `times`.",
        ),
        ("name: x\nsteps: [{name: a, timeout: soon}]", "is 'soon'. Write seconds, or a time such as"),
        ("name: x\nsteps: [{name: a, timeout: 0}]", "is 0. Write a number above 0."),
        (
            "name: x\nsteps: [{name: a, llm: q, persona: p}]",
            "`steps[1].persona` stands beside `llm`. Keep one of them.",
        ),
        ("name: x\nsteps: [{name: a, llm: {model: m}}]", "lacks `prompt` or `prompt_ref`"),
        ("name: x\nsteps: [{name: a, llm: {prompt: 3}}]", "`steps[1].llm.prompt` is 3. Write a text."),
        ("name: x\nsteps: [{name: a, optional: maybe}]", "is 'maybe'. Write yes or no."),
        ("name: x\nsteps: [{name: a, explore: cod}]", "is 'cod'. Did you mean `code`?"),
        ("name: x\nsteps: [{name: a, needs: {any: []}}]", "`steps[1].needs.any` is empty. Add at least one."),
        (
            "name: x\nsteps: [{name: a}, {name: b, needs: {at_least: 3, of: [a]}}]",
            "`at_least` is 3, but only 1 are named.",
        ),
        ("name: x\nsteps: [{name: a}, {name: b, needs: [a, a]}]", "`a` stands twice among the needs."),
        ("name: x\nsteps: [{name: a}, {name: b, needs: {some: [a]}}]", "is a mapping. Write a text or a list or"),
        ("name: x\nsteps: [{name: inputs}]", "`inputs` means something else in templates"),
        ("name: x\nsteps: []", "`steps` is empty"),
        (
            "name: x\nsteps: [{name: m, map: {over: nope.output, steps: [{name: a}]}}]",
            "`nope.output` names nothing here.",
        ),
        (
            "name: x\ninputs: []\nsteps: [{name: a, llm: '{{ inputs.b }}'}]",
            "there is no input `b`. There are no inputs.",
        ),
        (
            "name: x\nsteps: [" + ", ".join(f"{{name: s{n}}}" for n in range(20)) + ", {name: b, needs: zz}]",
            "Steps: b, s0, s1, s10, s11, s12, s13, s14, s15, s16, s17, s18, ….",
        ),
        ("name: x\nsteps: [{}]", "`steps[1]` lacks `name`"),
        ("name: x\nsteps:", "`steps` is empty. Write a list."),
        ("name: x\nstps: [{name: a}]", "the file has no steps. Did you mean `steps`?"),
        ("name: x\nfoo: 1", "the file has no steps. Add `steps:`"),
        ("- a", "the file is not a mapping of keys to values"),
        ("name: x\nsteps: [{name: a}]\nagents: []", "3:1: `steps`, `agents` belong to different kinds"),
        ("name: x\nsteps: [{name: a}]\nphases: [{name: p, steps: [{name: a}]}]", "`phases` stands beside `steps`"),
        ("name: X y\nsteps: [{name: a}]", "1:1: `name` is 'X y'. Write lower-case words joined by hyphens."),
        ("name: " + "x" * 65 + "\nsteps: [{name: a}]", "`name` has 65 characters. Keep it to 64."),
        ("name: x\ninputs: [a]\nsteps: [{name: s, llm: '{{ inputs.b }}'}]", "there is no input `b`. Inputs: a."),
        ("name: x\nsteps: [{name: a}]\noutputs: {y: text}", "3:11: the output `y` reads nothing."),
        ("name: x\nsteps: [{name: a}]\noutputs: {y: b.output}", "`b.output` names nothing here."),
        ("name: x\nsteps: [{name: s, switch: {value: inputs.x, cases: {a: b}}}]", "there is no step `b`."),
        (
            "name: x\nsteps: [{name: m, map: {over: inputs.l, steps: [{name: a, needs: b}, {name: b, needs: a}]}}]",
            "in a loop: a → b → a",
        ),
        ("name: x\nphases: [{name: p, steps: [{name: gate}]}]", "a step is named `gate`, as the phase's own gate is."),
        (
            "name: x\nphases: [{name: p, steps: [{name: a}]}, {name: p, steps: [{name: b}]}]",
            "the phase `p` stands twice",
        ),
        ("name: x\nagents: [{name: a, model: m}]", "`agents[1]` lacks `task`"),
        ("name: x\nagents: [{name: a, model: m, task: t, depend_on: b}]", "Did you mean `depends_on`?"),
        (
            "name: x\npolicies: {retry: 1}\nagents: [{name: a, model: m, task: t}]",
            "2:12: `policies.retry` is not a known key. Did you mean `retries`?",
        ),
        ("name: x\nagents: [{name: a, model: m, task: t}, {name: a, model: m, task: t}]", "the agent `a` stands twice"),
        ("name: x\nnodes: [{id: a, type: lm}]", "`nodes[1].type` is 'lm'. Did you mean `llm`?"),
        ("name: x\nnodes: [{id: a, type: llm}]", "the node `a` lacks `prompt` in its config."),
        ("name: x\nnodes: [{id: a, type: tool}]", "the node `a` lacks `tool_name` in its config."),
        ("name: x\nnodes: [{id: a, type: script}]", "the node `a` lacks `code` in its config."),
        ("name: x\nnodes: [{id: a, type: switch}]", "the node `a` lacks `cases` in its config."),
        (
            "name: x\nnodes: [{id: a, type: switch, config: {cases: {}}}]",
            "the node `a` lacks `switch_on` in its config.",
        ),
        ("name: x\nnodes: [{id: a, type: map}]", "the node `a` lacks `sub_dag` in its config."),
        (
            "name: x\nnodes: [{id: a, type: map, config: {sub_dag: {nodes: []}}}]",
            "`nodes[1].config.sub_dag.nodes` is empty",
        ),
        (
            "name: x\nnodes: [{id: a, type: map, nodes: [{id: b, type: llm, config: {prompt: q}}]}]",
            "lacks `iterate_over`",
        ),
        ("name: x\nnodes: [{id: a, type: reduce}]\nedges: [{from: a, to: b}]", "3:19: there is no step `b`."),
        ("name: x\nnodes: [{id: a, type: reduce}]\nedges: [{from: a, to: a}]", "3:9: the step `a` waits for itself."),
        ("name: x\nnodes: [{id: a, type: reduce}, {id: a, type: reduce}]", "the node `a` stands twice"),
        ("name: x\nnodes: [{id: a, type: reduce, inputs: {x: b.output}}]", "`b.output` names nothing here."),
        (
            "name: x\nnodes: [{id: a, type: llm, config: {prompt: '{{ t }}'}, inputs: {t: 'x {{ y }}'}}]",
            "the step's input `t` is more than one reference",
        ),
        (
            "name: x\nnodes: [{id: a, type: reduce}, {id: b, type: reduce}]\nedges: [{from: [a, b], to: [b, a]}]",
            "the step `a` waits for itself",
        ),
    ],
)
def test_a_mistake_has_its_place_and_mend(text: str, expected: str) -> None:
    found = problems(text)

    assert any(expected in one for one in found), found
    assert all(re.match(r"w\.yaml:\d+:\d+: .+[.?`)] .+", one) for one in found)


def test_all_mistakes_are_said_at_once_in_the_order_of_the_file() -> None:
    found = problems("""\
        name: Bad Name
        steps:
          - {name: a, llm: "x {{ b.output }}", nedes: b}
          - {name: b, llm: "{{ zzz.output }}", needs: [a, q], retries: many}
          - {name: b, persona: Foo, command: x}
        """)

    assert [one.split(" ", 1)[0].removeprefix("w.yaml:") for one in found] == (
        "1:1: 3:5: 3:40: 4:15: 4:51: 4:55: 5:6: 5:15: 5:29:".split()
    )
    assert "in a loop: a → b → a" in found[1]


def test_several_loops_are_each_shown() -> None:
    found = problems("""\
        name: x
        agents:
          - {name: a, model: m, task: t, depends_on: b}
          - {name: b, model: m, task: t, depends_on: a}
          - {name: c, model: m, task: t, depends_on: e}
          - {name: d, model: m, task: t, depends_on: c}
          - {name: e, model: m, task: t, depends_on: d}
        """)

    assert [one.split("loop: ")[1].split(".")[0] for one in found] == ["a → b → a", "c → d → e → c"]


def test_a_loop_made_by_what_is_read_is_a_loop() -> None:
    found = problems("name: x\nsteps: [{name: a, llm: '{{ b.output }}'}, {name: b, llm: '{{ a.output }}'}]")

    assert found == ["w.yaml:2:9: steps wait for each other in a loop: a → b → a. Take one of these needs out."]


def test_a_refusal_says_how_many_problems_there_are() -> None:
    with pytest.raises(WorkflowInvalid, match="The workflow w has 2 problems, so nothing was run") as caught:
        load("name: x\nsteps: [{name: a, needs: [b, c]}]", "w")

    assert len(caught.value.problems) == 2
    assert caught.value.exit_status == 2


def test_hundreds_of_problems_are_cut() -> None:
    with pytest.raises(WorkflowInvalid) as caught:
        load("name: x\nsteps:\n" + "".join(f"  - {{name: s{n}, needs: no{n}}}\n" for n in range(60)))

    assert caught.value.problems[-1] == "and 10 more"


def test_what_is_probably_not_meant_is_a_warning() -> None:
    found = report(
        dedent("""
        name: x
        inputs: [read, unread]
        steps: [{name: a, llm: "{{ inputs.read }}"}, {name: b, llm: q}]
        outputs: {a: a.output}
        """)
    )
    typo = report("name: x\nnodes: [{id: a, type: llm, config: {prompt: q, temprature: 1}}]")

    assert [one.message for one in found.warnings] == [
        "nothing reads the input `unread`.",
        "nobody reads the output of `b`.",
    ]
    assert typo.warnings[0].mend == "Did you mean `temperature`?"
    assert typo.workflow is not None
    assert typo.workflow.steps[0].settings["temprature"] == 1


@pytest.mark.parametrize("kind", ["map: {over: [1], steps: [{name: b, llm: hi}]}", "workflow: other"])
@pytest.mark.parametrize("key", ["retries: 2", "timeout: 5"])
def test_what_would_do_nothing_is_refused(kind: str, key: str) -> None:
    with pytest.raises(WorkflowInvalid) as caught:
        load(f"name: x\nsteps:\n  - name: a\n    {key}\n    {kind}\n", "f.yaml")

    assert f"`{key.partition(':')[0]}` does nothing on a {kind.partition(':')[0]} step" in caught.value.problems[0]
