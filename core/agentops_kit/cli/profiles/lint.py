"""``agentops profile lint``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.profiles import shelf
from agentops_kit.errors import ContentInvalid

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.content.library import Library
    from agentops_kit.packages.lint import Judged


@click.command(epilog="Example: agentops profile lint payments --strict")
@click.argument("names", nargs=-1)
@click.option("--assistant", "assistants", multiple=True, metavar="NAME", help="Also check its names; repeatable.")
@click.option("--strict", is_flag=True, help="Take warnings for errors.")
@options.as_json
@options.workspace
def command(
    *, names: tuple[str, ...], assistants: tuple[str, ...], strict: bool, as_json: bool, workspace: Path
) -> None:
    """Explain every weakness of profiles (those of this workspace by default), with its mend; exit 6 on errors.

    Looks at schema, names of tools and models, examples and triggers, token budgets, links, permissions, repeated
    paragraphs, secrets, scenarios, and whether anything would weaken what is enforced.
    """
    from agentops_kit.packages import lint

    library = shelf.library(workspace)
    chosen = tuple(dict.fromkeys(assistants)) or _configured(library)
    found = {name: lint.lint(library, name, chosen) for name in names or _own(library)}
    shelf.warn(library.warnings(found))
    if as_json:
        show.as_json({name: [_values(one) for one in judged] for name, judged in found.items()})
    else:
        _show(found)
    bad = [one for judged in found.values() for one in judged if strict or one.level == "error"]
    if bad:
        message = f"{len(bad)} finding{'s' if len(bad) > 1 else ''} to mend in {shelf.said(_having(found, bad))}."
        raise ContentInvalid(message, remedy="Each names its file, why it matters and its mend.")


def _own(library: Library) -> tuple[str, ...]:
    """Return the workspace's profiles; all there are where it has none."""
    return tuple(one for one in library.names() if library.origin(one) == "workspace") or library.names()


def _configured(library: Library) -> tuple[str, ...]:
    from agentops_kit.content import config

    chosen = config.load(library.workspace).assistants if library.workspace else ()
    return chosen or ("claude",)


def _having(found: dict[str, tuple[Judged, ...]], bad: list[Judged]) -> list[str]:
    return [name for name, judged in found.items() if set(judged) & set(bad)]


def _values(one: Judged) -> dict[str, object]:
    from agentops_kit.packages.reasons import WHY

    return {"level": one.level, **one.finding._asdict(), "why": WHY[one.finding.rule]}


def _show(found: dict[str, tuple[Judged, ...]]) -> None:
    from agentops_kit.packages.reasons import WHY

    for name, judged in found.items():
        errors = sum(one.level == "error" for one in judged)
        counts = f"{errors} error(s), {len(judged) - errors} warning(s)"
        show.say(f"{name:<14} {counts if judged else 'clean'}")
        for level, finding in judged:
            show.say(
                f"  {level:<7} {shelf.clean(f'{finding.where}:{finding.line}: {finding.rule}: {finding.message}')}"
            )
            show.say(f"          why: {WHY[finding.rule]}")
            show.say(f"          fix: {shelf.clean(finding.mend)}")
