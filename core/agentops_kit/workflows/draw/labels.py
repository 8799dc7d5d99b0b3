"""What a drawing says of a step, and of the way from one step to another; the same in text, SVG and Mermaid."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.workflows.frontier import targets
from agentops_kit.workflows.spec import After, Quorum

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agentops_kit.workflows.spec import Need, Step, When

_SUBJECTS = {
    "llm": "model",
    "persona": "persona",
    "command": "command",
    "explore": "explorer",
    "tool": "tool",
    "function": "function",
    "reduce": "reducer",
    "http": "url",
    "script": "language",
    "wasm": "module",
    "workflow": "ref",
}
"""The setting that tells most of a kind in one word."""
_LONGEST = 40


class Edge(NamedTuple):
    """A way from one step to another; ``word`` is what it waits for when that is not plain success."""

    source: str
    target: str
    when: When
    word: str = ""


def edges(steps: Sequence[Step]) -> tuple[Edge, ...]:
    """Return every way between the steps, in their order, each once."""
    chosen = {(step.id, to): case for step in steps for to, case in _cases(step)}
    found: dict[tuple[str, str], Edge] = {}
    for step in steps:
        for after, word in _ways(step.needs):
            case = chosen.get((after.step, step.id), "")
            said = case or {"failed": "failed", "settled": "end"}.get(after.when, word)
            found.setdefault((after.step, step.id), Edge(after.step, step.id, after.when, said))
    return tuple(found.values())


def _ways(need: Need | None, word: str = "") -> Iterator[tuple[After, str]]:
    if isinstance(need, After):
        yield need, word
    elif need is not None:
        said = word if need.count == len(need.of) else quorum(need)
        for part in need.of:
            yield from _ways(part, said)


def _cases(step: Step) -> Iterator[tuple[str, str]]:
    """Yield the steps a switch may choose, each with the cases that choose it."""
    if step.kind == "switch":
        cases = {**step.settings["cases"], "otherwise": step.settings.get("default") or ()}
        for target in targets(step.settings):
            yield target, ", ".join(case for case, chosen in cases.items() if target in chosen)


def quorum(need: Quorum) -> str:
    """Return how many of some needs are enough."""
    return "any" if need.count == 1 else f"{need.count} of {len(need.of)}"


def subject(step: Step) -> str:
    """Return what a step does in a few words: its kind, and what of that kind."""
    if step.kind == "gate":
        return "a person approves"
    if step.kind == "map":
        inner = ", ".join(one.id for one in step.settings["steps"])
        return short(f"map: {inner}")
    said = str(step.settings.get(_SUBJECTS.get(step.kind, ""), "") or "")
    return short(f"{step.kind} {said}".strip())


def phrase(need: Need | None, phase: str = "") -> str:
    """Return in words what a step waits for, "" when that is the success of all it names."""
    return "" if _plain(need) or need is None else f"after {_words(need, f'{phase}/' if phase else '')}"


def _plain(need: Need | None) -> bool:
    if isinstance(need, Quorum):
        return need.count == len(need.of) and all(_plain(part) for part in need.of)
    return need is None or need.when in {"succeeded", "passed"}


def _words(need: Need, prefix: str) -> str:
    if isinstance(need, After):
        step = need.step.removeprefix(prefix)
        return {"failed": f"{step} failed", "settled": f"the end of {step}"}.get(need.when, step)
    parts = ", ".join(
        f"({_words(part, prefix)})" if isinstance(part, Quorum) else _words(part, prefix) for part in need.of
    )
    return parts if need.count == len(need.of) else f"{'any' if need.count == 1 else need.count} of {parts}"


def choices(step: Step) -> str:
    """Return which steps a switch chooses for which value, "" for other steps."""
    if step.kind != "switch":
        return ""
    cases = {**step.settings["cases"], "otherwise": step.settings.get("default") or ()}
    said = (f"{case} → {', '.join(chosen) or 'nothing'}" for case, chosen in cases.items())
    return f"{short(str(step.settings['on']).strip('{} '))}: {'; '.join(said)}"


def notes(step: Step) -> str:
    """Return what else decides about a step: its condition, choices, tries, time, and whether it may fail."""
    policy = step.policy
    found = [choices(step)] if step.kind == "switch" else []
    found += [f"if {short(step.condition)}"] if step.condition else []
    found += [f"{policy.attempts} tries"] if policy.attempts > 1 else []
    found += [f"{policy.timeout:g} s"] if policy.timeout is not None else []
    found += ["optional"] if policy.optional else []
    found += [f"queue {policy.queue}"] if policy.queue else []
    return ", ".join(found)


def name(step: Step) -> str:
    """Return a step's name inside its phase."""
    return step.id.removeprefix(f"{step.phase}/") if step.phase else step.id


def short(text: str) -> str:
    """Return a text on one line of at most forty characters."""
    plain = " ".join(text.split())
    return plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 1]}…"
