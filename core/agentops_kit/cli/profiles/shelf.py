"""What the verbs of ``agentops profile`` share: the library of a folder, and how a change is shown and agreed to."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from agentops_kit.cli import options, show
from agentops_kit.errors import GateClosed

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from agentops_kit.content.library import Library
    from agentops_kit.content.profiles import Resolved
    from agentops_kit.install.actions import InstallPlan
    from agentops_kit.packages.candidate import Candidate

_SIGNS = {"create": "+", "remove-own": "-", "refuse": "!"}


def library(workspace: Path) -> Library:
    """Return the profiles that can be seen from a folder, which need not be a repository."""
    from agentops_kit.content.library import Library, shipped
    from agentops_kit.errors import WorkspaceUnusable
    from agentops_kit.memory.git import Repo

    try:
        return Library(shipped(), Repo.open(workspace).root)
    except WorkspaceUnusable:
        return Library(shipped())


def warn(sentences: Iterable[str]) -> None:
    """Say on standard error which profiles are not what was added."""
    for sentence in sentences:
        show.note(f"warning   {sentence}")


def rows(resolved: Resolved) -> list[tuple[str, str, str, str]]:
    """Return kind, name, profile and description of everything profiles bring."""
    return [
        *(("command", one.name, one.owner, one.spec.description) for one in resolved.commands),
        *(("persona", one.name, one.owner, one.spec.description) for one in resolved.personas),
        *(("skill", one.name, one.owner, one.spec.description) for one in resolved.skills),
        *(("workflow", one.name, one.owner, one.spec.description) for one in resolved.workflows),
        *(("check", one.name, one.owner, one.spec.description) for one in resolved.checks),
    ]


def told(found: Candidate) -> None:
    """Print what a package is, what it may do and what of it is left out."""
    show.say(f"profile   {found.name} {clean(found.version)}: {clean(found.description)}")
    for one in found.powers:
        show.say(f"  {one.kind:<18} {clean(one.piece)}: {clean(one.what)}")
    for path in found.left_out:
        show.say(f"  left out           {clean(path)}: no part of a profile")
    for sentence in found.refusals:
        show.say(f"  refused            {clean(sentence)}")


def clean(text: str) -> str:
    """Return a stranger's text on one line without letters that move the cursor or hide others."""
    return printable(" ".join(text.split()))


def printable(line: str) -> str:
    """Return a stranger's line with what cannot be printed made visible."""
    return "".join(letter if letter.isprintable() or letter == "\t" else "\N{REPLACEMENT CHARACTER}" for letter in line)


def plan(prepared: InstallPlan) -> None:
    """Print the files that a plan changes."""
    for one in prepared.actions:
        if (one.changes or one.kind == "refuse") and one.kind not in {"make-folder", "remove-folder"}:
            show.say(f"{_SIGNS.get(one.kind, '~')} {one.path}  ({one.reason})")


def powers_as_json(found: Candidate) -> dict[str, Any]:
    """Return what a package is and may do as plain values."""
    return {
        "name": found.name,
        "version": found.version,
        "description": found.description,
        "may": [one._asdict() for one in found.powers],
        "left_out": list(found.left_out),
        "refused": list(found.refusals),
        "files": len(found.files),
    }


def agree(question: str, *, yes: bool) -> None:
    """Ask the person; ``GateClosed`` where nobody can be asked, or a model answers with ``--yes``."""
    why = options.why_no_person(os.environ)
    if why:
        message = f"Taking in somebody else's profile is a person's decision, and {why}."
        raise GateClosed(message, remedy="Ask the person to run the same command in a terminal.")
    if yes:
        return
    if not options.interactive():
        message = "There is no terminal to ask a person on."
        raise GateClosed(message, remedy="Look at it with --dry-run, then add --yes.")
    sys.stdout.flush()
    click.confirm(question, abort=True)


def said(names: Iterable[str]) -> str:
    """Return names as one text for people."""
    return ", ".join(names) or "none"
