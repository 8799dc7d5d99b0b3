"""``agentops check``: what the git hooks call."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.errors import EvidenceMissing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from agentops_kit.constitution.finding import Finding

_SHOWN = 20
_ELSEWHERE = {"commit-message": "check_file", "prepare-commit-message": "prepare_file"}
_CONTENT = click.Choice(["secrets", "bundle", "prompt-budget"])


class Checks(click.Group):
    """A group whose checks of a commit message live in a module of their own, loaded when called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the checks in the order git's hooks run."""
        return [*super().list_commands(ctx), *_ELSEWHERE]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a check's command."""
        if cmd_name in _ELSEWHERE:
            module = importlib.import_module("agentops_kit.cli.commit_message")
            command: click.Command = getattr(module, _ELSEWHERE[cmd_name])
            return command
        return super().get_command(ctx, cmd_name)


@click.group(cls=Checks, epilog="Example: agentops check staged")
def command() -> None:
    """Check what is staged, a commit message, files, or what a push would bring; git hooks call these."""


@command.command(epilog="Example: agentops check staged")
@options.as_json
@options.workspace
def staged(*, as_json: bool, workspace: Path) -> None:
    """Check what is staged; exit 8 when a strict law is broken. Changes nothing."""
    from agentops_kit.constitution import staged as changes

    repo = options.repo(workspace)
    rows = changes.staged(repo, changes.index_of(repo, os.environ.get("GIT_INDEX_FILE", "")))
    if not rows:
        _tell((), (), "commit", as_json=as_json)
        return
    from agentops_kit.constitution import commit
    from agentops_kit.constitution.inforce import here
    from agentops_kit.content import config

    verdict = commit.check(repo, rows, config.load(repo.root), here(repo.root, os.environ))
    _tell(verdict.refused, verdict.shown, "commit", as_json=as_json)


@command.command(epilog="Example: agentops check files --only secrets src/settings.py")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--only", multiple=True, type=_CONTENT, help="The check to run; repeatable (default: all three).")
@options.as_json
@options.workspace
def files(*, paths: tuple[Path, ...], only: tuple[str, ...], as_json: bool, workspace: Path) -> None:
    """Check what tracked files hold: staged ones by what the commit brings, others whole. Changes nothing."""
    from agentops_kit.constitution import commit
    from agentops_kit.constitution.inforce import here
    from agentops_kit.content import config

    repo = options.repo(workspace)
    named = [Path(os.path.relpath(os.path.abspath(path), repo.root)).as_posix() for path in paths]  # noqa: PTH100 - a link is a file of its own
    law = here(repo.root, os.environ)
    verdict = commit.check_files(repo, config.load(repo.root), law, named, frozenset(only) or commit.CONTENT)
    _tell(verdict.refused, verdict.shown, "content", as_json=as_json)


@command.command(epilog="Example: git push runs this with what it is about to send on standard input")
@click.argument("remote", required=False, default="", envvar="PRE_COMMIT_REMOTE_NAME")
@click.argument("url", required=False, default="")
@options.as_json
@options.workspace
def push(*, remote: str, url: str, as_json: bool, workspace: Path) -> None:
    """Check the runs that a push would bring: approved, and proven if they are done. Changes nothing.

    REMOTE and URL are what git gives a pre-push hook, the refs come on standard input.
    """
    del url
    from agentops_kit.constitution import ranges, verify

    repo = options.repo(workspace)
    refused: list[Finding] = []
    shown: list[Finding] = []
    for wanted, branch in ranges.pushed(repo, _refs(), remote):
        for told in verify.verify(repo, wanted, branch=branch, only=verify.RUNS).found:
            (refused if told.refused else shown).append(told.finding)
    _tell(tuple(dict.fromkeys(refused)), tuple(dict.fromkeys(shown)), "push", as_json=as_json)


def _refs() -> list[str]:
    """Return the lines git gives a pre-push hook; pre-commit takes them away and says the same in variables."""
    said = {name: os.environ.get(f"PRE_COMMIT_{name}", "") for name in ("FROM_REF", "TO_REF", "LOCAL_BRANCH")}
    if said["TO_REF"] or said["LOCAL_BRANCH"]:
        branch = said["LOCAL_BRANCH"] or "HEAD"
        return [f"{branch} {said['TO_REF'] or branch} {branch} {said['FROM_REF'] or '0'}"]
    return [] if sys.stdin is None or sys.stdin.isatty() else sys.stdin.read().splitlines()


def _tell(refused: Sequence[Finding], shown: Sequence[Finding], what: str, *, as_json: bool) -> None:
    if as_json:
        show.as_json({"refused": [one._asdict() for one in refused], "shown": [one._asdict() for one in shown]})
    else:
        _list(shown, click.style("advice", fg="yellow"))
        _list(refused, click.style("refused", fg="red"))
    if refused:
        places = len({(one.path, one.line) for one in refused})
        message = f"The {what} breaks what this workspace asks for, in {places} place{'s' if places > 1 else ''}."
        remedy = "Mend it, or set the law's severity in .agentops/config.yaml; `agentops constitution` says which."
        raise EvidenceMissing(message, remedy=remedy)


def _list(findings: Iterable[Finding], mark: str) -> None:
    for number, one in enumerate(findings):
        if number == _SHOWN:
            show.note(f"{mark} … and more; see --json.")
            break
        show.note(f"{mark} {one}")
