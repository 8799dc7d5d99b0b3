"""``agentops constitution``."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from agentops_kit.cli import options, show
from agentops_kit.errors import EvidenceMissing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from agentops_kit.constitution.checks import Check
    from agentops_kit.constitution.inforce import InForce, Ruled
    from agentops_kit.memory.git import Repo

_COMMITS = 500
_OFTEN = 5
"""A type used this often in the last commits is meant, not mistyped."""


@click.group(epilog="Example: agentops constitution show")
def command() -> None:
    """Show the laws in force here, how hard each bites and who decided that, and check the settings."""


@command.command("show", epilog="Example: agentops constitution show --json")
@click.option("--markdown", is_flag=True, help="Print the shipped constitution as CONSTITUTION.md holds it.")
@options.as_json
@options.workspace
def show_(*, markdown: bool, as_json: bool, workspace: Path) -> None:
    """Show each law in force, its severity, where that comes from, and the checks that enforce it."""
    from agentops_kit.constitution.laws import shipped
    from agentops_kit.constitution.text import markdown as page

    if markdown:
        click.echo(page(shipped()), nl=False)
        return
    law = _in_force(options.repo(workspace))
    if as_json:
        show.as_json(_facts(law))
        return
    rows = [(one.law.id, one.law.title, _severity(one), _source(one), ", ".join(one.law.checks)) for one in law.ruled]
    show.table(("id", "law", "severity", "decided by", "checks"), rows)
    show.say(f"constitution {law.version}, laws: {law.law_set}")
    show.say(f"commit types: {', '.join(law.grammar.types)}")
    show.say(f"with sections: {', '.join(sorted(law.grammar.sections)) or 'none'}")


@command.command(epilog="Example: agentops constitution check")
@options.as_json
@options.workspace
def check(*, as_json: bool, workspace: Path) -> None:
    """Check the settings against this repository, and its latest commits against the grammar; exit 6 or 8."""
    repo = options.repo(workspace)
    law = _in_force(repo)
    problems = list(_problems(law, repo))
    history = _history(law, repo)
    if as_json:
        show.as_json({"problems": problems, "history": history})
    else:
        _say_history(history)
        for sentence in problems:
            show.say(f"  - {sentence}")
    if problems:
        message = f"{len(problems)} setting{'s' if len(problems) > 1 else ''} of the constitution do nothing here."
        raise EvidenceMissing(message, remedy="Mend or remove them in .agentops/config.yaml or the profile.")


def _in_force(repo: Repo) -> InForce:
    from agentops_kit.constitution.inforce import here

    return here(repo.root, os.environ)


def _problems(law: InForce, repo: Repo) -> Iterator[str]:
    """Yield settings that cannot have an effect: sections for unknown types, globs that name no file."""
    from agentops_kit.constitution.paths import matches

    for kind in sorted(law.grammar.sections - set(law.grammar.types)):
        yield f"Sections are asked of `{kind}` commits, a type that `constitution.types` does not name."
    paths = [entry.path for entry in repo.entries()] if repo.head() else []
    globs = [("protected", one) for one in law.protected] + [("generated", one.files) for one in law.generated]
    for key, glob in globs:
        if paths and not any(matches(path, glob) for path in paths):
            yield f"`{glob}` under `constitution.{key}` names no file of HEAD."


def _history(law: InForce, repo: Repo) -> dict[str, Any]:
    """Count how the latest commits fare, and which unknown types they use again and again."""
    from agentops_kit.constitution.message import check as find
    from agentops_kit.constitution.parse import parse

    commits = repo.log(limit=_COMMITS) if repo.head() else []
    sound, unknown = 0, Counter[str]()
    for commit in commits:
        found = find(f"{commit.subject}\n\n{commit.body}", law.grammar, first=not commit.parents)
        sound += not any(one.level == "error" for one in found)
        kind = parse(commit.subject).type
        unknown.update([kind] if kind and kind.islower() and kind not in law.grammar.types else [])
    often = {kind: count for kind, count in unknown.most_common() if count >= _OFTEN}
    return {"commits": len(commits), "sound": sound, "unknown_types": often}


def _say_history(history: dict[str, Any]) -> None:
    if history["commits"]:
        show.say(f"{history['sound']} of the last {history['commits']} commits fit the grammar.")
    if history["unknown_types"]:
        used = ", ".join(f"{kind} ({count})" for kind, count in history["unknown_types"].items())
        show.say(f"Types used here that are not known: {used}. Name those that are meant under `constitution.types`.")


def _facts(law: InForce) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "version": law.version,
        "laws": law.law_set,
        "in_force": [
            {
                **{key: getattr(one.law, key) for key in ("id", "title", "text", "why", "left_to_people")},
                "severity": one.ruling.severity if one.ruling else None,
                "decided_by": _source(one),
                "checks": [_check(check) for check in one.law.facts],
            }
            for one in law.ruled
        ],
        "types": law.grammar.types,
        "sections": sorted(law.grammar.sections),
        "protected": law.protected,
        "generated": [asdict(one) for one in law.generated],
    }


def _check(check: Check) -> dict[str, str]:
    return {key: getattr(check, key) for key in ("id", "scope", "does", "power")}


def _severity(one: Ruled) -> str:
    return one.ruling.severity if one.ruling else "–"


def _source(one: Ruled) -> str:
    if one.ruling:
        return one.ruling.source
    powers = {check.power for check in one.law.facts}
    return "enforcement" if "enforcement" in powers else "always"
