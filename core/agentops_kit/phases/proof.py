"""Done is proven: which items of a plan the recorded evidence carries, and why the others are open.

Pure functions of values. An item is a change or a test of the approved plan; a tick that a
person or a model typed counts for nothing here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from agentops_kit.phases.plans import lines

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from agentops_kit.ids import TreeId
    from agentops_kit.phases.plans import Plan, Test
    from agentops_kit.phases.record import Evidence, Run

STOP_AFTER = 2
"""Runs in a row that a command may fail as planned before the work stops for a person."""
_SHOWN = 5
_TICK = re.compile(
    r"^\s*(?:(?:[-*+]|\d+[.)])\s+\[[xX]\]|(?:[-*+]|\d+[.)]|#{1,6})?\s*[✓✔☑✅]|\|\s*(?:\[[xX]\]|[✓✔☑✅])\s*\|)\s*(?P<rest>.*)$"
)
_TRAILING = re.compile(r"^\s*(?:#{1,6}|[-*+]|\d+[.)])\s+(?P<rest>.*?)\s*(?:\[[xX]\]|[✓✔☑✅])\s*$")


@dataclass(frozen=True)
class Item:
    """One thing a plan promises: a change of ``name`` (a path) or a check, whose ``name`` is its command."""

    kind: Literal["change", "check"]
    number: int
    name: str
    expected: str = ""

    @property
    def label(self) -> str:
        """How the item is called in a sentence."""
        return f"change {self.number} ({self.name})" if self.kind == "change" else f"check `{self.name}`"


@dataclass(frozen=True)
class Verdict:
    """Whether evidence carries an item; ``why`` completes "… because it"."""

    item: Item
    proven: bool
    why: str


def items(plan: Plan, extra: Sequence[Test] = ()) -> tuple[Item, ...]:
    """Return a plan's items in its order: the changes, then the checks, then those given beside it."""
    changes = [Item("change", number, change.path) for number, change in enumerate(plan.changes, 1)]
    return (*changes, *checks((*plan.tests, *extra)))


def checks(tests: Iterable[Test]) -> tuple[Item, ...]:
    """Return the items of validation commands; a command named twice is one item."""
    once = {test.command: test for test in tests}
    return tuple(Item("check", number, test.command, test.expected) for number, test in enumerate(once.values(), 1))


def latest(evidence: Iterable[Evidence]) -> dict[str, Evidence]:
    """Return the newest evidence of each command, by command."""
    return {one.command: one for one in evidence}


def judge(
    wanted: Iterable[Item],
    evidence: Iterable[Evidence],
    *,
    tree: TreeId,
    touched: Collection[str],
    since: Mapping[TreeId, Sequence[str]] | None = None,
) -> tuple[Verdict, ...]:
    """Return a verdict for each item on a tree.

    ``touched`` names the paths that differ from where implementation began, ``since`` for a tree
    of older evidence the paths that changed after it.
    """
    newest = latest(evidence)
    given = tuple(wanted)
    proofs = {one: _check(one, newest.get(one.name), tree, since or {}) for one in given if one.kind == "check"}
    all_hold = bool(proofs) and all(proof.proven for proof in proofs.values())
    return tuple(proofs.get(one) or _change(one, touched, all_hold=all_hold) for one in given)


def unproven(verdicts: Iterable[Verdict]) -> tuple[str, ...]:
    """Return one sentence for each item that no evidence carries."""
    return tuple(f"{one.item.label[0].upper()}{one.item.label[1:]} {one.why}." for one in verdicts if not one.proven)


def failing(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Return the newest evidence of the commands that have failed twice or more in a row as planned."""
    return tuple(one for one in latest(evidence).values() if one.attempt >= STOP_AFTER)


def hand_ticked(text: str, verdicts: Sequence[Verdict]) -> tuple[str, ...]:
    """Return a sentence for each tick in a markdown text that no evidence carries."""
    found = []
    for number, (line, kind) in enumerate(lines(text.splitlines()), 1):
        tick = (_TICK.match(line) or _TRAILING.match(line)) if kind == "text" else None
        if tick is None:
            continue
        named = [one for one in verdicts if _names(tick["rest"], one.item)]
        open_items = [one for one in named if not one.proven]
        said = " ".join(tick["rest"].split())[:80]
        if not named:
            found.append(f"Line {number} ticks “{said}”, which names no item of the plan.")
        found += [f"Line {number} ticks {one.item.label} by hand, but it {one.why}." for one in open_items]
    return tuple(found)


def closed_without(run: Run, commands: Iterable[str] = ()) -> tuple[str, ...]:
    """Return why a run that says it is done is not proven by its own record; empty when it is, or is not done.

    ``commands`` are the validation commands of its approved plan, where they are known.
    """
    if run.phase != "done":
        return ()
    note = next((one.note for one in reversed(run.history) if one.event == "closed"), "")
    tree = note.removeprefix("tree ").strip()
    standing = latest(one for one in run.evidence if tree and one.tree.startswith(tree))
    if not any(one.holds for one in standing.values()):
        return (f"Run {run.id} is closed without evidence for the tree it was closed on.",)
    return tuple(
        f"Run {run.id} is closed, but check `{command}` {_why_not(standing.get(command))} on that tree."
        for command in commands
        if command not in standing or not standing[command].holds
    )


def _check(item: Item, found: Evidence | None, tree: TreeId, since: Mapping[TreeId, Sequence[str]]) -> Verdict:
    if found is None or not found.holds:
        return Verdict(item, proven=False, why=_why_not(found))
    if found.expected != item.expected:
        return Verdict(item, proven=False, why=f"ran when {found.expected!r} was expected of it")
    if found.tree != tree:
        return Verdict(item, proven=False, why=f"has stale evidence of {found.at}: {_drift(since.get(found.tree))}")
    return Verdict(item, proven=True, why=f"exited with {found.exit_status} at {found.at}")


def _why_not(found: Evidence | None) -> str:
    if found is None:
        return "never ran"
    if found.void:
        return found.void
    return f"exited with {found.exit_status} and did not do what was expected ({found.expected or 'exit 0'})"


def _drift(paths: Sequence[str] | None) -> str:
    if not paths:
        return "files changed since"
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return f"{', '.join(paths[:_SHOWN])}{more} changed since"


def _change(item: Item, touched: Collection[str], *, all_hold: bool) -> Verdict:
    if not any(path == item.name or (item.name.endswith("/") and path.startswith(item.name)) for path in touched):
        return Verdict(
            item, proven=False, why="is not made: no commit and no edit touches it since implementation began"
        )
    if not all_hold:
        return Verdict(item, proven=False, why="is made, but no full set of checks proves it")
    return Verdict(item, proven=True, why="is made, and every check holds on this tree")


def _names(words: str, item: Item) -> bool:
    if item.name and item.name in words:
        return True
    numbered = re.match(rf"(?:\**change\**\s*)?#?{item.number}\b[.):]?", words, re.IGNORECASE)
    return item.kind == "change" and numbered is not None
