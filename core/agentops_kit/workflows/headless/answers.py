"""What is asked of a model in a phase, and what is taken from its answer: pure functions of texts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentops_kit.workflows.spec import Json

FINDINGS = ("Answer", "Constraints", "Open questions")
"""The sections of a research bundle that somebody has to fill."""

_DIFF = re.compile(r"^(?P<fence>`{3,})(?:diff|patch)\s*\n(?P<text>.*?)^(?P=fence)\s*$", re.DOTALL | re.MULTILINE)
_WRAPPED = re.compile(
    r"\A\s*(?P<fence>`{3,})(?:markdown|md)?\s*\n(?P<text>.*)^(?P=fence)\s*\Z", re.DOTALL | re.MULTILINE
)


def to_answer(task: str, bundle: str) -> str:
    """Return the question that fills a research bundle."""
    headings = "\n".join(f"## {name}" for name in FINDINGS)
    return (
        f"Task: {task}\n\nBelow is what was found in the repository. Write three sections under exactly these "
        f"headings and nothing else:\n\n{headings}\n\nAnswer the task in a few sentences, each claim with path:line. "
        "Constraints: what a change must respect, each with where that is said. Open questions: what only a person "
        f"can decide, or none.\n\n{bundle}"
    )


def to_plan(task: str, draft: str) -> str:
    """Return the question that fills a plan."""
    return (
        f"Task: {task}\n\nBelow is a plan with open slots. Return the whole plan with every slot filled: "
        "keep the headings and tables as they are, they are read by a program. Copy each Before text from the file.\n\n"
        f"{draft}"
    )


def to_change(task: str, plan: str) -> str:
    """Return the question that carries a plan out without an assistant's tools."""
    return (
        f"{task}\n\nCarry out exactly this:\n\n{plan}\n\nAnswer with one unified diff in a fenced block marked "
        "`diff`, with paths relative to the root of the repository as `a/…` and `b/…`, and nothing else."
    )


def with_findings(body: str, answer: str) -> str:
    """Return a research bundle's body with its open sections filled from an answer.

    An answer without the headings that were asked for is the answer to the task as a whole.
    """
    from agentops_kit.bundles.sections import split

    given = {one.title: one.below.strip() for one in split(answer, 2) if one.title in FINDINGS}
    filled = given or {FINDINGS[0]: answer.strip()}
    parts = []
    for one in split(body, 2):
        text = filled.get(one.title, "")
        heading = one.text.partition("\n")[0]
        parts.append(f"{heading}\n{text}\n\n" if text else one.text)
    return "".join(parts).rstrip() + "\n"


def plan_in(answer: str) -> str:
    """Return the plan in an answer, from its title or first section on; empty when it has no section of a plan."""
    found = _WRAPPED.match(answer)
    text = found["text"] if found else answer
    start = re.search(r"^# |^## Changes\s*$", text, re.MULTILINE)
    has = re.search(r"^## Changes\s*$", text, re.MULTILINE)
    return text[start.start() :].rstrip() + "\n" if start and has else ""


def diffs(value: Json) -> Iterator[str]:
    """Yield the unified diffs in a step's output: under ``diff`` in a mapping, in fenced blocks of a text."""
    if isinstance(value, str):
        yield from (found["text"] for found in _DIFF.finditer(value))
    elif isinstance(value, dict):
        if isinstance(value.get("diff"), str) and value["diff"].strip():
            yield value["diff"].rstrip("\n") + "\n"
        else:
            for inner in value.values():
                yield from diffs(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from diffs(inner)
