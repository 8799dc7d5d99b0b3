"""What the workspace says beside the task's words: a pure function from what was seen to bonuses with reasons."""

from __future__ import annotations

from typing import NamedTuple

_STRONG, _MODERATE, _SLIGHT = 0.9, 0.8, 0.7
"""What the intelligent-routing pattern gives: tasks at hand .9, a spec at hand .8, nothing yet .7."""
_STANDING = 1.2
"""How much a signal of 1 adds to a score, in standard deviations; words that fit well outweigh it."""
_KINDS = {
    "tests": ("test-generator", "validate"),
    "docs": ("doc-explorer",),
    "infrastructure": ("risk-assessor",),
}
_AFTER = {"research": "plan", "plan": "implement", "implement": "validate", "validate": "learn", "prime": "research"}


class Signals(NamedTuple):
    """What was seen of a workspace.

    ``phase`` is the active run's, empty without one; ``approved`` whether its artefact is approved; ``has_spec`` and
    ``has_tasks`` whether a spec.md or tasks.md is at hand; ``changed`` the kinds of files changed (tests, docs,
    infrastructure, code); ``last`` the command that the run last saw.
    """

    phase: str = ""
    approved: bool = False
    has_spec: bool = False
    has_tasks: bool = False
    clean: bool = True
    changed: tuple[str, ...] = ()
    last: str = ""


class Bonus(NamedTuple):
    """What a signal gives a candidate, from 0 to 1, and why."""

    id: str
    value: float
    reason: str


def bonuses(seen: Signals) -> tuple[Bonus, ...]:
    """Return what each signal gives; the strongest of several for one candidate counts."""
    found = [*_of_run(seen), *_of_files(seen), *_of_tree(seen)]
    best: dict[str, Bonus] = {}
    for one in found:
        if one.id not in best or one.value > best[one.id].value:
            best[one.id] = one
    return tuple(best.values())


def extra(found: tuple[Bonus, ...]) -> dict[str, float]:
    """Return what the bonuses add to the scores."""
    return {one.id: _STANDING * one.value for one in found}


def _of_run(seen: Signals) -> list[Bonus]:
    if seen.phase == "plan" and seen.approved:
        return [Bonus("implement", _STRONG, "the plan is approved")]
    if seen.phase == "research" and seen.approved:
        return [Bonus("plan", _MODERATE, "the research is approved")]
    if seen.phase in {"implement", "quick"}:
        done = [Bonus("validate", _MODERATE, f"a run is in phase {seen.phase} and files changed")]
        return [Bonus("implement", _SLIGHT, f"a run is in phase {seen.phase}"), *([] if seen.clean else done)]
    if seen.phase in {"research", "plan"}:
        return [Bonus("approve", _SLIGHT / 2, f"the {seen.phase} waits for approval")]
    following = _AFTER.get(seen.last)
    return [Bonus(following, _SLIGHT / 2, f"the last command was {seen.last}")] if following else []


def _of_files(seen: Signals) -> list[Bonus]:
    if seen.phase:
        return []  # the run says more than files that lie about
    if seen.has_tasks:
        return [Bonus("implement", _STRONG, "tasks.md is at hand")]
    if seen.has_spec:
        return [Bonus("plan", _MODERATE, "spec.md is at hand, without tasks.md")]
    return [Bonus("research", _SLIGHT / 2, "the tree is clean and nothing is planned yet")] if seen.clean else []


def _of_tree(seen: Signals) -> list[Bonus]:
    return [
        Bonus(one, _SLIGHT / 2, f"{kind} changed")
        for kind in seen.changed
        for one in _KINDS.get(kind, ())
        if not seen.clean
    ]


def kind_of(path: str) -> str:
    """Return what kind of file a path is: tests, docs, infrastructure or code."""
    lower = f"/{path.lower()}"
    name = lower.rpartition("/")[2]
    if "/test" in lower or name.startswith("test_") or ".test." in name or ".spec." in name or "_test." in name:
        return "tests"
    if name.endswith((".md", ".rst", ".adoc", ".txt")):
        return "docs"
    if name.startswith(("dockerfile", "docker-compose")) or name.endswith((".tf", ".yml", ".yaml", ".hcl")):
        return "infrastructure"
    return "code"
