"""A workflow as a Mermaid flowchart, for a README or a pull request."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from agentops_kit.workflows.draw import labels
from agentops_kit.workflows.draw.order import ordered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentops_kit.workflows.spec import Step, Workflow

_SHAPES = {"gate": ("{{", "}}"), "switch": ("{", "}"), "map": ("[[", "]]"), "workflow": ("[[", "]]")}
_DOTTED = frozenset(("failed", "settled"))


def draw(workflow: Workflow) -> str:
    """Return the chart; steps are named ``s1``, ``s2``, … so that no name of a step can break it."""
    steps = ordered(workflow.steps)
    ids = {step.id: f"s{number}" for number, step in enumerate(steps, 1)}
    lines = ["flowchart TB"]
    for phase, inside in groupby(steps, key=lambda step: step.phase):
        lines.extend(_nodes(phase, list(inside), ids))
    for edge in labels.edges(workflow.steps):
        arrow = "-.->" if edge.when in _DOTTED else "-->"
        said = f'|"{_escaped(edge.word)}"|' if edge.word else ""
        lines.append(f"  {ids[edge.source]} {arrow}{said} {ids[edge.target]}")
    return "\n".join(lines) + "\n"


def _nodes(phase: str, steps: list[Step], ids: dict[str, str]) -> Iterator[str]:
    if phase:
        yield f'  subgraph p{ids[steps[0].id]}["{_escaped(phase)}"]'
    for step in steps:
        left, right = _SHAPES.get(step.kind, ("[", "]"))
        label = f"{_escaped(labels.name(step))}<br/>{_escaped(labels.subject(step))}"
        yield f'  {"  " if phase else ""}{ids[step.id]}{left}"{label}"{right}'
    if phase:
        yield "  end"


def _escaped(text: str) -> str:
    """Write what Mermaid or HTML would read as more than text in Mermaid's own entities."""
    return "".join(letter if letter.isalnum() or letter in " .,:;/_-=?@+…→" else f"#{ord(letter)};" for letter in text)
