"""``agentops profile``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.errors import ContentInvalid, EvidenceMissing

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.content.library import Library
    from agentops_kit.content.profiles import Resolved


@click.group(epilog="Example: agentops profile show devops")
def command() -> None:
    """List, show, validate and use profiles."""


def _library(workspace: Path) -> Library:
    from agentops_kit.content.library import Library, shipped
    from agentops_kit.errors import WorkspaceUnusable
    from agentops_kit.memory.git import Repo

    try:
        return Library(shipped(), Repo.open(workspace).root)
    except WorkspaceUnusable:
        return Library(shipped())


@command.command("list", epilog="Example: agentops profile list --json")
@options.as_json
@options.workspace
def list_(*, as_json: bool, workspace: Path) -> None:
    """List the profiles that can be installed here."""
    library = _library(workspace)
    rows = []
    for name in library.names():
        loaded = library.load(name)
        rows.append((name, library.origin(name), loaded.profile.metadata.version, loaded.profile.metadata.description))
    if as_json:
        show.as_json([dict(zip(("name", "origin", "version", "description"), row, strict=True)) for row in rows])
    else:
        show.table(("profile", "from", "version", "description"), rows)


@command.command("show", epilog="Example: agentops profile show devops --json")
@click.argument("names", nargs=-1, required=True)
@options.as_json
@options.workspace
def show_(*, names: tuple[str, ...], as_json: bool, workspace: Path) -> None:
    """Show what profiles bring once everything they extend is merged, and what it costs in tokens."""
    from agentops_kit.content.profiles import resolve
    from agentops_kit.content.render import render
    from agentops_kit.content.weigh import always_loaded, main_path

    resolved = resolve(names, _library(workspace))
    rendered = render(resolved)
    costs = {"always_loaded": always_loaded(rendered), "main_path": main_path(rendered)}
    rows = contents(resolved)
    if as_json:
        brought = [dict(zip(("kind", "name", "from", "description"), row, strict=True)) for row in rows]
        show.as_json({"profiles": names, "lineage": resolved.lineage, "tokens": costs, "contents": brought})
        return
    show.table(("kind", "name", "from", "description"), rows)
    show.say(f"always loaded {costs['always_loaded']} tokens, main path {costs['main_path']:,} tokens (o200k_base)")


def contents(resolved: Resolved) -> list[tuple[str, str, str, str]]:
    """Return kind, name, profile and description of everything profiles bring."""
    return [
        *(("command", one.name, one.owner, one.spec.description) for one in resolved.commands),
        *(("persona", one.name, one.owner, one.spec.description) for one in resolved.personas),
        *(("skill", one.name, one.owner, one.spec.description) for one in resolved.skills),
        *(("workflow", one.name, one.owner, one.spec.description) for one in resolved.workflows),
        *(("check", one.name, one.owner, one.spec.description) for one in resolved.checks),
    ]


@command.command(epilog="Example: agentops profile validate devops")
@click.argument("names", nargs=-1)
@options.as_json
@options.workspace
def validate(*, names: tuple[str, ...], as_json: bool, workspace: Path) -> None:
    """Load, merge, render and lint profiles (all of them by default); exit 6 or 8 when something is wrong."""
    from agentops_kit.content.lint import lint
    from agentops_kit.content.profiles import resolve
    from agentops_kit.content.render import render

    library = _library(workspace)
    findings: dict[str, list[str]] = {}
    for name in names or library.names():
        try:
            resolved = resolve((name,), library)
            render(resolved)
            findings[name] = [str(one) for one in lint(resolved)]
        except ContentInvalid as error:
            if names:
                raise
            findings[name] = [str(error)]
    if as_json:
        show.as_json(findings)
    else:
        for name, found in findings.items():
            show.say(f"{name:<14} {'sound' if not found else f'{len(found)} finding(s)'}")
            for sentence in found:
                show.say(f"  - {sentence}")
    if any(findings.values()):
        message = f"{sum(map(len, findings.values()))} findings in {sum(map(bool, findings.values()))} profiles."
        raise EvidenceMissing(message, remedy="Each finding names its file and its fix.")


@command.command(epilog="Example: agentops profile use devops product-dev")
@click.argument("names", nargs=-1, required=True)
@click.option("--dry-run", is_flag=True, help="Print what would change and write nothing.")
@options.as_json
@options.workspace
@click.pass_context
def use(ctx: click.Context, *, names: tuple[str, ...], dry_run: bool, as_json: bool, workspace: Path) -> None:
    """Make these the workspace's profiles: install what they bring, take away what no profile brings now."""
    from agentops_kit.cli.install import command as install

    ctx.invoke(install, profiles=names, dry_run=dry_run, as_json=as_json, workspace=workspace)
