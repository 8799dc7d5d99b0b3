"""``agentops install``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.errors import EvidenceMissing

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.install.actions import Action, InstallPlan
    from agentops_kit.memory.git import Repo
    from agentops_kit.ports import RenderedFile

_TOLD = {"conflict", "refuse"}
_FOLDERS = {"make-folder", "remove-folder"}
_SYMBOLS = {"conflict": "=", "keep-unchanged": "=", "refuse": "!", "remove-own": "-", "remove-folder": "-"}


@click.command(epilog="Example: agentops install --profile devops --dry-run")
@click.option("--profile", "profiles", multiple=True, metavar="NAME", help="A profile to install; repeatable.")
@click.option("--all", "every", is_flag=True, help="Install every profile there is.")
@click.option(
    "--assistant", "assistants", multiple=True, metavar="NAME", help="An assistant to install for; repeatable."
)
@click.option(
    "--git-hooks",
    type=click.Choice(["auto", "pre-commit", "plain", "none"]),
    help="Who calls the checks of a commit (default: `git_hooks` of the configuration, which is auto).",
)
@click.option("--dry-run", is_flag=True, help="Print exactly what would be done and write nothing.")
@click.option("--upgrade", is_flag=True, help="Bring what is installed to this version; files you edited stay yours.")
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
    from agentops_kit.install import service
    from agentops_kit.memory.git import Repo

    repo = Repo.open(workspace)
    if validate_only:
        _validate(repo, as_json=as_json)
        return
    _require_installed(repo, upgrade=upgrade)
    rendered, names = _content(repo, profiles, every=every)
    chosen = tuple(dict.fromkeys(assistants)) or _assistants(repo)
    plan = service.prepare(repo, service.desired(rendered, names, chosen), git_hooks=git_hooks or _git_hooks(repo))
    if not dry_run:
        plan.require_allowed()
        service.execute(repo, plan)
        _activate(repo)
    if as_json:
        show.as_json({**plan.as_json(), "dry_run": dry_run, "profiles": names, "tokens": _costs(rendered)})
    else:
        _print(plan, rendered, names, dry_run=dry_run)
    if dry_run:
        plan.require_allowed()


def _content(repo: Repo, profiles: tuple[str, ...], *, every: bool) -> tuple[tuple[RenderedFile, ...], tuple[str, ...]]:
    from agentops_kit.content import config
    from agentops_kit.content.library import Library, shipped
    from agentops_kit.content.profiles import active_profiles, resolve, user_config_path
    from agentops_kit.content.render import render

    library = Library(shipped(), repo.root)
    user = user_config_path(os.environ)
    of_user = config.parse(user.read_text(encoding="utf-8", errors="replace"), str(user)) if user.is_file() else None
    named = library.names() if every else profiles
    names = active_profiles(named, os.environ, config.load(repo.root), of_user)
    return render(resolve(names, library)), names


def _assistants(repo: Repo) -> tuple[str, ...]:
    from agentops_kit.content import config

    return config.load(repo.root).assistants or ("claude",)


def _git_hooks(repo: Repo) -> str:
    from agentops_kit.content import config

    return config.load(repo.root).git_hooks


def _require_installed(repo: Repo, *, upgrade: bool) -> None:
    from agentops_kit.errors import InputInvalid
    from agentops_kit.install import service

    if upgrade and service.installed(repo) is None:
        message = f"There is nothing to upgrade in {repo.root}."
        raise InputInvalid(message, remedy="Install first: agentops install --profile NAME")


def _activate(repo: Repo) -> None:
    """Let the hooks know what the configuration says about runs."""
    from agentops_kit.phases import store
    from agentops_kit.phases.lifecycle import Desk

    desk = Desk.open(repo.root)
    store.activate(desk.repo, desk.config, store.active(desk.repo))


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


def _costs(rendered: tuple[RenderedFile, ...]) -> dict[str, int]:
    from agentops_kit.content.weigh import always_loaded, main_path

    return {"always_loaded": always_loaded(rendered), "main_path": main_path(rendered)}


def _print(plan: InstallPlan, rendered: tuple[RenderedFile, ...], names: tuple[str, ...], *, dry_run: bool) -> None:
    actions(plan, whole=dry_run)
    costs = _costs(rendered)
    verb = "would write" if dry_run else "wrote"
    show.say(f"profiles  {', '.join(names)}")
    show.say(f"files     {verb} {sum(one.after.kind == 'file' for one in plan.changes)}, {_kept(plan)} unchanged")
    show.say(
        f"tokens    {costs['always_loaded']} always loaded, {costs['main_path']:,} on the whole main path (o200k_base)"
    )
    if dry_run:
        show.say("next      the same command without --dry-run")
    else:
        show.say("next      commit .agentops/ and .claude/, start Claude Code here, type /research and your question")


def actions(plan: InstallPlan, *, whole: bool) -> None:
    """Print what a plan changes, what it keeps although it differs, and its notes; ``whole`` names every file."""
    from itertools import groupby

    shown = [one for one in plan.actions if (one.changes or one.kind in _TOLD) and one.kind not in _FOLDERS]
    for place, group in groupby(shown, key=lambda one: (one.kind, one.base, _folder(one.path))):
        same = list(group)
        if whole or len(same) == 1 or place[0] not in {"create", "remove-own", "replace-own"}:
            for one in same:
                show.say(f"{_mark(one)}  ({one.reason})")
        else:
            show.say(
                f"{_mark(same[0]).removesuffix(same[0].path)}{place[2]}  {', '.join(_leaf(one.path) for one in same)}"
            )
    for sentence in plan.notes:
        show.say(f"note      {sentence}")


def _mark(action: Action) -> str:
    return f"{_SYMBOLS.get(action.kind, '+')} {'.git/' if action.base == 'git' else ''}{action.path}"


def _folder(path: str) -> str:
    parts = path.split("/")
    return "/".join(parts[:2]) + "/" if len(parts) > 2 else path  # noqa: PLR2004 - .claude/commands/ and the like


def _leaf(path: str) -> str:
    return path.split("/", 2)[2].removesuffix("/SKILL.md").removesuffix(".md")


def _kept(plan: InstallPlan) -> int:
    return sum(not one.changes for one in plan.actions)
