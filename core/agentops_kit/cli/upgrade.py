"""``agentops upgrade``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.changes import actions, head
from agentops_kit.cli.prepared import Prepared, Wanted, perform, prepare
from agentops_kit.errors import EvidenceMissing, InputInvalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agentops_kit.install.actions import Action, InstallPlan
    from agentops_kit.install.threeway import Choice
    from agentops_kit.memory.git import Repo

_RESOLVING = "--mark writes both with conflict markers, --keep stays with yours, --take takes ours"


@click.command(epilog="Example: agentops upgrade --check")
@click.option("--check", is_flag=True, help="Only tell what would change and why; exit 8 if anything would.")
@click.option("--dry-run", is_flag=True, help="Print exactly what would be done and write nothing.")
@click.option("--keep", multiple=True, metavar="PATH", help="Keep your text of a file in conflict; repeatable.")
@click.option("--take", multiple=True, metavar="PATH", help="Take our text of a file you edited; repeatable.")
@click.option("--mark", multiple=True, metavar="PATH", help="Write both texts with conflict markers; repeatable.")
@options.as_json
@options.workspace
def command(
    *,
    check: bool,
    dry_run: bool,
    keep: tuple[str, ...],
    take: tuple[str, ...],
    mark: tuple[str, ...],
    as_json: bool,
    workspace: Path,
) -> None:
    """Bring what is installed to this version.

    What you edited is merged with what is new; where both changed the same lines, yours stays and
    the command that settles it is named. A text of yours that changes is kept as a backup.
    """
    from agentops_kit.memory.git import Repo

    repo = Repo.open(workspace)
    choices = _choices(repo, {"keep": keep, "take": take, "mark": mark})
    if check:
        _check(repo, choices, as_json=as_json)
    else:
        bring(repo, Wanted(), choices, dry_run=dry_run, as_json=as_json)


def bring(repo: Repo, wanted: Wanted, choices: Mapping[str, Choice], *, dry_run: bool, as_json: bool) -> None:
    """Upgrade a workspace and say what was done; ``InputInvalid`` where nothing is installed."""
    before = _version(repo)
    prepared = prepare(repo, wanted, choices)
    if not dry_run:
        perform(repo, prepared.plan)
    if as_json:
        show.as_json({**prepared.as_json(dry_run=dry_run), **_versions(before)})
    else:
        _print(prepared, before, dry_run=dry_run)
    if dry_run:
        prepared.plan.require_allowed()


def _check(repo: Repo, choices: Mapping[str, Choice], *, as_json: bool) -> None:
    before = _version(repo)
    plan = prepare(repo, Wanted(), choices).plan
    if as_json:
        show.as_json({**plan.as_json(), **_versions(before), "current": _is_current(plan)})
    else:
        _say_versions(before)
        for action in _files(plan):
            show.say(_line(action))
        _conflicts(plan)
    plan.require_allowed()
    if not _is_current(plan):
        files, open_ones = len(_files(plan)), len(plan.of("conflict"))
        message = f"An upgrade would change {files} files and leave {open_ones} for you to settle."
        raise EvidenceMissing(message, remedy="Run `agentops upgrade`.")
    if not as_json:
        show.say("Everything that is installed is of this version.")


def _choices(repo: Repo, said: Mapping[Choice, tuple[str, ...]]) -> dict[str, Choice]:
    """Return what to do with each path, named from the workspace or from the current folder."""
    found: dict[str, Choice] = {}
    for choice, paths in said.items():
        for path in paths:
            name = _inside(repo, path)
            if found.setdefault(name, choice) != choice:
                message = f"{path} is named with --{found[name]} and with --{choice}."
                raise InputInvalid(message, remedy="Choose one of the two.")
    return found


def _inside(repo: Repo, path: str) -> str:
    here = Path(path).absolute()
    if not (repo.root / path).exists() and here.exists() and here.resolve().is_relative_to(repo.root):
        return here.resolve().relative_to(repo.root).as_posix()
    return Path(path).as_posix()


def _version(repo: Repo) -> str:
    from agentops_kit.install import service

    installed = service.installed(repo)
    if installed is None:
        message = f"There is nothing to upgrade in {repo.root}."
        raise InputInvalid(message, remedy="Install first: agentops install --profile NAME")
    return installed.tool


def _versions(before: str) -> dict[str, str]:
    from agentops_kit import __version__

    return {"from": before, "to": __version__}


def _say_versions(before: str) -> None:
    now = _versions(before)["to"]
    show.say(f"version   {now}" if now == before else f"version   {before} → {now}")


def _files(plan: InstallPlan) -> list[Action]:
    """Return what changes in files; folders and backups come along with them."""
    return [one for one in plan.changes if one.kind not in {"make-folder", "remove-folder", "backup"}]


def _is_current(plan: InstallPlan) -> bool:
    return not plan.changes and not plan.of("conflict")


def _line(action: Action) -> str:
    from agentops_kit.install.upgrade import lines

    more, less = lines(action)
    return f"{head(action)}  ({action.reason}; +{more} -{less} lines)"


def _print(prepared: Prepared, before: str, *, dry_run: bool) -> None:
    plan = prepared.plan
    _say_versions(before)
    actions(plan, whole=True)
    _conflicts(plan, whole=False)
    verb = "would write" if dry_run else "wrote"
    show.say(f"files     {verb} {sum(one.after.kind == 'file' for one in _files(plan))}")
    if _is_current(plan):
        show.say("Everything that is installed is of this version.")


def _conflicts(plan: InstallPlan, *, whole: bool = True) -> None:
    for action in plan.of("conflict") if whole else ():
        show.say(f"{head(action)}  ({action.reason})")
        if action.remedy:
            show.say(f"  resolve {action.remedy}")
    if any(action.remedy for action in plan.of("conflict")):
        show.say(f"          {_RESOLVING}")
