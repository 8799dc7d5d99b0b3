"""Workflows that start other workflows by name: each is there, and none ends up starting itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agentops_kit.errors import AgentOpsError
from agentops_kit.workflows import find, load
from agentops_kit.workflows.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from agentops_kit.workflows.load import Report
    from agentops_kit.workflows.spec import Step


def report(path: Path, workspace: Path) -> Report:
    """Return what reading a file comes to, with the workflows it starts looked up in the workspace."""
    read = load.report(path)
    if read.workflow is None:
        return read
    problems = tuple(_problems(read.workflow.steps, workspace, (path.resolve(),), set()))
    return replace(read, workflow=None, problems=problems) if problems else read


def started(steps: Iterable[Step]) -> Iterator[tuple[Step, str]]:
    """Yield the steps that start a workflow whose name is written out, and the name; in maps too."""
    for step in steps:
        if step.kind == "workflow" and "{{" not in str(step.settings["ref"]):
            yield step, str(step.settings["ref"])
        if step.kind == "map":
            yield from started(step.settings["steps"])


def _problems(steps: Iterable[Step], workspace: Path, above: tuple[Path, ...], done: set[Path]) -> Iterator[Problem]:
    for step, ref in started(steps):
        try:
            path = find.find(ref, workspace)
            workflow = load.load(path)
        except AgentOpsError as error:
            yield Problem(step.place, error.message, error.remedy or "Mend the workflow it names first.")
            continue
        real = path.resolve()
        if real in above:
            names = " → ".join(one.stem for one in (*above[above.index(real) :], real))
            yield Problem(step.place, f"workflows start each other in a loop: {names}.", "Take one of the steps out.")
        elif real not in done:
            below = _problems(workflow.steps, workspace, (*above, real), done)
            yield from (Problem(step.place, one.message, one.mend) for one in below)
            done.add(real)
