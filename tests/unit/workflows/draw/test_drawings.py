"""Drawings of a workflow: what they show, and that no name of a step can break one."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentops_kit.content.library import shipped
from agentops_kit.errors import InputInvalid
from agentops_kit.workflows.draw import labels, layers, mermaid, svg, text
from agentops_kit.workflows.draw.order import ordered, ranks
from agentops_kit.workflows.frontier import needed
from agentops_kit.workflows.load import load
from agentops_kit.workflows.spec import After, Place, Quorum, Step, Workflow
from tests.support import source

FILES = sorted((source.ROOT / "tests/support/workflows").glob("*.yaml"))
PLAN = shipped() / "profiles/base/workflows/research-plan-implement.yaml"
SVG = "{http://www.w3.org/2000/svg}"
HERE = Place("w", 1, 1)


def of(*steps: Step) -> Workflow:
    return Workflow("flow", "", steps, HERE, "", "agentops")


def step(name: str, *after: str) -> Step:
    need = Quorum(len(after), tuple(After(one) for one in after)) if after else None
    return Step(name, "llm", {}, HERE, need)


def test_a_diamond_in_a_terminal() -> None:
    drawing = text.draw(of(step("a"), step("b", "a"), step("c", "a"), step("d", "b", "c")))

    assert drawing == ("flow  (4 steps)\n●   a  llm\n├─╮\n● │ b  llm\n│ ● c  llm\n├─╯\n●   d  llm\n")


def test_lines_are_cut_to_the_width_of_a_terminal() -> None:
    drawing = text.draw(of(step("a"), step("b" * 50, "a")), 20)

    assert max(len(line) for line in drawing.splitlines()) == 20
    assert "bbb…" in drawing


def test_phases_gates_and_lanes_of_a_whole_workflow() -> None:
    drawing = text.draw(load(PLAN))

    assert "── research" in drawing
    assert re.search(r"◆ +gate +a person approves", drawing)
    assert "│ ● documents      persona doc-explorer" in drawing
    assert "╭─┤" in drawing


def test_what_a_step_waits_for_is_said_in_words_when_it_is_not_the_success_of_all() -> None:
    drawing = text.draw(load(source.ROOT / "tests/support/workflows/every_kind.yaml"))

    assert "after any of debug, plan" in drawing
    assert "after each failed" in drawing
    assert "after 2 of sign, wait, the end of tell, (merged, count)" in drawing
    assert "classify.output.kind: bug → debug, tell; idea → plan; otherwise → plan" in drawing
    assert "4 tries, 30 s" in drawing
    assert "optional" in drawing
    assert "queue gpu" in drawing


def test_a_very_wide_workflow_is_a_list_with_names() -> None:
    wide = [step(f"s{n}", "first") for n in range(40)]

    drawing = text.draw(of(step("first"), *wide, step("last", *(one.id for one in wide))))

    assert "← first" in drawing
    assert "← s0, s1, s2, s3, s4, s5 and 34 more" in drawing
    assert "│" not in drawing


def test_a_very_wide_workflow_keeps_its_phases() -> None:
    wide = [replace(step(f"p/s{n}", "p/first"), phase="p") for n in range(40)]

    drawing = text.draw(of(replace(step("p/first"), phase="p"), *wide))

    assert "── p" in drawing
    assert "s39" in drawing


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_is_drawn_in_every_way(path: object) -> None:
    workflow = load(path)  # type: ignore[arg-type]

    assert all(labels.name(one) in text.draw(workflow) for one in workflow.steps)
    picture = ET.fromstring(svg.draw(workflow))
    assert len(picture.findall(f".//{SVG}g")) == len(workflow.steps)
    chart = mermaid.draw(workflow).splitlines()
    assert chart[0] == "flowchart TB"
    assert sum(" -->" in line or " -.->" in line for line in chart) == len(labels.edges(workflow.steps))


def test_a_picture_says_what_it_shows() -> None:
    picture = ET.fromstring(svg.draw(load(PLAN)))
    words = [one.text for one in picture.iter(f"{SVG}text")]
    tips = [one.text for one in picture.iter(f"{SVG}title")]

    assert picture.get("aria-label") == "research-plan-implement: 12 steps"
    assert {"research-plan-implement", "research", "code", "persona code-explorer"} <= set(words)
    assert "research/gate: a person approves." in tips


def test_a_picture_of_thousands_is_refused() -> None:
    with pytest.raises(InputInvalid, match="has 601 steps"):
        svg.draw(of(*(step(f"s{n}") for n in range(601))))


def test_mermaid_shows_phases_shapes_and_words() -> None:
    chart = mermaid.draw(load(PLAN))
    kinds = mermaid.draw(load(source.ROOT / "tests/support/workflows/every_kind.yaml"))

    assert '  subgraph ps1["research"]' in chart
    assert '{{"gate<br/>a person approves"}}' in chart
    assert re.search(r's\d+ -\.->\|"failed"\| s\d+', kinds)
    assert re.search(r's\d+ -->\|"idea, otherwise"\| s\d+', kinds)


def test_what_a_need_says_inside_its_phase() -> None:
    need = Quorum(2, (After("p/a"), Quorum(1, (After("p/b"), After("c")))))

    assert labels.phrase(need, "p") == "after a, (any of b, c)"
    assert labels.phrase(Quorum(1, (After("a"),))) == ""


NAMES = st.text(st.characters(exclude_characters="/", exclude_categories=("Cs", "Cc")), min_size=1, max_size=20)


@settings(max_examples=100, deadline=None)
@given(st.lists(NAMES, min_size=2, max_size=4, unique=True))
def test_no_name_breaks_a_drawing(names: list[str]) -> None:
    steps = [step(names[0]), *(step(one, names[0]) for one in names[1:])]

    ET.fromstring(svg.draw(of(*steps)))
    text.draw(of(*steps))
    for line in mermaid.draw(of(*steps)).splitlines()[1:]:
        assert re.fullmatch(r'  s\d+(\["[^"<>\]{}|\\]*<br/>[^"<>\]{}|\\]*"\]| --> s\d+)', line), line


@st.composite
def graphs(draw: st.DrawFn) -> list[Step]:
    steps: list[Step] = []
    for number in range(draw(st.integers(1, 12))):
        before = [one.id for one in steps]
        after = draw(st.lists(st.sampled_from(before), unique=True, max_size=3)) if before else []
        steps.append(step(f"s{number}", *after))
    return draw(st.permutations(steps))


@settings(max_examples=100, deadline=None)
@given(graphs())
def test_no_step_stands_before_or_beside_what_it_needs(steps: list[Step]) -> None:
    places = {one.id: number for number, one in enumerate(ordered(steps))}
    rank = ranks(steps)
    layout = layers.place(steps)

    for one in steps:
        for before in needed(one.needs):
            assert places[before] < places[one.id]
            assert rank[before] < rank[one.id]
    for layer in range(layout.deep):
        columns = sorted(layout.columns[one.id] for one in steps if layout.layers[one.id] == layer)
        assert all(right - left >= 0.999 for left, right in pairwise(columns))
    assert len(text.draw(of(*steps)).splitlines()) >= len(steps) + 1
