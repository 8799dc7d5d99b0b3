"""What a package from elsewhere may not do: weaken what is enforced, or reach what guards it. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agentops_kit.constitution.severity import SEVERITIES
from agentops_kit.packages import grants, rights, steps

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from agentops_kit.constitution.severity import Severity
    from agentops_kit.content.library import Item, Loaded
    from agentops_kit.content.schema import WorkflowRef
    from agentops_kit.packages.tree import Tree
    from agentops_kit.ports import RenderedFile


def weakens(
    loaded: Loaded,
    parents: tuple[Loaded, ...],
    files: Tree,
    rendered: tuple[RenderedFile, ...],
    shipped: Mapping[str, Severity],
) -> tuple[str, ...]:
    """Return a sentence for each thing in a profile that would weaken what is enforced; empty when nothing does.

    ``parents`` are the profiles it extends, ``files`` its own, ``rendered`` those it comes to for an assistant,
    ``shipped`` each law's severity.
    """
    return (
        *_milder(loaded, shipped),
        *_hidden_changes(loaded, parents),
        *_open_gates(loaded, parents),
        *_steps(loaded, files),
        *_inserts(loaded, rendered),
        *_grants(loaded),
        *_checks(loaded),
    )


def _milder(loaded: Loaded, shipped: Mapping[str, Severity]) -> Iterator[str]:
    for law, said in sorted(loaded.profile.constitution.severity.items()):
        default = shipped.get(law)
        if default is None:
            yield f"{loaded.where}: `constitution.severity` names {law!r}, which has no severity to set."
        elif SEVERITIES.index(said) < SEVERITIES.index(default):
            yield f"{loaded.where}: `constitution.severity.{law}` is {said}, milder than the shipped {default}."


def _hidden_changes(loaded: Loaded, parents: tuple[Loaded, ...]) -> Iterator[str]:
    """Yield partials that would stand for a parent's: they change its texts without `overrides` and a reason."""
    theirs = {name: parent.name for parent in parents for name, _ in parent.partials}
    for name, _ in loaded.partials:
        if name in theirs:
            yield f"{loaded.where}: the partial {name!r} would change the texts of {theirs[name]!r} unseen."


def _open_gates(loaded: Loaded, parents: tuple[Loaded, ...]) -> Iterator[str]:
    before = {item.name: item for parent in parents for item in parent.workflows}
    for item in loaded.workflows:
        if item.name in before:
            for phase in _guarded(before[item.name]) - _guarded(item):
                yield f"{item.where}: the workflow {item.name!r} opens the gate of {phase!r}, which a person decides."


def _steps(loaded: Loaded, files: Tree) -> Iterator[str]:
    """Yield gates that open by themselves, and programs that ask to run outside every sandbox."""
    for one in steps.found(files):
        if isinstance(one, steps.Lapse):
            yield f"{loaded.where}: {one.where} is approved when nobody answers in time."
        elif "tier: process" in one.reach:
            yield f"{loaded.where}: {one.where} asks to run its {one.kind} outside every sandbox."


def _guarded(item: Item[WorkflowRef]) -> set[str]:
    return {phase.name for phase in item.spec.phases if phase.gate == "person"}


def _inserts(loaded: Loaded, rendered: tuple[RenderedFile, ...]) -> Iterator[str]:
    """Yield inserts that do more than read: they run before any hook is asked."""
    from agentops_kit.phases.shell.classify import classify, mentions_approval

    for piece, line in rights.inserts(loaded, rendered):
        verdict = classify(line, cwd="/")
        harmless = verdict.effect == "read" and set(verdict.agentops) <= {"status", "prime", "recall"}
        if not harmless or mentions_approval(line):
            yield f"{loaded.where}: {piece} runs `{line[:80]}` when it is loaded, which does more than read."


def _grants(loaded: Loaded) -> Iterator[str]:
    for item in loaded.commands:
        for tool in item.spec.tools:
            why = grants.too_wide(tool)
            if why:
                yield f"{item.where}: /{item.name} asks for {tool}, which {why}."


def _checks(loaded: Loaded) -> Iterator[str]:
    from agentops_kit.phases.shell.classify import mentions_approval

    for item in loaded.checks:
        if mentions_approval(item.spec.command):
            yield f"{item.where}: the check {item.name!r} takes a decision that is a person's."
        elif cannot_fail(item.spec.command):
            yield f"{item.where}: the check {item.name!r} cannot fail, so it proves nothing."


_STOPS = re.compile(r"set -\w*e")
"""A script that ends at the first command that fails; said later, it says nothing of what stood before."""


def cannot_fail(command: str) -> bool:
    """Say whether a shell line ends in success whatever happens before."""
    lines = (re.sub(r"(^|\s)#.*", "", line) for line in command.splitlines())
    words = ";".join(lines).strip().rstrip(";").strip()
    last = words.rsplit("||", 1)[-1].rsplit(";", 1)[-1].strip() if words else ""
    if _STOPS.match(words):
        return False
    always = last in {"true", ":", "exit 0", "exit"} or last.split(" ", 1)[0] in {"echo", "printf"}
    return always and "&&" not in last
