"""``agentops install``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.changes import actions
from agentops_kit.cli.prepared import Prepared, Wanted, perform, prepare
from agentops_kit.errors import EvidenceMissing

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.install.actions import InstallPlan
    from agentops_kit.memory.git import Repo


@click.command(epilog="Example: agentops install --profile devops --dry-run")
@click.option("--profile", "profiles", multiple=True, metavar="NAME", help="A profile to install; repeatable.")
@click.option("--all", "every", is_flag=True, help="Install every profile there is.")
@click.option(
    "--assistant",
    "assistants",
    multiple=True,
    metavar="NAME",
    help="An assistant to install for: claude, codex, gemini, opencode, qwen, copilot or others; repeatable.",
)
@click.option(
    "--git-hooks",
    type=click.Choice(["auto", "pre-commit", "plain", "none"]),
    help="Who calls the checks of a commit (default: `git_hooks` of the configuration, which is auto).",
)
@click.option("--dry-run", is_flag=True, help="Print exactly what would be done and write nothing.")
@click.option("--upgrade", is_flag=True, help="Do what `agentops upgrade` does.")
@click.option("--validate-only", is_flag=True, help="Only say whether what is installed is whole; exit 8 if not.")
@options.as_json
@options.workspace
def command(
    *,
    profiles: tuple[str, ...],
    every: bool,
    assistants: tuple[str, ...],
    git_hooks: str | None,
    dry_run: bool,
    upgrade: bool,
    validate_only: bool,
    as_json: bool,
    workspace: Path,
) -> None:
    """Install profiles into this workspace; nothing that is not ours is overwritten."""
    from agentops_kit.memory.git import Repo

    repo = Repo.open(workspace)
    if validate_only:
        _validate(repo, as_json=as_json)
        return
    wanted = Wanted(profiles, assistants, every, git_hooks)
    if upgrade:
        from agentops_kit.cli.upgrade import bring

        bring(repo, wanted, {}, dry_run=dry_run, as_json=as_json)
        return
    prepared = prepare(repo, wanted)
    if not dry_run:
        perform(repo, prepared.plan)
    if as_json:
        show.as_json(prepared.as_json(dry_run=dry_run))
    else:
        _print(prepared, dry_run=dry_run)
    if dry_run:
        prepared.plan.require_allowed()


def _validate(repo: Repo, *, as_json: bool) -> None:
    from agentops_kit.install.validate import validate

    findings = validate(repo)
    if as_json:
        show.as_json([one._asdict() for one in findings])
    else:
        for one in findings:
            show.say(f"{one.problem} {one.remedy}")
        if not findings:
            show.say("Everything that was installed is there and unchanged.")
    bad = [one for one in findings if not one.edited]
    if bad:
        raise EvidenceMissing(bad[0].problem, remedy=bad[0].remedy)


def _print(prepared: Prepared, *, dry_run: bool) -> None:
    from agentops_kit.assistants import base

    plan = prepared.plan
    actions(plan, whole=dry_run)
    verb = "would write" if dry_run else "wrote"
    show.say(f"profiles  {', '.join(prepared.names)}")
    show.say(f"files     {verb} {sum(one.after.kind == 'file' for one in plan.changes)}, {_kept(plan)} unchanged")
    for name, paid in prepared.costs().items():
        figures = f"{paid['always_loaded']} always loaded, {paid['main_path']:,} on the whole main path (o200k_base)"
        show.say(f"tokens    {base.load(name).TITLE}: {figures}")
    if dry_run:
        show.say("next      the same command without --dry-run")
    else:
        first = base.load(prepared.assistants[0])
        typed = first.DIALECT.typed("research")
        show.say(f"next      commit what was written, start {first.TITLE} here, type {typed} and your question")


def _kept(plan: InstallPlan) -> int:
    return sum(not one.changes for one in plan.actions)
