"""A workflow file, whichever dialect it is written in, into one ``Workflow``, or into every problem it has."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from agentops_kit.errors import WorkflowInvalid
from agentops_kit.workflows import source as sources
from agentops_kit.workflows.log import Log
from agentops_kit.workflows.problems import Problem, near
from agentops_kit.workflows.spec import Workflow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agentops_kit.workflows.source import Source

Dialect = Literal["agentops", "agents", "nodes"]
_READERS: Mapping[Dialect, str] = {
    "agentops": "agentops_kit.workflows.dialects.ours",
    "agents": "agentops_kit.workflows.dialects.agents",
    "nodes": "agentops_kit.workflows.dialects.nodes",
}
_MARKS: Mapping[str, Dialect] = {
    "steps": "agentops",
    "phases": "agentops",
    "agents": "agents",
    "nodes": "nodes",
    "dag": "nodes",
}
_MOST_SHOWN = 50


@dataclass(frozen=True)
class Report:
    """What reading a file came to; there is a workflow exactly when there is no problem."""

    workflow: Workflow | None
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()


def load(source: Path | str, where: str = "") -> Workflow:
    """Return the workflow of a file (a ``Path``) or of a text (a ``str``, called ``where``).

    Raises ``WorkflowInvalid`` with every problem, each with its place and mend.
    """
    found = report(source, where)
    if found.workflow is None:
        raise refusal(found.problems, where or str(source if isinstance(source, Path) else "workflow"))
    return found.workflow


def refusal(problems: tuple[Problem, ...], where: str) -> WorkflowInvalid:
    """Return the error that says all the problems of a file."""
    shown = [str(problem) for problem in problems[:_MOST_SHOWN]]
    if len(problems) > _MOST_SHOWN:
        shown.append(f"and {len(problems) - _MOST_SHOWN} more")
    count = "a problem" if len(problems) == 1 else f"{len(problems)} problems"
    return WorkflowInvalid(f"The workflow {where} has {count}, so nothing was run.", problems=tuple(shown))


def report(source: Path | str, where: str = "") -> Report:
    """Return the workflow of a file or text with its warnings, or its problems in the file's order."""
    try:
        text: bytes | str = sources.read(source) if isinstance(source, Path) else source
        read = sources.parse(text, where or (str(source) if isinstance(source, Path) else "workflow"))
    except sources.Unreadable as error:
        return Report(None, (error.problem,))
    return _reported(read, text)


def _reported(read: Source, text: bytes | str) -> Report:
    log = Log(read, list(read.problems))
    dialect = _dialect(read, log)
    values = _well_shaped(read, dialect, log) if dialect else None
    workflow = _built(values, dialect, text, log) if dialect and values is not None else None
    if log.problems or workflow is None:
        return Report(None, _sorted(log.problems))
    return Report(workflow, warnings=_sorted(log.warnings))


def _sorted(problems: list[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(dict.fromkeys(problems), key=lambda problem: (problem.place.line, problem.place.column)))


def _dialect(read: Source, log: Log) -> Dialect | None:
    values = read.values
    if not isinstance(values, dict):
        log.problem((), "the file is not a mapping of keys to values.", "Write `name:` and `steps:`.")
        return None
    said = [key for key in values if key in _MARKS]
    dialects = {_MARKS[key] for key in said}
    if len(dialects) == 1:
        return dialects.pop()
    if said:
        others = ", ".join(f"`{key}`" for key in said)
        log.problem((said[1],), f"{others} belong to different kinds of workflow file.", "Keep one of them.")
    else:
        guess = next((near(key, _MARKS, "keys") for key in values if near(key, _MARKS, "").startswith("Did")), "")
        mend = guess or "Add `steps:` (or `phases:`, `agents:`, `nodes:`)."
        log.problem((), "the file has no steps.", mend)
    return None


def _well_shaped(read: Source, dialect: Dialect, log: Log) -> dict[str, Any] | None:
    """Return the values with what is out of shape written down and taken out, None when too little is left.

    The rest is read on, so that a misspelt key does not hide a loop.
    """
    from agentops_kit.content.workflow_shape import CHECKER, DIALECTS

    values = cast("dict[str, Any]", read.values)
    lacks = list(CHECKER.check(DIALECTS[dialect], values))
    for lack in lacks:
        log.problem(lack.path, f"{lack}.", lack.mend)
    if not lacks:
        return values
    rest = _without(values, {lack.path for lack in lacks})
    return None if any(CHECKER.check(DIALECTS[dialect], rest)) else rest


def _without(value: Any, paths: set[tuple[str | int, ...]], at: tuple[str | int, ...] = ()) -> Any:
    if isinstance(value, dict):
        return {key: _without(one, paths, (*at, key)) for key, one in value.items() if (*at, key) not in paths}
    if isinstance(value, list):
        return [_without(one, paths, (*at, number)) for number, one in enumerate(value)]
    return value


def _plain(text: bytes | str) -> str:
    """Return a text that is the same however the file was read: no byte order mark, line feeds alone as line ends."""
    said = text if isinstance(text, str) else text.decode("utf-8", "replace")
    return said.removeprefix("\ufeff").replace("\r\n", "\n")


def _built(values: dict[str, Any], dialect: Dialect, text: bytes | str, log: Log) -> Workflow:
    import hashlib

    parts = import_module(_READERS[dialect]).read(values, log)
    return Workflow(
        name=values.get("name") or Path(log.source.where).stem,
        description=values.get("description", ""),
        steps=parts.steps,
        place=log.place(()),
        digest=hashlib.sha256(_plain(text).encode("utf-8", "surrogatepass")).hexdigest(),
        dialect=dialect,
        version=str(values.get("version", "")),
        inputs=parts.inputs,
        outputs=parts.outputs,
        phases=parts.phases,
        limits=parts.limits,
        provider=parts.provider,
        model=parts.model,
    )
